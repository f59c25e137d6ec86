"""Files taken of what is shown: kept with the line at once, and part of the item's proof when somebody decides."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now
from referencing.base.errors import Conflict, invalid_field
from referencing.base.permissions import Actor, Right
from referencing.base.vault import Vault
from referencing.candidatures.filing.supplying import keep_version
from referencing.duo.sessions import queries
from referencing.duo.sessions.descriptions import line_values
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import Capture, Line, LiveSession
from referencing.duo.sessions.people import taking_part
from referencing.duo.sessions.phases import BEGUN, LINE, LineAction
from referencing.files.inspection.identifiers.tally import Finding as Identifier
from referencing.files.models import KeptFile, Scan
from referencing.files.operations import StoredFile, keep_contents, kept_files
from referencing.proofs.models import Proof
from referencing.proofs.queries import submitted


def may_capture(session: Session, actor: Actor, session_id: UUID, reference: str) -> Line:
    """The line that a capture is of. Raises what `capture` would, before files are sent for nothing."""
    live = queries.live_session(session, actor, session_id, Right.TAKE_PART)
    return _line_to_capture(session, actor, live, reference)


def _line_to_capture(session: Session, actor: Actor, live: LiveSession, reference: str) -> Line:
    taking_part(live, actor)
    if live.phase not in BEGUN:
        raise Conflict("Une capture s'ajoute pendant la séance : elle n'est pas ouverte, ou elle est finie.")
    line = queries.line(session, live.id, reference)
    if not LINE.allows(line.state, LineAction.CAPTURE):
        raise Conflict("Cette preuve n'est plus à l'ordre du jour : relisez la séance.")
    return line


def capture(
    session: Session,
    actor: Actor,
    vault: Vault,
    session_id: UUID,
    reference: str,
    files: Sequence[StoredFile],
    timecode: int | None,
) -> Line:
    """Keep files that were examined with the line; either side may take them. They count with the next verdict."""
    if not files:
        raise invalid_field("file", "Joignez au moins un fichier, dans un champ « file » du formulaire.")
    live = queries.locked(session, actor, session_id, Right.TAKE_PART)
    line = _line_to_capture(session, actor, live, reference)
    keep_contents(session, vault, files)
    last = max((one.position for one in line.captures), default=0)
    taken = kept_files(Capture, files)
    for file in taken:
        file.position += last
        file.line_id, file.taken_by, file.taken_at = line.id, actor.account_id, now(session)
        file.timecode = timecode
    session.add_all(taken)
    line.revision += 1
    session.flush()
    line = queries.line(session, live.id, reference)
    add_event(session, live, "item.captured", line_values(line))
    return line


def waiting(line: Line) -> list[Capture]:
    """Captures that are part of no version yet, without those in which malware was found."""
    return [one for one in line.captures if one.proof_id is None and one.scan is not Scan.MALWARE]


def attach(session: Session, actor: Actor, line: Line, also: Sequence[StoredFile] = ()) -> Proof | None:
    """The version of the item that a verdict is about: what was supplied, with the captures that wait, and `also`.

    None when there is nothing at all.
    """
    before = submitted(session, line.item_id)
    new = waiting(line)
    if not new and not also:
        return before
    files = [*(before.files if before else ()), *new]
    kept = [_stored(one) for one in files]
    performed_on = before.performed_on if before else None
    proof = keep_version(session, actor, line.item, [*kept, *also], performed_on, submitted=True)
    for file in new:
        file.proof_id = proof.id
    session.flush()
    return submitted(session, line.item_id)


def attach_waiting(session: Session, line: Line) -> None:
    """Attach the captures of what stays undecided: whoever decides finds them with the item."""
    new = waiting(line)
    if new:
        taker = session.get_one(Account, new[-1].taken_by)
        attach(session, Actor(taker.id, taker.name, taker.role, taker.organisation_id), line)


def _stored(file: KeptFile) -> StoredFile:
    return StoredFile(
        filename=file.filename,
        media_type=file.media_type,
        sha256=file.sha256,
        size=file.content.size,
        detected_type=file.detected_type,
        remarks=tuple(file.remarks),
        identifiers=file.identifiers,
        identifier_places=tuple(Identifier(**one) for one in file.identifier_places),
        examined=file.examined,
        scan_awaited=file.scan_awaited,
    )

"""What is found live: an item is shown, noted step by step, and decided. A verdict here is the same fact as any."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict, FieldError, Invalid, Stale
from referencing.base.french import counted
from referencing.base.permissions import Actor, Right
from referencing.base.vault import Vault
from referencing.base.workdays import instant
from referencing.candidatures.record.models import Candidature, Verdict
from referencing.candidatures.record.states import State
from referencing.candidatures.tasks.tracks import take_up
from referencing.candidatures.verdicts.instruction import ask_without_proof, find_on_proof
from referencing.candidatures.verdicts.rounds import Judgement
from referencing.candidatures.verdicts.undoing import revert
from referencing.catalogue.steps import steps_of
from referencing.duo.sessions import people, queries
from referencing.duo.sessions.descriptions import line_values
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import Line, LiveSession
from referencing.duo.sessions.phases import LINE, PENDING, PHASES, LineAction, LineState, Phase
from referencing.files.operations import StoredFile, keep_contents
from referencing.proofs.models import OUTCOMES, Finding
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.verdicts import NO_DETAILS, Details, judged

from . import captures
from .ending import drop_overtaken

#: The name of what is written where no file shows what was seen.
RECORD = "constat.json"
CORRECTED = "Corrigé en séance."
_RECORD_SIZE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Notes:
    """What is written of a line; None leaves what is there. Timecodes are in seconds since the opening."""

    note: str | None = None
    recording: str | None = None
    timecode: int | None = None
    steps: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class LiveVerdict:
    """A live verdict, and what is written with it."""

    outcome: Outcome
    comment: str = ""
    details: Details = NO_DETAILS
    notes: Notes = Notes()


def show(session: Session, actor: Actor, session_id: UUID, reference: str) -> Line:
    """Mark an item as shown from now on. The second time changes nothing."""
    live, _, line = _line_in_hand(session, actor, session_id, reference)
    if not LINE.allows(line.state, LineAction.SHOW):
        raise Conflict("Cette preuve est déjà décidée, ou n'est plus à l'ordre du jour : relisez la séance.")
    if line.state is LineState.PLANNED:
        _mark_shown(session, live, line)
        take_up(line.item)
        session.flush()
        add_event(session, live, "item.shown", line_values(line))
    return line


def write_notes(
    session: Session, actor: Actor, session_id: UUID, reference: str, revision: int, notes: Notes
) -> Line:
    """Note what is seen, step by step; no decision. Raises Stale when somebody wrote meanwhile."""
    live, _, line = _line_in_hand(session, actor, session_id, reference)
    _refuse_stale(line, revision)
    if not LINE.allows(line.state, LineAction.NOTE):
        raise Conflict("Cette preuve n'est plus à l'ordre du jour : relisez la séance.")
    _write_on(line, notes)
    line.revision += 1
    add_event(session, live, "item.noted", line_values(line))
    return line


def decide(
    session: Session,
    actor: Actor,
    vault: Vault,
    session_id: UUID,
    reference: str,
    revision: int,
    live_verdict: LiveVerdict,
) -> Line:
    """A verifier's live verdict; while the session is open, another one takes the place of the first.

    Raises Stale when somebody wrote meanwhile, Invalid where more is to be said or nothing shows what was seen,
    Forbidden for who declared a conflict of interest, Conflict outside an open session, or once somebody relied on
    the verdict that is to be replaced.
    """
    live, candidature, line = _line_in_hand(session, actor, session_id, reference)
    _refuse_stale(line, revision)
    item = line.item
    judgement = judged(
        session, None, item, live_verdict.outcome, live_verdict.comment.strip(), live_verdict.details
    )
    _take_up_again(session, actor, candidature, line)
    _write_on(line, live_verdict.notes)
    if live_verdict.details.steps:
        line.steps = _merged(line.steps, live_verdict.details.steps)
    if line.shown_at is None:
        _mark_shown(session, live, line)
    session.flush()
    verdict = _record_finding(session, actor, vault, candidature, live, line, judgement)
    session.refresh(item)
    item.session_id = None
    line.state, line.verdict_id, line.decided_at = LineState.DECIDED, verdict.id, now(session)
    line.revision += 1
    session.flush()
    line = queries.line(session, live.id, str(item.id))
    add_event(session, live, "item.decided", line_values(line))
    drop_overtaken(session, live)
    return line


def _line_in_hand(
    session: Session, actor: Actor, session_id: UUID, reference: str
) -> tuple[LiveSession, Candidature, Line]:
    """An open session, its dossier and the line, all kept still. Raises Conflict, Forbidden, NotFound."""
    live = queries.locked(session, actor, session_id, Right.CONDUCT_SESSIONS)
    people.conducting(live, actor)
    candidature = live.candidature
    if live.phase is not Phase.OPEN:
        raise Conflict(f"La séance est {PHASES[live.phase]} : ouvrez-la ou reprenez-la d'abord.")
    if candidature.state not in {State.IN_REVIEW, State.DELIBERATION}:
        raise Conflict("La candidature n'est plus en instruction : il n'y a rien à décider en séance.")
    drop_overtaken(session, live)
    return live, candidature, queries.line(session, live.id, reference)


def _refuse_stale(line: Line, revision: int) -> None:
    if line.revision != revision:
        raise Stale(
            "Quelqu'un a écrit sur cette preuve entre-temps : relisez-la, rien de ce qui s'y trouve n'est perdu.",
            [FieldError("/headers/If-Match", f"La « revision » de cette preuve est {line.revision}.")],
        )


def _take_up_again(session: Session, actor: Actor, candidature: Candidature, line: Line) -> None:
    """Have the item under review again; a verdict that was given in this session is taken back."""
    if line.state is LineState.DECIDED:
        assert line.verdict is not None  # noqa: S101 - a constraint of the table
        revert(session, actor, candidature, line.item, line.verdict, CORRECTED)
    elif line.state in PENDING:
        take_up(line.item)
    else:
        raise Conflict("Cette preuve n'est plus à l'ordre du jour : relisez la séance.")
    session.flush()


def _record_finding(
    session: Session,
    actor: Actor,
    vault: Vault,
    candidature: Candidature,
    live: LiveSession,
    line: Line,
    judgement: Judgement,
) -> Verdict:
    item = line.item
    proof = captures.attach(session, actor, line)
    if proof is None and judgement.finding is Finding.COMPLEMENT:
        return ask_without_proof(session, actor, candidature, item, judgement)
    if proof is None or all(one.filename == RECORD for one in proof.files):
        if line.recording is None and not item.expected_proof.live_without_trace:
            raise Invalid(
                "Rien ne garde ce qui a été vu : ajoutez une capture, ou la référence de l'enregistrement.",
                [FieldError("/recording", "Donnez-la, ou ajoutez une capture à cette preuve.")],
            )
        seen = _write_record(vault, actor, live, line, judgement)
        keep_contents(session, vault, [seen])
        proof = captures.attach(session, actor, line, [seen])
    assert proof is not None  # noqa: S101 - there was something to attach
    return find_on_proof(session, actor, candidature, item, proof, judgement, proof.files[-1].sha256)


def _write_record(
    vault: Vault, actor: Actor, live: LiveSession, line: Line, judgement: Judgement
) -> StoredFile:
    """Write down what was seen, where no file shows it: a finding is always on a file that can be read again."""
    proof = line.item.expected_proof
    written = {
        "format": "live-record/1",
        "session": str(live.id),
        "code": proof.code,
        "wording": proof.wording,
        "finding": OUTCOMES[judgement.finding],
        "comment": judgement.comment,
        "note": line.note,
        "steps": line.steps,
        "shown_at": line.shown_at and instant(line.shown_at),
        "timecode": line.timecode,
        "recording": line.recording,
        "participants": sorted(str(one.account_id) for one in live.participants),
        "verifier": str(actor.account_id),
    }
    content = orjson.dumps(written, option=orjson.OPT_INDENT_2)
    stored = vault.storage.store(io.BytesIO(content), limit=_RECORD_SIZE)
    return StoredFile(
        RECORD, "application/json", stored.sha256, stored.size, detected_type="application/json"
    )


def _mark_shown(session: Session, live: LiveSession, line: Line) -> None:
    """Mark a line as shown; its timecode is that of the beginning, unless somebody says otherwise."""
    line.state, line.shown_at = LineState.SHOWN, now(session)
    if line.timecode is None and live.opened_at is not None:
        line.timecode = int((now(session) - live.opened_at).total_seconds())
    line.revision += 1


def _write_on(line: Line, notes: Notes) -> None:
    if notes.steps is not None:
        expected = len(steps_of(line.item.expected_proof.scenario_text))
        wrong = [
            FieldError(
                f"/steps/{place}/step",
                f"Ce scénario a {counted(expected, 'étape numérotée', 'étapes numérotées')}.",
            )
            for place, one in enumerate(notes.steps)
            if not 1 <= int(one["step"]) <= expected
        ]
        if wrong:
            raise Invalid("Corrigez les étapes.", wrong)
        line.steps = _merged(line.steps, notes.steps)
    if notes.note is not None:
        line.note = notes.note
    if notes.recording is not None:
        line.recording = notes.recording or None
    if notes.timecode is not None:
        line.timecode = notes.timecode


def _merged(
    before: Sequence[Mapping[str, Any]], written: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Steps by their numbers: each word that is written now takes the place of the one before."""
    steps = {int(step["step"]): dict(step) for step in before}
    for step in written:
        words = {key: value for key, value in step.items() if value is not None}
        steps[int(step["step"])] = {**steps.get(int(step["step"]), {}), **words}
    return [steps[number] for number in sorted(steps)]

"""Keeping what was supplied, and what was found on it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, Invalid
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.inspection.tally import Finding as Identifier
from storage.port import ObjectStorage, Readable

from .models import Content, Finding, KeptFile, Proof, ProofFile, ProofState, Scan, Verification
from .upkeep import hold_stored

F = TypeVar("F", bound=KeptFile)

LONGEST_NAME = 255
#: RFC 6838, with parameters that a header can carry.
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}(?: ?;[ -~]{0,200})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose content is in the storage already; `size` in bytes.

    What follows is known once it was examined (examination.py); `identifiers` counts numbers of people.
    """

    filename: str
    media_type: str
    sha256: str
    size: int
    detected_type: str | None = None
    remarks: tuple[str, ...] = ()
    identifiers: int = 0
    identifier_places: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a proof belongs: the item, for whom, of what, in which configuration."""

    item_id: UUID
    software_id: UUID
    core_id: UUID
    organisation_id: UUID
    expected_proof_id: UUID
    configuration_id: UUID


def store_file(
    storage: ObjectStorage, filename: str, media_type: str, content: Readable, limit: int
) -> StoredFile:
    """Stream a file into the storage. Raises Invalid for an empty or nameless one, TooLarge beyond `limit` bytes."""
    name = acceptable_name(filename)
    stored = storage.store(content, limit=limit)
    if stored.size == 0:
        storage.delete(stored.sha256)  # which no proof can have
        raise Invalid(f"Le fichier « {name} » est vide (0 octet) : vérifiez-le et envoyez-le de nouveau.")
    return StoredFile(name, known_media_type(media_type), stored.sha256, stored.size)


def acceptable_name(filename: str) -> str:
    """Raises Invalid when nothing is left of the name."""
    name = clean_filename(filename)
    if not name:
        raise Invalid("Un fichier n'a pas de nom : donnez-en un et envoyez de nouveau.")
    return name


def known_media_type(declared: str) -> str:
    return declared if MEDIA_TYPE.fullmatch(declared) else "application/octet-stream"


def clean_filename(filename: str) -> str:
    """The name as its owner wrote it, in one Unicode form, without control characters, cut if need be.

    Slashes stay: the name is shown, and never used as a path.
    """
    visible = "".join(
        char for char in unicodedata.normalize("NFC", filename) if unicodedata.category(char)[0] != "C"
    )
    return visible.strip()[:LONGEST_NAME]


def keep_contents(session: Session, vault: Vault, files: Sequence[StoredFile]) -> None:
    """Name the contents that are in the storage; where a scanner is configured, each is scanned before it is read."""
    for stored in sorted(files, key=lambda one: one.sha256):
        hold_stored(session, vault.storage, stored.sha256)
        wanted = Scan.UNSCANNED if vault.scanner is None else Scan.PENDING
        named = insert(Content).values(
            sha256=stored.sha256, size=stored.size, scan=wanted, checked_at=now(session)
        )
        if vault.scanner is None:
            session.execute(named.on_conflict_do_nothing())
            continue
        scanned_before = named.on_conflict_do_update(
            index_elements=[Content.sha256],
            set_={"scan": Scan.PENDING},
            where=Content.scan == Scan.UNSCANNED,
        )
        if session.execute(scanned_before.returning(Content.sha256)).first():
            enqueue(session, "scan_content", sha256=stored.sha256)


def keep_proof(
    session: Session, actor: Actor, slot: Slot, files: Sequence[StoredFile], *, submitted: bool
) -> Proof:
    """A new version for a slot, in the place of the one that nobody has read yet, if there is one."""
    drop_undecided(session, [slot.item_id])
    last = session.scalar(sa.select(sa.func.max(Proof.number)).where(Proof.item_id == slot.item_id)) or 0
    proof = Proof(
        id=new_id(),
        item_id=slot.item_id,
        number=last + 1,
        software_id=slot.software_id,
        core_id=slot.core_id,
        organisation_id=slot.organisation_id,
        expected_proof_id=slot.expected_proof_id,
        configuration_id=slot.configuration_id,
        state=ProofState.SUBMITTED if submitted else ProofState.HELD,
        supplied_at=now(session),
        supplied_by=actor.account_id,
        submitted_on=today(session) if submitted else None,
        files=kept_files(ProofFile, files),
    )
    session.add(proof)
    session.flush()
    return proof


def kept_files(kind: type[F], files: Sequence[StoredFile]) -> list[F]:
    """The rows of files that came together."""
    return [
        kind(
            id=new_id(),
            position=position,
            filename=stored.filename,
            media_type=stored.media_type,
            sha256=stored.sha256,
            detected_type=stored.detected_type,
            remarks=list(stored.remarks),
            identifiers=stored.identifiers,
            identifier_places=[asdict(one) for one in stored.identifier_places],
        )
        for position, stored in enumerate(files, start=1)
    ]


def drop_undecided(session: Session, items: Sequence[UUID]) -> None:
    """What was supplied for these items and nobody has decided on is no longer to be."""
    session.execute(
        sa.update(Proof)
        .where(Proof.item_id.in_(items), Proof.state.in_([ProofState.HELD, ProofState.SUBMITTED]))
        .values(state=ProofState.DROPPED)
    )


def submit_held(session: Session, items: sa.Select[UUID], configuration_id: UUID, day: date) -> None:
    """What was kept for the filing of the dossier is now before the agency, as configured that day."""
    session.execute(
        sa.update(Proof)
        .where(Proof.item_id.in_(items), Proof.state == ProofState.HELD)
        .values(state=ProofState.SUBMITTED, submitted_on=day, configuration_id=configuration_id)
        .execution_options(synchronize_session=False)
    )


def read_again(session: Session, item_id: UUID) -> None:
    """The last version decided on goes back before the agency; what was found on it stands until the next finding."""
    last = sa.select(sa.func.max(Proof.number)).where(Proof.item_id == item_id).scalar_subquery()
    session.execute(
        sa.update(Proof)
        .where(Proof.item_id == item_id, Proof.number == last, Proof.state == ProofState.DECIDED)
        .values(state=ProofState.SUBMITTED)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """In which way a version was read: live or not, in which review of its item, under what was then in force."""

    mode: str
    round: int
    dsr_version: int
    rulebook_id: UUID | None


def verify(
    session: Session,
    actor: Actor,
    proof: Proof,
    finding: Finding,
    comment: str,
    file_sha256: str,
    reading: Reading,
) -> Verification:
    """A verifier's finding on the version whose file they read, kept with all that makes it a fact."""
    if proof.state is not ProofState.SUBMITTED:
        raise Conflict("Cette version n'est plus à examiner : relisez la tâche.")
    configuration = proof.configuration
    replaced = session.scalars(
        sa.update(Verification)
        .where(Verification.proof_id == proof.id, Verification.revoked_on.is_(None))
        .values(revoked_on=today(session))
        .returning(Verification.id)
    ).all()
    for one in replaced:  # referenced solutions may stand on it
        enqueue(session, "notice_replaced_finding", verification=str(one))
    verification = Verification(
        id=new_id(),
        proof_id=proof.id,
        software_id=proof.software_id,
        core_id=proof.core_id,
        proof_code=proof.expected_proof.code,
        wording=proof.expected_proof.wording,
        solution=configuration.solution.commercial_name,
        composition=configuration.composition,
        mode=reading.mode,
        round=reading.round,
        dsr_version=reading.dsr_version,
        rulebook_id=reading.rulebook_id,
        finding=finding,
        found_on=today(session),
        verifier_id=actor.account_id,
        file_sha256=file_sha256,
        comment=comment,
    )
    proof.state = ProofState.DECIDED
    session.add(verification)
    session.flush()
    return verification


def take_finding_back(session: Session, verification_id: UUID, before: UUID | None) -> None:
    """The finding is no fact any more; the one that it revoked, on the same version, stands again."""
    taken = session.get_one(Verification, verification_id)
    taken.revoked_on = today(session)
    if before is not None:
        earlier = session.get_one(Verification, before)
        if (earlier.proof_id, earlier.revoked_on) == (taken.proof_id, taken.found_on):
            earlier.revoked_on = None
    session.flush()

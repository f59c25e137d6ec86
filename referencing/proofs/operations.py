"""Keeping versions of proofs, and the findings on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.catalogue.models import ExpectedProof
from referencing.files.operations import StoredFile, kept_files

from .models import Finding, Proof, ProofFile, ProofState, Verification


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a proof: its item, software, organisation, expected proof and configuration."""

    item_id: UUID
    software_id: UUID
    core_id: UUID
    organisation_id: UUID
    expected_proof_id: UUID
    configuration_id: UUID


def keep_proof(
    session: Session, actor: Actor, slot: Slot, files: Sequence[StoredFile], *, submitted: bool
) -> Proof:
    """Keep a new version for a slot, in the place of the one that nobody has read yet, if there is one."""
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


def drop_undecided(session: Session, items: Sequence[UUID]) -> frozenset[str]:
    """What was supplied for these items and nobody has decided on is no longer to be; answers the expected proofs."""
    dropped = session.execute(
        sa.update(Proof)
        .where(Proof.item_id.in_(items), Proof.state.in_([ProofState.HELD, ProofState.SUBMITTED]))
        .where(ExpectedProof.id == Proof.expected_proof_id)
        .values(state=ProofState.DROPPED)
        .returning(ExpectedProof.code)
        .execution_options(synchronize_session="fetch")
    )
    return frozenset(row.code for row in dropped)


def submit_held(
    session: Session, items: sa.Select[UUID], configuration_id: UUID, day: date
) -> frozenset[str]:
    """What was kept for the filing of the dossier is now before the agency, as configured that day.

    Answers the expected proofs.
    """
    submitted = session.execute(
        sa.update(Proof)
        .where(Proof.item_id.in_(items), Proof.state == ProofState.HELD)
        .where(ExpectedProof.id == Proof.expected_proof_id)
        .values(state=ProofState.SUBMITTED, submitted_on=day, configuration_id=configuration_id)
        .returning(ExpectedProof.code)
        .execution_options(synchronize_session=False)
    )
    return frozenset(row.code for row in submitted)


def hold_submitted(session: Session, items: sa.Select[UUID]) -> None:
    """What was before the agency, and nobody has decided on, is kept for the next filing of the dossier."""
    session.execute(
        sa.update(Proof)
        .where(Proof.item_id.in_(items), Proof.state == ProofState.SUBMITTED)
        .values(state=ProofState.HELD, submitted_on=None)
        .execution_options(synchronize_session=False)
    )


def read_again(session: Session, item_id: UUID) -> None:
    """Put the last version decided on back before the agency; its finding stands until the next one."""
    last = sa.select(sa.func.max(Proof.number)).where(Proof.item_id == item_id).scalar_subquery()
    session.execute(
        sa.update(Proof)
        .where(Proof.item_id == item_id, Proof.number == last, Proof.state == ProofState.DECIDED)
        .values(state=ProofState.SUBMITTED)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """The way a version was read: live or not, in which dossier and review, under which DSR and rules."""

    candidature_id: UUID
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
    """Keep a verifier's finding on the version whose file they read, with all that makes it a fact.

    Raises Conflict when the version is not before the agency.
    """
    if proof.state is not ProofState.SUBMITTED:
        raise Conflict("Cette version n'est plus à examiner : relisez la tâche.")
    configuration = proof.configuration
    replaced = session.scalars(
        sa.update(Verification)
        .where(Verification.proof_id == proof.id, Verification.revoked_on.is_(None))
        .values(revoked_on=today(session))
        .returning(Verification.id)
    ).all()
    for replaced_id in replaced:  # referenced solutions may stand on it
        enqueue(session, "notice_replaced_finding", verification=str(replaced_id))
    verification = Verification(
        id=new_id(),
        proof_id=proof.id,
        candidature_id=reading.candidature_id,
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
    """Revoke a finding; the one that it revoked, on the same version, stands again."""
    taken = session.get_one(Verification, verification_id)
    taken.revoked_on = today(session)
    if before is not None:
        earlier = session.get_one(Verification, before)
        if (earlier.proof_id, earlier.revoked_on) == (taken.proof_id, taken.found_on):
            earlier.revoked_on = None
    session.flush()

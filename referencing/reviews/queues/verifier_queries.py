"""Which verifier may not be given a task: after a declared conflict, or who read that version before."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from referencing.candidatures.tasks.models import Task
from referencing.proofs.models import Verification

from .models import Arbiter, ConflictOfInterest, Reading, SecondReading

#: Two readers disagree and the rate says that a lead decides.
OF_LEAD = (SecondReading.round == 3) & (SecondReading.on_disagreement == Arbiter.LEAD)


def read_before(verifier: sa.ColumnElement[UUID] | UUID) -> sa.ColumnElement[bool]:
    """Whether a verifier read the version of a row of SecondReading: a reading waits, or a finding stood."""
    reading = sa.select(Reading.id).where(
        Reading.proof_id == SecondReading.proof_id, Reading.verifier_id == verifier
    )
    verification = sa.select(Verification.id).where(
        Verification.proof_id == SecondReading.proof_id, Verification.verifier_id == verifier
    )
    return reading.correlate_except(Reading).exists() | verification.correlate_except(Verification).exists()


def not_for(
    verifier: sa.ColumnElement[UUID] | UUID,
    task: sa.ColumnElement[UUID] | InstrumentedAttribute[UUID] = Task.id,
) -> sa.ColumnElement[bool]:
    """Whether the task of this id is a second reading that this verifier may not take; by columns, or by values."""
    closed = sa.select(SecondReading.task_id).where(
        SecondReading.task_id == task, OF_LEAD | read_before(verifier)
    )
    return closed.correlate_except(SecondReading).exists()


def closed_to(session: Session, verifier: UUID, tasks: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these tasks the verifier may not take."""
    if not tasks:
        return frozenset()
    return frozenset(session.scalars(sa.select(Task.id).where(Task.id.in_(tasks), not_for(verifier))))


def in_conflict(verifier: Any, organisation: Any) -> sa.Exists:
    """Whether a verifier declared a conflict of interest with an organisation; by columns, or by values."""
    return sa.exists().where(
        ConflictOfInterest.verifier_id == verifier, ConflictOfInterest.organisation_id == organisation
    )

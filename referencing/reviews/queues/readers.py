"""Who may not take a second reading: whoever read that version before, and everybody when it is a lead's."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict
from referencing.candidatures.tasks.models import Task
from referencing.proofs.models import Verification

from .models import Arbiter, Reading, SecondReading

READ_BEFORE = (
    "{name} a déjà lu cette version : nul ne relit ce qu'il a lu le premier. "
    "Cette lecture revient à un collègue."
)
FOR_A_LEAD = "Deux lectures diffèrent : celle-ci revient à un responsable. Prenez une autre tâche."

#: Two readers disagree and the rate says that a lead decides.
OF_LEAD = (SecondReading.round == 3) & (SecondReading.on_disagreement == Arbiter.LEAD)


def read_before(verifier: UUID | sa.BindParameter[UUID]) -> sa.ColumnElement[bool]:
    """Of the version that a row of SecondReading is about: a reading that waits, or a finding that stood."""
    read = sa.select(Reading.id).where(
        Reading.proof_id == SecondReading.proof_id, Reading.verifier_id == verifier
    )
    found = sa.select(Verification.id).where(
        Verification.proof_id == SecondReading.proof_id, Verification.verifier_id == verifier
    )
    return read.correlate(SecondReading).exists() | found.correlate(SecondReading).exists()


def not_for(verifier: UUID | sa.BindParameter[UUID]) -> sa.ColumnElement[bool]:
    """Whether a row of Task is a second reading that this verifier may not take."""
    turn = sa.select(SecondReading.task_id).where(
        SecondReading.task_id == Task.id, OF_LEAD | read_before(verifier)
    )
    return turn.correlate(Task).exists()


def closed_to(session: Session, verifier: UUID, tasks: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these tasks that the verifier may not take."""
    if not tasks:
        return frozenset()
    return frozenset(session.scalars(sa.select(Task.id).where(Task.id.in_(tasks), not_for(verifier))))


def refuse_reader(session: Session, verifier: UUID, name: str, task_id: UUID) -> None:
    """Raises Conflict when the task is a second reading that this verifier may not take."""
    turn = session.execute(
        sa.select(OF_LEAD, read_before(verifier)).where(SecondReading.task_id == task_id)
    ).first()
    if turn is None:
        return
    of_lead, before = turn
    if before:
        raise Conflict(READ_BEFORE.format(name=name))
    if of_lead:
        raise Conflict(FOR_A_LEAD)

"""Second readings as a lead follows them, and decides where two readers disagree and the rate leaves it to a lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from referencing.accounts.visible_queries import impartial, refusal
from referencing.base.db import after
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.tasks.opening import close_task
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.proofs.models import Proof
from referencing.reviews.queues import queries
from referencing.reviews.queues.claims import require_agency_turn, require_open
from referencing.reviews.queues.models import Reading, SecondReading
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.queues.verifier_queries import OF_LEAD
from referencing.reviews.verdicts.operations import apply_judgement
from referencing.reviews.verdicts.verdicts import NO_DETAILS, Details, judged

NO_SECOND_READING = "Cette seconde lecture n'existe pas : relisez la liste."
OF_A_VERIFIER = (
    "Cette lecture revient à un vérificateur : un responsable ne tranche que si deux lectures diffèrent."
)


def open_readings(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int, *, of_lead: bool
) -> Sequence[SecondReading]:
    """The versions that wait for another reader, in the order in which they began to wait."""
    authorise(actor, Right.STEER_QUEUES)
    waiting = (
        sa.select(SecondReading)
        .join(SecondReading.task)
        .where(Task.closed_at.is_(None), impartial(session, actor, Task.organisation_id))
        .options(contains_eager(SecondReading.task))
    )
    if of_lead:
        waiting = waiting.where(OF_LEAD)
    return session.scalars(after(waiting, [SecondReading.task_id], cursor).limit(limit)).all()


def compared(session: Session, actor: Actor, task_id: UUID) -> tuple[SecondReading, Sequence[Reading]]:
    """A second reading, and the readings of its version so far, taken back or not.

    Raises NotFound, Forbidden in a conflict of interest.
    """
    authorise(actor, Right.STEER_QUEUES)
    second_reading = session.scalar(
        sa.select(SecondReading)
        .join(SecondReading.task)
        .where(SecondReading.task_id == task_id, impartial(session, actor, Task.organisation_id))
        .options(contains_eager(SecondReading.task))
    )
    if second_reading is None:
        owner = sa.select(Task.organisation_id).where(Task.id == task_id)
        raise refusal(session, actor, NO_SECOND_READING, owner)
    of_this = sa.select(Reading.verification_id).where(Reading.task_id == task_id).scalar_subquery()
    readings = session.scalars(
        sa.select(Reading)
        .where(
            Reading.proof_id == second_reading.proof_id, Reading.verification_id.is_not_distinct_from(of_this)
        )
        .options(joinedload(Reading.verifier))
        .order_by(Reading.round, Reading.id)
    ).all()
    return second_reading, readings


def arbitrate(
    session: Session,
    actor: Actor,
    task_id: UUID,
    outcome: Outcome,
    comment: str,
    file_sha256: str | None,
    details: Details = NO_DETAILS,
) -> queries.TaskView:
    """Give a lead's finding, which stands.

    Raises NotFound, Conflict when it is not a lead's or no longer to be given.
    """
    authorise(actor, Right.STEER_QUEUES)
    candidature = candidatures.locked(session, actor, queries.dossier_of(session, actor, task_id))
    task = session.get_one(Task, task_id, populate_existing=True)
    require_open(task.closed_at)
    require_agency_turn(task.third_party_since)
    of_lead = sa.select(SecondReading.task_id).where(SecondReading.task_id == task_id, OF_LEAD)
    if session.scalar(of_lead) is None or task.item is None:
        raise Conflict(OF_A_VERIFIER)
    judgement = judged(session, task_id, task.item, outcome, comment.strip(), details)
    close_task(session, task, outcome.value, actor)
    session.flush()
    apply_judgement(session, actor, candidature, task, task.item, judgement, file_sha256)
    return queries.task(session, actor, task_id)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far readers agree on a requirement: the findings read twice, and those where both found the same."""

    dsr: str
    requirement: str
    doubled: int
    agreed: int

    @property
    def disagreed(self) -> int:
        return self.doubled - self.agreed

    @property
    def rate(self) -> float:
        """The findings agreed on, in a hundred."""
        return round(100 * self.agreed / self.doubled, 1)


def agreement(
    session: Session,
    actor: Actor,
    cursor: tuple[str, str] | None,
    limit: int,
    *,
    chapter: str | None = None,
    dsr: str | None = None,
) -> Sequence[Agreement]:
    """The agreement of each requirement of each DSR, over its versions and the readings of which a finding stands."""
    authorise(actor, Right.STEER_QUEUES)
    first, second = aliased(Reading), aliased(Reading)
    keys = [Dsr.code, Requirement.code]
    figures: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Dsr.code.label("dsr"),
            Requirement.code.label("requirement"),
            sa.func.count().label("doubled"),
            sa.func.count().filter(first.finding == second.finding).label("agreed"),
        )
        .select_from(second)
        .join(first, (first.verification_id == second.verification_id) & (first.round == 1))
        .join(Proof, Proof.id == second.proof_id)
        .join(Proof.expected_proof)
        .join(ExpectedProof.requirement)
        .join(DsrVersion, DsrVersion.id == ExpectedProof.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .where(second.round == 2)
        .group_by(*keys)
    )
    if chapter is not None:
        figures = figures.where(Requirement.chapter == chapter)
    if dsr is not None:
        figures = figures.where(Dsr.code == dsr)
    rows = session.execute(after(figures, keys, cursor).limit(limit))
    return [Agreement(**row._asdict()) for row in rows]

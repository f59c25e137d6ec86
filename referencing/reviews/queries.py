"""What waits in the queues, and who has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from referencing.accounts.models import Account
from referencing.accounts.permissions import Actor, Right, Role, authorise
from referencing.candidatures.models import Candidature, Item, Queue, Task
from referencing.catalogue.models import DsrVersion, ExpectedProof
from referencing.db import after
from referencing.errors import NotFound
from referencing.solutions.models import Configuration, Solution

from .models import Claim

NO_TASK = "Cette tâche n'existe pas : relisez la file."
NO_QUEUE = "Cette file n'existe pas : voyez la liste des files (/api/v1/queues)."

#: Which queue is whose work.
WORK_OF = {
    Queue.ADMISSIBILITY: Role.LEAD,
    Queue.PROOF_REVIEW: Role.VERIFIER,
    Queue.EQUIVALENCE: Role.VERIFIER,
}


@dataclass(frozen=True, slots=True)
class QueueView:
    name: Queue
    waiting: int
    in_hand: int


def queues(session: Session, actor: Actor) -> Sequence[QueueView]:
    authorise(actor, Right.READ_QUEUES)
    rows = session.execute(
        sa.select(Task.queue, sa.func.count(), sa.func.count(Claim.task_id))
        .outerjoin(Claim, Claim.task_id == Task.id)
        .where(Task.closed_at.is_(None))
        .group_by(Task.queue)
    )
    counted = {queue: (total, in_hand) for queue, total, in_hand in rows}
    return [
        QueueView(queue, total - in_hand, in_hand)
        for queue in Queue
        for total, in_hand in [counted.get(queue, (0, 0))]
    ]


@dataclass(frozen=True, slots=True)
class TaskView:
    task: Task
    claim: Claim | None
    verifier: str | None


def tasks(
    session: Session, actor: Actor, queue: str, cursor: Sequence[Any] | None, limit: int
) -> Sequence[TaskView]:
    """Open tasks of a queue, the oldest first."""
    authorise(actor, Right.READ_QUEUES)
    select = _views().where(Task.queue == named(queue), Task.closed_at.is_(None))
    rows = session.execute(after(select, [Task.id], cursor).limit(limit))
    return [TaskView(*row) for row in rows]


def task(session: Session, actor: Actor, task_id: UUID) -> TaskView:
    """Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    select = _views().where(Task.id == task_id).execution_options(populate_existing=True)
    row = session.execute(select).first()
    if row is None:
        raise NotFound(NO_TASK)
    return TaskView(*row)


def dossier_of(session: Session, actor: Actor, task_id: UUID) -> UUID:
    """The candidature that a task is about. Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    found = session.scalar(sa.select(Task.candidature_id).where(Task.id == task_id))
    if found is None:
        raise NotFound(NO_TASK)
    return found


def next_free(session: Session, queue: Queue) -> Task | None:
    """The oldest task that nobody is known to have; somebody may be taking it."""
    claimed = sa.select(Claim.task_id).where(Claim.task_id == Task.id).exists()
    return session.scalar(
        sa.select(Task)
        .where(Task.queue == queue, Task.closed_at.is_(None), ~claimed)
        .order_by(Task.id)
        .limit(1)
    )


def named(queue: str) -> Queue:
    """Raises NotFound for a name that no queue has."""
    try:
        return Queue(queue)
    except ValueError as error:
        raise NotFound(NO_QUEUE) from error


def _views() -> sa.Select[Task, Claim, str]:
    return (
        sa.select(Task, Claim, Account.name)
        .outerjoin(Claim, Claim.task_id == Task.id)
        .outerjoin(Account, Account.id == Claim.verifier_id)
        .join(Task.candidature)
        .outerjoin(Task.item)
        .outerjoin(Item.expected_proof)
        .outerjoin(ExpectedProof.requirement)
        .options(
            contains_eager(Task.candidature).options(
                joinedload(Candidature.version).joinedload(DsrVersion.dsr),
                joinedload(Candidature.organisation),
                joinedload(Candidature.configuration)
                .joinedload(Configuration.solution)
                .joinedload(Solution.software),
            ),
            contains_eager(Task.item)
            .contains_eager(Item.expected_proof)
            .contains_eager(ExpectedProof.requirement),
        )
    )

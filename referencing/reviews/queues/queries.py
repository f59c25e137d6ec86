"""What waits in the queues, in which order, and who has it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from referencing.accounts.models import Account, Organisation
from referencing.base.db import now, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Boost, Opinion, Queue, Task
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.solutions.models import Configuration, Solution

from . import order
from .models import Claim, ConflictOfInterest
from .verifier_queries import closed_to

NO_TASK = "Cette tâche n'existe pas : relisez la file."
NO_QUEUE = "Cette file n'existe pas : voyez la liste des files (/api/v1/queues)."

#: Which queue is whose work.
WORK_OF = {
    Queue.ADMISSIBILITY: Role.LEAD,
    Queue.PROOF_REVIEW: Role.VERIFIER,
    Queue.EQUIVALENCE: Role.VERIFIER,
    Queue.SECOND_READING: Role.VERIFIER,
    Queue.EXPERT_OPINION: Role.EXPERT,
    Queue.DUO_FOLLOW_UP: Role.VERIFIER,
}

#: The order of every queue: boosts first, then the least days left, then the oldest; total, and an index has it.
ORDER: list[InstrumentedAttribute[Any]] = [Task.rank, Task.last_day, Task.opened_at, Task.id]

#: That of all queues together: a boost moves nothing in it.
BY_LAST_DAY: list[InstrumentedAttribute[Any]] = [Task.last_day, Task.opened_at, Task.id]

#: What somebody of the agency can go on with; as the indexes of both orders have it.
WORKABLE = Task.closed_at.is_(None) & Task.third_party_since.is_(None)

#: What waits for experts: nobody takes it, it was asked of them by name.
_AWAITED = (
    sa.select(sa.func.count())
    .select_from(Opinion)
    .join(Opinion.task)
    .where(Opinion.reply.is_(None), Task.closed_at.is_(None))
)

Views = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class QueueView:
    name: Queue
    waiting: int
    in_hand: int
    third_party: int


def queues(session: Session, actor: Actor) -> Sequence[QueueView]:
    authorise(actor, Right.READ_QUEUES)
    with_agency = Task.third_party_since.is_(None)
    rows = session.execute(
        sa.select(
            Task.queue,
            sa.func.count().filter(with_agency, Claim.task_id.is_(None)),
            sa.func.count().filter(with_agency, Claim.task_id.is_not(None)),
            sa.func.count().filter(~with_agency),
        )
        .outerjoin(Claim, held(now(session)))
        .where(Task.closed_at.is_(None))
        .group_by(Task.queue)
    )
    counted = {queue: figures for queue, *figures in rows}
    counted[Queue.EXPERT_OPINION] = [session.execute(_AWAITED).scalar_one(), 0, 0]
    return [QueueView(queue, *counted.get(queue, [0, 0, 0])) for queue in Queue]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task on one line; `verifier` and what follows are of a claim that has not expired."""

    id: UUID
    queue: Queue
    candidature_id: UUID
    item_id: UUID | None
    organisation_id: UUID
    code: str | None
    chapter: str | None
    guichet: str | None
    due_on: date
    last_day: date
    boost_id: UUID | None
    rank: int
    opened_at: datetime
    third_party_since: datetime | None
    closed_at: datetime | None
    outcome: str | None
    dsr: str
    organisation: str
    commercial_name: str
    verifier_id: UUID | None
    claimed_at: datetime | None
    expires_at: datetime | None
    verifier: str | None

    @property
    def place(self) -> Sequence[Any]:
        """The keys of its place in the order of its queue."""
        return [self.rank, self.last_day, self.opened_at.isoformat(), self.id]


@dataclass(frozen=True, slots=True)
class Reading:
    """What has to be known besides the tasks to show them to somebody.

    Today, what is boosted, the organisations that they do not review, the second readings that are not for them.
    """

    today: date
    boosts: dict[UUID, order.Priority]
    conflicts: frozenset[UUID]
    closed: frozenset[UUID]


def tasks(
    session: Session,
    actor: Actor,
    queue: str,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    due: Due | None = None,
) -> Sequence[TaskView]:
    """Open tasks of a queue, in its order; not those that wait for a third party: no day is counted for them."""
    authorise(actor, Right.READ_QUEUES)
    chosen = named(queue)
    if chosen is Queue.EXPERT_OPINION:
        raise Conflict("Les avis se demandent à quelqu'un et ne se prennent pas : lisez /api/v1/opinions.")
    values: dict[str, Any] = {"queue": chosen, "moment": now(session), "most": limit}
    if cursor is not None:
        values |= {f"after_{key.key}": value for key, value in zip(ORDER, cursor, strict=True)}
    if due is not None:
        values["latest"] = latest_last_day(due, today(session))
    return _read(session, _page(later=cursor is not None, due=due is not None), values)


@dataclass(frozen=True, slots=True)
class Among:
    """Which tasks of all the queues; what is None does not narrow them down."""

    due: Due | None = None
    queue: Queue | None = None
    chapter: str | None = None
    couloir: str | None = None
    holder: UUID | None = None


def all_tasks(
    session: Session, actor: Actor, among: Among, cursor: Sequence[Any] | None, limit: int
) -> Sequence[TaskView]:
    """Open tasks over all queues, the least days left first; not those that wait for a third party."""
    authorise(actor, Right.READ_QUEUES)
    given = {field.name: getattr(among, field.name) for field in fields(Among)}
    values = {name: value for name, value in given.items() if value is not None}
    statement = _among(frozenset(values), later=cursor is not None)
    values |= {"moment": now(session), "most": limit}
    if among.due is not None:
        values["latest"] = latest_last_day(values.pop("due"), today(session))
    if cursor is not None:
        values |= {f"after_{key.key}": value for key, value in zip(BY_LAST_DAY, cursor, strict=True)}
    return _read(session, statement, values)


def task(session: Session, actor: Actor, task_id: UUID) -> TaskView:
    """Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    found = _read(session, _one(), {"task": task_id, "moment": now(session)})
    if not found:
        raise NotFound(NO_TASK)
    return found[0]


def reading(session: Session, actor: Actor, views: Sequence[TaskView]) -> Reading:
    ids = {view.boost_id for view in views} - {None}
    boosts = session.scalars(sa.select(Boost).where(Boost.id.in_(ids))) if ids else ()
    conflicts = session.scalars(
        sa.select(ConflictOfInterest.organisation_id).where(
            ConflictOfInterest.verifier_id == actor.account_id
        )
    )
    second = [view.id for view in views if view.queue is Queue.SECOND_READING]
    return Reading(
        today(session),
        {boost.id: priority(boost) for boost in boosts},
        frozenset(conflicts),
        closed_to(session, actor.account_id, second),
    )


def priority(boost: Boost) -> order.Priority:
    return order.Priority(
        boost.queue and boost.queue.value,
        boost.chapter,
        boost.dispositif,
        boost.vague,
        boost.candidature_id,
        boost.reason,
        boost.ends_on,
    )


def dossier_of(session: Session, actor: Actor, task_id: UUID) -> UUID:
    """The candidature that a task is about. Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    found = session.scalar(sa.select(Task.candidature_id).where(Task.id == task_id))
    if found is None:
        raise NotFound(NO_TASK)
    return found


def named(queue: str) -> Queue:
    """Raises NotFound for a name that no queue has."""
    try:
        return Queue(queue)
    except ValueError as error:
        raise NotFound(NO_QUEUE) from error


def held(moment: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Somebody has the task, on a claim that has not expired."""
    return (Claim.task_id == Task.id) & (Claim.expires_at > moment)


def _read(session: Session, views: Views, values: dict[str, Any]) -> Sequence[TaskView]:
    return [TaskView(*row) for row in session.execute(views, values)]


# Made once: building such a statement takes longer than PostgreSQL needs to answer it.
@cache
def _page(*, later: bool, due: bool) -> Views:
    page = sa.select(Task).where(Task.queue == sa.bindparam("queue"), WORKABLE)
    if due:
        page = page.where(Task.last_day <= sa.bindparam("latest"))
    return _views(_following(page, ORDER, later=later), ORDER)


@cache
def _among(narrowed: frozenset[str], *, later: bool) -> Views:
    page = sa.select(Task).where(WORKABLE)
    if "due" in narrowed:
        page = page.where(Task.last_day <= sa.bindparam("latest"))
    if "queue" in narrowed:
        page = page.where(Task.queue == sa.bindparam("queue"))
    if "chapter" in narrowed:
        page = page.where(Task.chapter == sa.bindparam("chapter"))
    if "couloir" in narrowed:
        of_couloir = (
            sa.select(Candidature.id)
            .join(DsrVersion, DsrVersion.id == Candidature.version_id)
            .join(Dsr, Dsr.id == DsrVersion.dsr_id)
            .where(Dsr.couloir == sa.bindparam("couloir"))
        )
        page = page.where(Task.candidature_id.in_(of_couloir))
    if "holder" in narrowed:
        moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=Claim.expires_at.type)
        in_hand = (Claim.verifier_id == sa.bindparam("holder")) & (Claim.expires_at > moment)
        page = page.where(Task.id.in_(sa.select(Claim.task_id).where(in_hand)))
    return _views(_following(page, BY_LAST_DAY, later=later), BY_LAST_DAY)


@cache
def _one() -> Views:
    return _views(sa.select(Task).where(Task.id == sa.bindparam("task")), ORDER)


def _following(
    page: sa.Select[Task], keys: Sequence[InstrumentedAttribute[Any]], *, later: bool
) -> sa.Select[Task]:
    """The limit is written out: of an unknown one PostgreSQL expects a tenth of the queue.

    In a long queue no plan for all parameters would then seem good enough to keep, and nine joins would be planned
    anew for every page, which takes longer than reading it.
    """
    if later:
        last = (sa.bindparam(f"after_{key.key}", type_=key.type) for key in keys)
        page = page.where(sa.tuple_(*keys) > sa.tuple_(*last))
    return page.order_by(*keys).limit(sa.bindparam("most", type_=sa.Integer(), literal_execute=True))


def _views(page: sa.Select[Task], keys: Sequence[InstrumentedAttribute[Any]]) -> Views:
    """The page is chosen first, then what is told about it: plain columns, which cost a tenth of entities."""
    one = aliased(Task, page.subquery())
    of_task = [getattr(one, field.name) for field in fields(TaskView) if hasattr(Task, field.name)]
    moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=Claim.expires_at.type)
    return (
        sa.select(
            *of_task,
            Dsr.code,
            Organisation.name,
            Solution.commercial_name,
            Claim.verifier_id,
            Claim.claimed_at,
            Claim.expires_at,
            Account.name,
        )
        .join(Candidature, Candidature.id == one.candidature_id)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == one.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
        .outerjoin(Claim, (Claim.task_id == one.id) & (Claim.expires_at > moment))
        .outerjoin(Account, Account.id == Claim.verifier_id)
        .order_by(*(getattr(one, key.key) for key in keys))
    )

"""What waits in the queues, in which order, and who has it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from referencing.accounts.models import Account, Organisation
from referencing.accounts.visible_queries import impartial, impartial_at, refusal
from referencing.base.db import now, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Boost, OpenCount, OpenDayCount, Opinion, Queue, Task
from referencing.candidatures.tasks.queries import OPINION_AWAITED
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.solutions.models import Configuration, Solution

from . import order
from .models import Claim
from .verifier_queries import closed_to

NO_TASK = "Cette tâche n'existe pas : relisez la file."
NO_QUEUE = "Cette file n'existe pas : voyez la liste des files (/api/v1/queues)."

#: The order of every queue: boosts first, then the least days left, then the oldest; total, and an index has it.
ORDER: list[InstrumentedAttribute[Any]] = [Task.rank, Task.last_day, Task.opened_at, Task.id]

#: The order of all queues together: a boost moves nothing in it.
BY_LAST_DAY: list[InstrumentedAttribute[Any]] = [Task.last_day, Task.opened_at, Task.id]

#: What somebody of the agency can go on with; as the indexes of both orders have it.
WORKABLE = Task.closed_at.is_(None) & Task.third_party_since.is_(None)

#: Nobody is shown what is of an organisation with which they have a conflict of interest.
_IMPARTIAL = impartial_at(
    sa.bindparam("moment", type_=sa.DateTime(timezone=True)),
    sa.bindparam("reader", type_=sa.Uuid()),
    Task.organisation_id,
)

#: What waits for experts: nobody takes it, it was asked of them by name.
_AWAITED = (
    sa.select(sa.func.count())
    .select_from(Opinion)
    .join(Opinion.task)
    .where(OPINION_AWAITED, Task.closed_at.is_(None), _IMPARTIAL)
)

Views = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class QueueView:
    name: Queue
    waiting: int = 0
    in_hand: int = 0
    third_party: int = 0


def queues(session: Session, actor: Actor) -> Sequence[QueueView]:
    """Every queue, with the number of its open tasks that wait, are in hand, or wait for a third party."""
    authorise(actor, Right.READ_QUEUES)
    reader = {"reader": actor.account_id, "moment": now(session)}
    counted = {row.name: QueueView(**row._asdict()) for row in session.execute(_counts(), reader)}
    awaited_opinions = session.execute(_AWAITED, reader).scalar_one()
    counted[Queue.EXPERT_OPINION] = QueueView(Queue.EXPERT_OPINION, waiting=awaited_opinions)
    return [counted.get(queue, QueueView(queue)) for queue in Queue]


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
class TaskContext:
    """What shows tasks to a reader, besides the tasks.

    `boosts` are the lead's priorities by boost; `closed` the second readings that are not for the reader.
    """

    today: date
    boosts: dict[UUID, order.Priority]
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
    chosen = queue_named(queue)
    if chosen is Queue.EXPERT_OPINION:
        raise Conflict("Les avis se demandent à quelqu'un et ne se prennent pas : lisez /api/v1/opinions.")
    values: dict[str, Any] = {
        "queue": chosen,
        "moment": now(session),
        "most": limit,
        "reader": actor.account_id,
    }
    if cursor is not None:
        values |= {f"after_{key.key}": value for key, value in zip(ORDER, cursor, strict=True)}
    if due is not None:
        values["latest"] = latest_last_day(due, today(session))
    return _read_tasks(session, _page_of_queue(later=cursor is not None, due=due is not None), values)


@dataclass(frozen=True, slots=True)
class Among:
    """Which tasks of all the queues; what is None does not narrow them down."""

    due: Due | None = None
    queue: Queue | None = None
    chapter: str | None = None
    couloir: str | None = None
    holder: UUID | None = None
    candidature: UUID | None = None


def all_tasks(
    session: Session, actor: Actor, among: Among, cursor: Sequence[Any] | None, limit: int
) -> Sequence[TaskView]:
    """Open tasks over all queues, the least days left first; not those that wait for a third party."""
    authorise(actor, Right.READ_QUEUES)
    narrowings = {field.name: getattr(among, field.name) for field in fields(Among)}
    values = {name: value for name, value in narrowings.items() if value is not None}
    statement = _page_of_all(frozenset(values), later=cursor is not None)
    values |= {"moment": now(session), "most": limit, "reader": actor.account_id}
    if among.due is not None:
        values["latest"] = latest_last_day(values.pop("due"), today(session))
    if cursor is not None:
        values |= {f"after_{key.key}": value for key, value in zip(BY_LAST_DAY, cursor, strict=True)}
    return _read_tasks(session, statement, values)


def task(session: Session, actor: Actor, task_id: UUID) -> TaskView:
    """The task, open or closed, on one line. Raises NotFound, Forbidden in a conflict of interest."""
    authorise(actor, Right.READ_QUEUES)
    values = {"task": task_id, "moment": now(session), "reader": actor.account_id}
    views = _read_tasks(session, _single_task(), values)
    if not views:
        raise refusal(session, actor, NO_TASK, sa.select(Task.organisation_id).where(Task.id == task_id))
    return views[0]


def codes(session: Session, actor: Actor, tasks: Collection[UUID]) -> dict[UUID, str]:
    """The expected proof that each of these tasks is about, by id; none of a dossier as a whole."""
    authorise(actor, Right.READ_QUEUES)
    rows = session.execute(
        sa.select(Task.id, Task.code).where(
            Task.id.in_(tasks), Task.code.is_not(None), impartial(session, actor, Task.organisation_id)
        )
    )
    return {row.id: row.code for row in rows}


def task_context(session: Session, actor: Actor, views: Sequence[TaskView]) -> TaskContext:
    """What shows these tasks to this reader, in two statements at the most."""
    ids = {view.boost_id for view in views} - {None}
    boosts = session.scalars(sa.select(Boost).where(Boost.id.in_(ids))) if ids else ()
    second = [view.id for view in views if view.queue is Queue.SECOND_READING]
    return TaskContext(
        today(session),
        {boost.id: priority(boost) for boost in boosts},
        closed_to(session, actor.account_id, second),
    )


def priority(boost: Boost) -> order.Priority:
    """A boost in plain values, as the explanation of an order reads it."""
    return order.Priority(
        queue=boost.queue and boost.queue.value,
        chapter=boost.chapter,
        dispositif=boost.dispositif,
        vague=boost.vague,
        candidature=boost.candidature_id,
        reason=boost.reason,
        ends_on=boost.ends_on,
    )


def dossier_of(session: Session, actor: Actor, task_id: UUID) -> UUID:
    """The candidature that a task is about. Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    candidature_id = session.scalar(sa.select(Task.candidature_id).where(Task.id == task_id))
    if candidature_id is None:
        raise NotFound(NO_TASK)
    return candidature_id


def queue_named(name: str) -> Queue:
    """The queue of this name. Raises NotFound when no queue has it."""
    try:
        return Queue(name)
    except ValueError as error:
        raise NotFound(NO_QUEUE) from error


def held(moment: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Somebody has the task, on a claim that has not expired."""
    return (Claim.task_id == Task.id) & (Claim.expires_at > moment)


def _read_tasks(session: Session, views: Views, values: dict[str, Any]) -> Sequence[TaskView]:
    return [TaskView(**row._asdict()) for row in session.execute(views, values)]


@cache
def _counts() -> sa.Select[Queue, int, int, int]:
    """The columns of QueueView for the queues that have tasks: of those in hand the claims are counted, which are few.

    How many are open is kept (`OpenCount`): counting them would take as long as there are many.
    """
    moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=Claim.expires_at.type)
    kept = (
        sa.select(
            OpenCount.queue,
            sa.func.sum(OpenCount.with_agency).label("with_agency"),
            sa.func.sum(OpenCount.third_party).label("third_party"),
        )
        .where(impartial_at(moment, sa.bindparam("reader", type_=sa.Uuid()), OpenCount.organisation_id))
        .group_by(OpenCount.queue)
        .subquery("kept")
    )
    held_tasks = (
        sa.select(Task.queue, sa.func.count().label("tasks"))
        .join(Claim, held(moment))
        .where(WORKABLE, _IMPARTIAL)
        .group_by(Task.queue)
        .subquery("held_tasks")
    )
    in_hand = sa.func.coalesce(held_tasks.c.tasks, 0)
    return sa.select(
        kept.c.queue.label("name"),
        (kept.c.with_agency - in_hand).label("waiting"),
        in_hand.label("in_hand"),
        kept.c.third_party,
    ).outerjoin(held_tasks, held_tasks.c.queue == kept.c.queue)


# Made once: building such a statement takes longer than PostgreSQL needs to answer it.
@cache
def _page_of_queue(*, later: bool, due: bool) -> Views:
    page = sa.select(Task).where(Task.queue == sa.bindparam("queue"), WORKABLE, _IMPARTIAL)
    if due:
        page = page.where(Task.last_day <= sa.bindparam("latest"))
    return _task_views(_after_cursor(page, ORDER, later=later), ORDER)


@cache
def _page_of_all(narrowed: frozenset[str], *, later: bool) -> Views:
    page = sa.select(Task).where(WORKABLE, _IMPARTIAL)
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
        # No other day is read: in a couloir of few tasks the first page would lead through all that is open.
        days = (
            sa.select(OpenDayCount.day)
            .join(Dsr, Dsr.id == OpenDayCount.dsr_id)
            .where(Dsr.couloir == sa.bindparam("couloir"))
            .group_by(OpenDayCount.day)
            .having(sa.func.sum(OpenDayCount.ending) > 0)
        )
        page = page.where(
            Task.last_day == sa.any_(sa.func.array(days.scalar_subquery())),
            Task.candidature_id.in_(of_couloir),
        )
    if "candidature" in narrowed:
        page = page.where(Task.candidature_id == sa.bindparam("candidature"))
    if "holder" in narrowed:
        moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=Claim.expires_at.type)
        in_hand = (Claim.verifier_id == sa.bindparam("holder")) & (Claim.expires_at > moment)
        page = page.where(Task.id.in_(sa.select(Claim.task_id).where(in_hand)))
    return _task_views(_after_cursor(page, BY_LAST_DAY, later=later), BY_LAST_DAY)


@cache
def _single_task() -> Views:
    return _task_views(sa.select(Task).where(Task.id == sa.bindparam("task"), _IMPARTIAL), ORDER)


def _after_cursor(
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


def _task_views(page: sa.Select[Task], keys: Sequence[InstrumentedAttribute[Any]]) -> Views:
    """The columns of TaskView, each under its name, for a page of tasks that is chosen first.

    Plain columns cost a tenth of entities.
    """
    chosen = aliased(Task, page.subquery())
    of_task = [getattr(chosen, field.name) for field in fields(TaskView) if hasattr(Task, field.name)]
    moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=Claim.expires_at.type)
    return (
        sa.select(
            *of_task,
            Dsr.code.label("dsr"),
            Organisation.name.label("organisation"),
            Solution.commercial_name,
            Claim.verifier_id,
            Claim.claimed_at,
            Claim.expires_at,
            Account.name.label("verifier"),
        )
        .join(Candidature, Candidature.id == chosen.candidature_id)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == chosen.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
        .outerjoin(Claim, (Claim.task_id == chosen.id) & (Claim.expires_at > moment))
        .outerjoin(Account, Account.id == Claim.verifier_id)
        .order_by(*(getattr(chosen, key.key) for key in keys))
    )

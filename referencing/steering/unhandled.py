"""What waits in the queues and no verifier can take: by chapter and guichet, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.tasks.models import WORK_OF, OpenCount, Queue, Task
from referencing.catalogue.proposals import Guichet
from referencing.reviews.queues import verifier_queries, verifiers
from referencing.reviews.queues.models import Claim, SecondReading
from referencing.reviews.queues.queries import BY_LAST_DAY, WORKABLE, held

#: The queues of verifiers but that of second readings, each of which has readers that it is not for.
_READ_ONCE = [
    queue for queue, role in WORK_OF.items() if role is Role.VERIFIER and queue is not Queue.SECOND_READING
]
_KIND = (Task.chapter, Task.guichet, Task.organisation_id)
_NO_READING = sa.cast(sa.null(), sa.Uuid()).label("second_reading")


class Hindrance(StrEnum):
    NOBODY = "nobody"  # no verifier handles the chapter and the guichet
    BARRED = "barred"  # those who do have a conflict of interest, or read that version before
    LEAVE = "leave"  # those who could are away


@dataclass(frozen=True, slots=True)
class Unhandled:
    """Free tasks alike; `back_after` is the last day of leave after which somebody could take them."""

    chapter: str | None
    guichet: Guichet | None
    hindrance: Hindrance
    back_after: date | None
    tasks: int
    due_on: date  # of the first of them


def unhandled(session: Session, actor: Actor) -> Sequence[Unhandled]:
    """The free tasks of verifiers that none of them can take today, in the order in which they are due.

    Being full is no hindrance: who is gives their work back, or ends it.
    """
    authorise(actor, Right.STEER_QUEUES)
    return [Unhandled(**row._asdict()) for row in session.execute(_unhandled(session))]


def _unhandled(session: Session) -> sa.Select[str | None, Guichet | None, str, date | None, int, date]:
    waiting, team = _free_tasks(session), verifiers.team(session).subquery("team")
    handles = _handled(team.c.chapters, waiting.c.chapter) & _handled(team.c.guichets, waiting.c.guichet)
    barred = verifier_queries.in_conflict(team.c.id, waiting.c.organisation_id) | (
        verifier_queries.not_for(team.c.id, waiting.c.second_reading)
    )
    here = sa.func.bool_or(team.c.id.is_not(None) & team.c.away_until.is_(None) & ~barred)
    back_after = sa.func.min(team.c.away_until).filter(~barred)
    hindrance = sa.case(
        (sa.func.count(team.c.id) == 0, Hindrance.NOBODY),
        (back_after.is_(None), Hindrance.BARRED),
        else_=Hindrance.LEAVE,
    )
    alike = (
        sa.select(*waiting.c, hindrance.label("hindrance"), back_after.label("back_after"))
        .outerjoin_from(waiting, team, handles)
        .group_by(*waiting.c)
        .having(~here)
        .subquery("alike")
    )
    columns = (alike.c.chapter, alike.c.guichet, alike.c.hindrance, alike.c.back_after)
    second = alike.c.second_reading
    rows = (
        sa.select(
            *columns,
            sa.cast(sa.func.sum(alike.c.tasks), sa.Integer).label("tasks"),
            sa.func.array_agg(alike.c.organisation_id).filter(second.is_(None)).label("organisations"),
            sa.func.array_agg(second).filter(second.is_not(None)).label("second_readings"),
        )
        .group_by(*columns)
        .subquery("rows")
    )
    first = _first_of(session, rows).lateral("first")
    told = [*(rows.c[column.key] for column in columns), rows.c.tasks, first.c.due_on]
    return sa.select(*told).join_from(rows, first, sa.true()).order_by(first.c.due_on, *told[:4])


def _free_tasks(session: Session) -> sa.Subquery:
    """How many tasks nobody has, by all that decides who may take them; second readings one by one.

    Of the others the kept counts tell, less those that somebody has.
    """
    taken = sa.select(*_KIND, _NO_READING, sa.literal(-1).label("tasks")).join(Claim, held(now(session)))
    of_lead = sa.select(SecondReading.task_id).where(
        SecondReading.task_id == Task.id, verifier_queries.OF_LEAD
    )
    second = (
        sa.select(*_KIND, Task.id, sa.literal(1))
        .outerjoin(Claim, held(now(session)))
        .where(Task.queue == Queue.SECOND_READING, WORKABLE, Claim.task_id.is_(None), ~of_lead.exists())
    )
    kept = sa.select(
        OpenCount.chapter, OpenCount.guichet, OpenCount.organisation_id, _NO_READING, OpenCount.with_agency
    )
    counted = sa.union_all(
        taken.where(Task.queue.in_(_READ_ONCE), WORKABLE),
        second,
        kept.where(OpenCount.queue.in_(_READ_ONCE)),
    ).subquery("counted")
    kind, tasks = [column for column in counted.c if column.key != "tasks"], sa.func.sum(counted.c.tasks)
    return sa.select(*kind, tasks.label("tasks")).group_by(*kind).having(tasks > 0).subquery("waiting")


def _first_of(session: Session, rows: sa.Subquery) -> sa.Select[date]:
    """The first task of a row, read from the first of its chapter on: once a row, however many tasks it counts."""
    taken = sa.select(Claim.task_id).where(held(now(session))).correlate(Task).exists()
    read_once = Task.queue.in_(_READ_ONCE) & (Task.organisation_id == sa.any_(rows.c.organisations))
    return (
        sa.select(Task.due_on)
        .where(
            WORKABLE,
            ~taken,
            Task.chapter == rows.c.chapter,
            Task.guichet.is_not_distinct_from(rows.c.guichet),
            read_once | (Task.id == sa.any_(rows.c.second_readings)),
        )
        .order_by(*BY_LAST_DAY)
        .limit(1)
    )


def _handled(named: sa.ColumnElement[list[str]], value: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether what a verifier named has the value; naming nothing is all, and a task without one is everybody's."""
    return (sa.func.cardinality(named) == 0) | value.is_(None) | (value == sa.any_(named))

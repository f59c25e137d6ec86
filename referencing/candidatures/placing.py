"""Where open tasks stand in their queues: due by their budget, and before others where a lead boosts them.

The same statements place a new task and keep the others in their places, so what one run had to leave (a task
that somebody was closing, a budget that changed meanwhile) the next one finds.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from referencing.catalogue.models import Dsr, DsrVersion
from referencing.db import today
from referencing.jobs import enqueue

from .ball import BUDGET
from .models import Boost, Budget, Candidature, Task
from .workdays import Holder, Interval, due_on, paris_day, used, working_day_at

#: How many tasks are placed in one transaction; the others follow in another.
MOST_PLACED = 5_000

Which = sa.ColumnElement[bool]


def order_queues(session: Session) -> None:
    """Put every open task in its place; when there are many, go on in another job."""
    if max(_recount(session), _boost(session)) == MOST_PLACED:
        enqueue(session, "order_queues")


def place(session: Session, candidature: Candidature) -> None:
    """Put the open tasks of a dossier in their places."""
    session.flush()
    _recount(session, Task.candidature_id == candidature.id)
    _boost(session, Task.candidature_id == candidature.id)


def _recount(session: Session, *which: Which) -> int:
    """Give open tasks their budget, and the days on which it ends; answers how many had another one."""
    of_guichet, of_queue = aliased(Budget), aliased(Budget)
    days = sa.func.coalesce(of_guichet.days, of_queue.days, BUDGET)
    rows = session.execute(
        sa.select(Task.id, Task.opened_at, days.label("budget"))
        .outerjoin(of_guichet, (of_guichet.queue == Task.queue) & (of_guichet.guichet == Task.guichet))
        .outerjoin(of_queue, (of_queue.queue == Task.queue) & of_queue.guichet.is_(None))
        .where(Task.closed_at.is_(None), Task.budget != days, *which)
        .limit(MOST_PLACED)
        .with_for_update(of=Task, skip_locked=True)  # never waits for a dossier that waits for it
    ).all()
    held = _held_before(session, [row.id for row in rows])
    placed = []
    for task_id, opened_at, budget in rows:
        ledger = [*held.get(task_id, ()), Interval(Holder.AGENCY, opened_at)]
        left = budget - used(ledger, opened_at)
        due, last_day = due_on(budget, ledger, opened_at), working_day_at(paris_day(opened_at), left)
        placed.append({"id": task_id, "budget": budget, "due_on": due, "last_day": last_day})
    if placed:
        session.execute(sa.update(Task), placed)
    return len(placed)


def _held_before(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Interval]]:
    """The agency's earlier turns at what these tasks are about: an answer restarts the clock where it was.

    The agency holds the ball of an item or a dossier while a task about it is open; between two of them the editor,
    or the counter that delivers the piece, does.
    """
    earlier = aliased(Task)
    turns_of: sa.Select[*tuple[Any, ...]] = (
        sa.select(Task.id, earlier.opened_at, earlier.closed_at, Task.opened_at)
        .join(
            earlier,
            (earlier.candidature_id == Task.candidature_id)
            & earlier.item_id.is_not_distinct_from(Task.item_id)
            & (earlier.id != Task.id),
        )
        .where(Task.id.in_(ids), earlier.closed_at.is_not(None))
        .order_by(Task.id, earlier.opened_at, earlier.id)
    )
    found: dict[UUID, list[Interval]] = {}
    for task_id, start, end, opened_at in session.execute(turns_of):
        turns = found.setdefault(task_id, [])
        # Two servers' clocks may differ by a moment: no turn starts before the one before has ended.
        begun = max(start, turns[-1].end or start) if turns else start
        ended = min(end, opened_at)
        if begun <= ended:
            turns.append(Interval(Holder.AGENCY, begun, ended))
    return found


def _boost(session: Session, *which: Which) -> int:
    """Give open tasks the weightiest boost that they have all that is named in; answers how many had another."""
    best = (
        sa.select(Boost.id, Boost.weight)
        .where(
            Boost.ended_at.is_(None),
            Boost.ends_on >= today(session),
            _named(Boost.queue, Task.queue),
            _named(Boost.chapter, Task.chapter),
            _named(Boost.candidature_id, Task.candidature_id),
            _named(Boost.dispositif, Dsr.dispositif),
            _named(Boost.vague, Dsr.vague),
        )
        .order_by(Boost.weight.desc(), Boost.ends_on.desc(), Boost.id)
        .limit(1)
        .lateral("best")
    )
    moved = (
        sa.select(Task.id, best.c.id.label("boost_id"), best.c.weight)
        .join(Task.candidature)
        .join(Candidature.version)
        .join(DsrVersion.dsr)
        .outerjoin(best, sa.true())
        .where(Task.closed_at.is_(None), Task.boost_id.is_distinct_from(best.c.id), *which)
        .limit(MOST_PLACED)
        .with_for_update(of=Task, skip_locked=True)
        .subquery("moved")
    )
    placed = session.execute(
        sa.update(Task)
        .where(Task.id == moved.c.id)
        .values(boost_id=moved.c.boost_id, rank=-sa.func.coalesce(moved.c.weight, 0))
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return len(placed.all())


def _named(asked: InstrumentedAttribute[Any], found: InstrumentedAttribute[Any]) -> Which:
    return asked.is_(None) | (asked == found)

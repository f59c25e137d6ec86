"""The positions of open tasks in their queues: due by their budget, and before others where a lead boosts them.

The same statements place a new task and keep the others in their places, so what one run had to leave (a task
that somebody was closing, a budget that changed meanwhile) the next one finds.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from referencing.base.db import any_given, today, update_rows
from referencing.base.jobs import enqueue
from referencing.base.workdays import paris_day, working_day_at
from referencing.candidatures.clock.holders import without_waits
from referencing.candidatures.clock.ledger import Holder, Interval, due_on, used
from referencing.candidatures.record.models import Candidature
from referencing.catalogue.models import Dsr, DsrVersion

from .holders import BUDGET
from .models import Boost, Budget, Task, Wait

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
    _recount(session, candidature.id)
    _boost(session, Task.candidature_id == candidature.id)


@cache
def _miscounted(*, of_dossier: bool) -> sa.Select[UUID, UUID, int]:
    """The open tasks whose budget is another one by now, of all dossiers or of one.

    Tasks are left out while a third party has the ball: nothing is due then, and `resume` counts everything anew.
    """
    of_guichet, of_queue = aliased(Budget), aliased(Budget)
    days = sa.func.coalesce(of_guichet.days, of_queue.days, BUDGET)
    which = [Task.candidature_id == sa.bindparam("dossier")] if of_dossier else []
    return (
        sa.select(Task.id, Task.candidature_id, days.label("budget"))
        .outerjoin(of_guichet, (of_guichet.queue == Task.queue) & (of_guichet.guichet == Task.guichet))
        .outerjoin(of_queue, (of_queue.queue == Task.queue) & of_queue.guichet.is_(None))
        .where(Task.closed_at.is_(None), Task.third_party_since.is_(None), Task.budget != days, *which)
        .limit(MOST_PLACED)
        .with_for_update(of=Task, skip_locked=True)  # never waits for a dossier that waits for it
    )


def _recount(session: Session, dossier: UUID | None = None) -> int:
    """Give open tasks their budget, and the days on which it ends; answers how many had another budget."""
    miscounted = _miscounted(of_dossier=dossier is not None)
    rows = session.execute(miscounted, {"dossier": dossier} if dossier else {}).all()
    ledgers = _ledgers(session, [row.id for row in rows], {row.candidature_id for row in rows})
    placed = []
    for row in rows:
        ledger, budget = ledgers[row.id], row.budget
        since = ledger[-1].start
        left = budget - used(ledger, since)
        due, last_day = due_on(budget, ledger, since), working_day_at(paris_day(since), left)
        placed.append({"id": row.id, "budget": budget, "due_on": due, "last_day": last_day})
    update_rows(session, Task, placed)
    return len(placed)


def resume(session: Session, candidature: Candidature, task: Task) -> None:
    """A third party has given the ball back: the task's clock goes on where it was, and it is in its place again."""
    task.third_party_since = None
    task.budget = 0  # counted anew
    place(session, candidature)
    session.expire(task)


def _ledgers(session: Session, ids: Sequence[UUID], dossiers: Collection[UUID]) -> dict[UUID, list[Interval]]:
    """The agency's turns at what these open tasks of these dossiers are about, the last one open.

    An answer restarts the clock. The agency holds the ball of an item or a dossier while a task about it is open and
    waits for no third party; between two tasks the editor, or the counter that delivers the piece, does.
    """
    rows = session.execute(_every_turn(), {"tasks": [*ids], "dossiers": [*dossiers]})
    ledgers: dict[UUID, list[Interval]] = {task_id: [] for task_id in ids}
    for _, group in groupby(rows, key=lambda row: (row.task_id, row.turn_id)):
        turn, *others = group
        waits = [(row.begun_at, row.ended_at) for row in (turn, *others) if row.begun_at is not None]
        for start, end in without_waits(turn.opened_at, turn.closed_at, waits):
            ledger = ledgers[turn.task_id]
            # Two servers' clocks may differ by a moment: no turn starts before the one before has ended.
            begun = max(start, ledger[-1].end or start) if ledger else start
            if end is None or begun <= end:
                ledger.append(Interval(Holder.AGENCY, begun, end))
    return ledgers


@cache
def _every_turn() -> sa.CompoundSelect[*tuple[Any, ...]]:
    return sa.union_all(
        _turns(lambda turn: turn.item_id == Task.item_id),
        _turns(lambda turn: turn.item_id.is_(None) & Task.item_id.is_(None)),
    ).order_by("task_id", "runs", "opened_at", "turn_id", "begun_at")


def _turns(same: Callable[[type[Task]], Which]) -> sa.Select[*tuple[Any, ...]]:
    """Each of these open tasks with every task there was about the same item or dossier, and their waits.

    An index finds them by their dossiers and one comparison: a comparison of nulls as well would read all tasks.
    """
    turn = aliased(Task)
    return (
        sa.select(
            Task.id.label("task_id"),
            turn.id.label("turn_id"),
            turn.opened_at,
            turn.closed_at,
            Wait.started_at.label("begun_at"),
            Wait.ended_at,
            turn.closed_at.is_(None).label("runs"),
        )
        .join(turn, (turn.candidature_id == Task.candidature_id) & same(turn))
        .outerjoin(Wait, Wait.task_id == turn.id)
        .where(any_given(Task.id, "tasks"), any_given(turn.candidature_id, "dossiers"))
    )


def _boost(session: Session, *which: Which) -> int:
    """Give open tasks the weightiest boost whose every criterion they meet; answers how many had another boost."""
    best = (
        sa.select(Boost.id, Boost.weight)
        .where(
            Boost.ended_at.is_(None),
            Boost.ends_on >= today(session),
            _met(Boost.queue, Task.queue),
            _met(Boost.chapter, Task.chapter),
            _met(Boost.candidature_id, Task.candidature_id),
            _met(Boost.dispositif, Dsr.dispositif),
            _met(Boost.vague, Dsr.vague),
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


def _met(criterion: InstrumentedAttribute[Any], value: InstrumentedAttribute[Any]) -> Which:
    return criterion.is_(None) | (criterion == value)

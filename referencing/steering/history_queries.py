"""The record that the forecast is made from: the work that is there or to be expected, and how work went lately."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base.db import PARIS, today
from referencing.base.workdays import days_until
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import OPEN, WITH_EDITOR, ItemState, State
from referencing.candidatures.tasks.models import Queue, Task, Wait
from referencing.candidatures.tasks.queries import UNANSWERED
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.reviews.queues.outcomes import Outcome
from referencing.solutions.models import Configuration, Solution

from .habits import Answered, Past, still_to_wait
from .periods import midnight
from .simulation import Work
from .tallies import Bounds

#: Where dossiers are that have work to come, whether a task is open or not.
_UNDER_WAY = (State.SUBMITTED, State.INCOMPLETE, State.IN_REVIEW)
#: Items of which a task will come after the admissibility, or once the editor has supplied them.
_TO_COME = (*WITH_EDITOR, ItemState.SUPPLIED, ItemState.TO_CONFIRM)

#: Answers after which the editor has something to supply.
_AGAIN = Task.outcome.in_([Outcome.COMPLEMENT, "incomplete"]) | (
    (Task.queue == Queue.EQUIVALENCE) & (Task.outcome == Outcome.NONCONFORM)
)


class DossierNames(NamedTuple):
    dsr: str
    organisation: str
    commercial_name: str


def works(session: Session, third_parties: Sequence[int]) -> list[Work]:
    """The open work, and what is to follow from where the items stand; `third_parties` as in `Past`."""
    works = _open_works(session, third_parties)
    admissibilities = {work.candidature: work for work in works if work.queue == Queue.ADMISSIBILITY}
    states = session.execute(
        sa.select(
            Candidature.id,
            Candidature.state,
            Item.state.label("item_state"),
            sa.func.count().label("items"),
        )
        .join(Item, Item.candidature_id == Candidature.id)
        .where(Candidature.state.in_(_UNDER_WAY), Item.state.in_(_TO_COME))
        .group_by(Candidature.id, Candidature.state, Item.state)
        .order_by(Candidature.id, Item.state)
    ).all()
    incomplete = dict.fromkeys(row.id for row in states if row.state is State.INCOMPLETE)
    day = today(session)
    works += [Work(str(id_), Queue.ADMISSIBILITY, 1, -1, day, with_editor=True) for id_ in incomplete]
    for row in states:
        admitted = row.state is State.IN_REVIEW
        if admitted and row.item_state not in WITH_EDITOR:
            continue  # its task is open
        admissibility = admissibilities.get(str(row.id))
        works.append(
            Work(
                candidature=str(row.id),
                queue=Queue.EQUIVALENCE if row.item_state is ItemState.TO_CONFIRM else Queue.PROOF_REVIEW,
                tasks=row.items,
                place=admissibility.place if admissibility else -1,  # who comes back has the fewest days left
                since=admissibility.since if admissibility else day,
                # What an incomplete dossier lacks comes with it: the editor's answer is waited for once.
                with_editor=row.item_state in WITH_EDITOR and row.state is not State.INCOMPLETE,
                after=None if admitted else Queue.ADMISSIBILITY,
            )
        )
    return works


def _open_works(session: Session, third_parties: Sequence[int]) -> list[Work]:
    """The open tasks by dossier and place in the order: thousands of tasks of one dossier stand together.

    Tasks that wait for third parties stand alone: each comes back in its own time.
    """
    opened, asked_on = sa.func.min(Task.opened_at), day_of(Wait.started_at)
    rows = session.execute(
        sa.select(
            Task.candidature_id,
            Task.queue,
            day_of(opened).label("since"),
            sa.func.count().label("tasks"),
            asked_on.label("asked_on"),
            Wait.expected_on,
        )
        .outerjoin(Wait, (Wait.task_id == Task.id) & Wait.ended_at.is_(None))
        .where(Task.closed_at.is_(None))
        .group_by(Task.candidature_id, Task.queue, Task.rank, Task.last_day, asked_on, Wait.expected_on)
        .order_by(
            Task.rank, Task.last_day, opened, Task.candidature_id, Task.queue, asked_on, Wait.expected_on
        )
    )
    day = today(session)
    return [
        Work(
            candidature=str(row.candidature_id),
            queue=row.queue,
            tasks=row.tasks,
            place=place,
            since=row.since,
            comes_in=still_to_wait(
                third_parties, days_until(day, row.asked_on), days_until(row.expected_on, day)
            )
            if row.asked_on
            else (),
        )
        for place, row in enumerate(rows)
    ]


def past(session: Session, days: Sequence[date]) -> Past:
    """What happened from the first of these days until today began."""
    span = Task.closed_at >= midnight(days[0]), Task.closed_at < midnight(today(session))
    closed_on, opened_on = day_of(Task.closed_at), day_of(Task.opened_at)
    answered = session.execute(
        sa.select(
            Task.queue,
            sa.cast(Task.closed_by, sa.Text()).label("person"),
            closed_on.label("day"),
            sa.func.count().label("tasks"),
            sa.func.count().filter(_AGAIN).label("again"),
        )
        .where(*span, Task.closed_by.is_not(None), Task.outcome.not_in(UNANSWERED))
        .group_by(Task.queue, Task.closed_by, closed_on)
        .order_by(Task.queue, Task.closed_by, closed_on)
    )
    opened: dict[str, dict[date, int]] = {}
    arrived = sa.select(Task.queue, opened_on, sa.func.count()).group_by(Task.queue, opened_on)
    for queue, day, count in session.execute(
        arrived.where(Task.opened_at >= midnight(days[0]), Task.opened_at < midnight(today(session)))
    ):
        opened.setdefault(queue, {})[day] = count
    return Past(
        [Answered(**row._asdict()) for row in answered],
        opened,
        _editor_delays(session, days),
        _third_party_delays(session, days),
    )


def _third_party_delays(session: Session, days: Sequence[date]) -> list[int]:
    """The working days in which third parties answered; what was taken back, or not answered yet, does not tell."""
    asked, came = day_of(Wait.started_at), day_of(Wait.ended_at)
    rows = session.execute(
        sa.select(asked, came, sa.func.count())
        .where(
            Wait.answer.is_not(None),
            Wait.ended_at >= midnight(days[0]),
            Wait.ended_at < midnight(today(session)),
        )
        .group_by(asked, came)
        .order_by(asked, came)
    )
    return [days_until(end, start) for start, end, count in rows for _ in range(count)]


def _editor_delays(session: Session, days: Sequence[date]) -> dict[str, list[int]]:
    """The working days in which editors answered, by queue; an answer that has not come yet does not count."""
    following = sa.func.lead(Task.opened_at).over(
        partition_by=[Task.candidature_id, Task.item_id], order_by=Task.opened_at
    )
    turns = (
        sa.select(
            Task.queue,
            day_of(Task.closed_at).label("asked"),
            day_of(following).label("came"),
            _AGAIN.label("again"),
        )
        .where(Task.closed_at.is_(None) | (Task.closed_at >= midnight(days[0])))
        .subquery("turns")
    )
    rows = session.execute(
        sa.select(turns.c.queue, turns.c.asked, turns.c.came, sa.func.count())
        .where(turns.c.again, turns.c.came.is_not(None))
        .group_by(turns.c.queue, turns.c.asked, turns.c.came)
        .order_by(turns.c.queue, turns.c.asked, turns.c.came)
    )
    delays: dict[str, list[int]] = {}
    for queue, asked, came, count in rows:
        delays.setdefault(queue, []).extend([max(0, days_until(came, asked))] * count)
    return delays


def names(session: Session) -> dict[str, DossierNames]:
    """DSR, organisation and commercial name of every open dossier."""
    rows = session.execute(
        sa.select(
            Candidature.id,
            Dsr.code.label("dsr"),
            Organisation.name.label("organisation"),
            Solution.commercial_name,
        )
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == Candidature.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
        .where(Candidature.state.in_(sorted(OPEN)))
    )
    return {str(row.id): DossierNames(row.dsr, row.organisation, row.commercial_name) for row in rows}


def day_of(moment: Any) -> sa.ColumnElement[date]:
    """The date of a moment in Paris."""
    return sa.cast(sa.func.timezone(PARIS.key, moment), sa.Date())


def bucket_of(moment: Any, bounds: Bounds) -> sa.ColumnElement[int]:
    """After how many of the bounds a moment is; 0 before them all."""
    return sa.func.width_bucket(moment, sa.literal(bounds.moments, sa.ARRAY(sa.DateTime(timezone=True))))

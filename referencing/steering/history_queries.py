"""What the forecast is made from: the work that is there or to be expected, and how work went lately."""

from collections.abc import Sequence
from datetime import date
from typing import Any

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

#: Where dossiers are that have work to come, whether a task is open or not.
_UNDER_WAY = (State.SUBMITTED, State.INCOMPLETE, State.IN_REVIEW)
#: Items of which a task will come after the admissibility, or once the editor has supplied them.
_TO_COME = (*WITH_EDITOR, ItemState.SUPPLIED, ItemState.TO_CONFIRM)

#: Answers after which the editor has something to supply.
_AGAIN = Task.outcome.in_([Outcome.COMPLEMENT, "incomplete"]) | (
    (Task.queue == Queue.EQUIVALENCE) & (Task.outcome == Outcome.NONCONFORM)
)


def works(session: Session, third_parties: Sequence[int]) -> list[Work]:
    """All that is open, and what follows from where the items stand; `third_parties` as in `Past`."""
    found = _open(session, third_parties)
    places = {one.candidature: one for one in found if one.queue == Queue.ADMISSIBILITY}
    states = session.execute(
        sa.select(Candidature.id, Candidature.state, Item.state, sa.func.count())
        .join(Item, Item.candidature_id == Candidature.id)
        .where(Candidature.state.in_(_UNDER_WAY), Item.state.in_(_TO_COME))
        .group_by(Candidature.id, Candidature.state, Item.state)
        .order_by(Candidature.id, Item.state)
    ).all()
    incomplete = dict.fromkeys(row[0] for row in states if row[1] is State.INCOMPLETE)
    day = today(session)
    found += [Work(str(one), Queue.ADMISSIBILITY, 1, -1, day, with_editor=True) for one in incomplete]
    for candidature, state, item, count in states:
        admitted = state is State.IN_REVIEW
        if admitted and item not in WITH_EDITOR:
            continue  # its task is open
        dossier = places.get(str(candidature))
        found.append(
            Work(
                str(candidature),
                Queue.EQUIVALENCE if item is ItemState.TO_CONFIRM else Queue.PROOF_REVIEW,
                count,
                dossier.place if dossier else -1,  # who comes back has the fewest days left
                dossier.since if dossier else day,
                # What an incomplete dossier lacks comes with it: the editor's answer is waited for once.
                with_editor=item in WITH_EDITOR and state is not State.INCOMPLETE,
                after=None if admitted else Queue.ADMISSIBILITY,
            )
        )
    return found


def _open(session: Session, third_parties: Sequence[int]) -> list[Work]:
    """By dossier and place in the order; thousands of tasks of one dossier stand together.

    Not those that wait for third parties: each comes back in its own time.
    """
    opened, asked_on = sa.func.min(Task.opened_at), _day(Wait.started_at)
    rows = session.execute(
        sa.select(Task.candidature_id, Task.queue, _day(opened), sa.func.count(), asked_on, Wait.expected_on)
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
            str(candidature),
            queue,
            count,
            place,
            since,
            comes_in=still_to_wait(third_parties, days_until(day, asked), days_until(expected, day))
            if asked
            else (),
        )
        for place, (candidature, queue, since, count, asked, expected) in enumerate(rows)
    ]


def past(session: Session, days: Sequence[date]) -> Past:
    """What happened from the first of these days until today began."""
    span = Task.closed_at >= midnight(days[0]), Task.closed_at < midnight(today(session))
    closed_on, opened_on = _day(Task.closed_at), _day(Task.opened_at)
    answered = session.execute(
        sa.select(Task.queue, Task.closed_by, closed_on, sa.func.count(), sa.func.count().filter(_AGAIN))
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
        [Answered(queue, str(person), day, tasks, again) for queue, person, day, tasks, again in answered],
        opened,
        _delays(session, days),
        _third_parties(session, days),
    )


def _third_parties(session: Session, days: Sequence[date]) -> list[int]:
    """In how many working days they answered; what was taken back, or not answered yet, does not tell."""
    asked, came = _day(Wait.started_at), _day(Wait.ended_at)
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


def _delays(session: Session, days: Sequence[date]) -> dict[str, list[int]]:
    """By queue, in how many working days editors answered; who has not answered yet is not known."""
    following = sa.func.lead(Task.opened_at).over(
        partition_by=[Task.candidature_id, Task.item_id], order_by=Task.opened_at
    )
    turns = (
        sa.select(
            Task.queue,
            _day(Task.closed_at).label("asked"),
            _day(following).label("came"),
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
    found: dict[str, list[int]] = {}
    for queue, asked, came, count in rows:
        found.setdefault(queue, []).extend([max(0, days_until(came, asked))] * count)
    return found


def names(session: Session) -> dict[str, tuple[str, str, str]]:
    """DSR, organisation and commercial name of every open dossier."""
    rows = session.execute(
        sa.select(Candidature.id, Dsr.code, Organisation.name, Solution.commercial_name)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == Candidature.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
        .where(Candidature.state.in_(sorted(OPEN)))
    )
    return {str(candidature): (dsr, organisation, name) for candidature, dsr, organisation, name in rows}


def _day(moment: Any) -> sa.ColumnElement[date]:
    """The date in Paris."""
    return sa.cast(sa.func.timezone(PARIS.key, moment), sa.Date())

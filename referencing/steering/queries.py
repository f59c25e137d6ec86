"""How the queues stand and what went through them, counted by the database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from referencing.accounts.models import Account
from referencing.base.db import now, today
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.base.workdays import working_day_at
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import OpenDayCount, Queue, Task
from referencing.candidatures.tasks.queries import UNANSWERED
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.reviews.queues.models import Claim, Reading
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.queues.queries import WORKABLE, held

from .history_queries import bucket_of
from .opinion_queries import Opinions, opinions
from .periods import AGES, DAYS_LEFT, Period, midnight, weeks
from .tallies import Bounds, Tally


class By(StrEnum):
    QUEUE = "queue"
    CHAPTER = "chapter"
    COULOIR = "couloir"


@dataclass
class Figures:
    """How a queue, a chapter or a couloir stands; admissibility has no chapter. What is not known is None.

    What waits for a third party is counted apart: the agency can do nothing, and no day of its budget goes by.
    Second readings are of the findings first given in the group, compared in the period, and of which one stands.
    Closed tasks are those that somebody answered: not what was withdrawn, needless or quarantined.
    What waits for experts are opinions, whose days run from the question to the day for which it was asked.
    """

    group: str | None
    waiting: int = 0
    in_hand: int = 0
    third_party: int = 0
    ages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))
    days_left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DAYS_LEFT, 0))
    weeks: dict[date, int] = field(default_factory=dict)
    closed: int = 0
    average_days: float | None = None
    p90_days: int | None = None
    rounds_per_item: float | None = None
    second_readings: int = 0
    agreed: int = 0

    def add_answers(self, tally: Tally) -> None:
        self.weeks |= tally.weeks
        self.closed, self.average_days, self.p90_days = tally.closed, tally.average_days, tally.p90_days
        self.rounds_per_item = tally.rounds_per_item

    def add_opinions(self, asked: Opinions) -> None:
        self.waiting = asked.ages.total()
        self.ages |= asked.ages
        self.days_left |= asked.days_left
        self.add_answers(asked.answered)

    @property
    def agreement(self) -> float | None:
        """The findings agreed on, in a hundred."""
        return round(100 * self.agreed / self.second_readings, 1) if self.second_readings else None


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has in hand, and answered in a period."""

    id: UUID
    name: str
    role: Role
    in_hand: int
    closed: int
    average_days: float | None


def period(session: Session, actor: Actor, starts_on: date | None, ends_on: date | None) -> Period:
    """The days asked for; unless given, the last weeks until today. Raises Invalid when it ends before it starts."""
    authorise(actor, Right.STEER_QUEUES)
    day = today(session)
    ends = ends_on or day
    starts = starts_on or min(weeks(day)[0], ends)
    if ends < starts:
        raise Invalid(
            "La période finit avant de commencer.",
            [FieldError("/to", "Donnez un jour qui n'est pas avant from.")],
        )
    return Period(starts, ends)


def figures(session: Session, actor: Actor, by: By, over: Period) -> Sequence[Figures]:
    """The figures by name; all the queues in their own order, whether anything is in them or not."""
    authorise(actor, Right.STEER_QUEUES)
    bounds = Bounds(weeks(today(session)), over)
    by_group: dict[str | None, Figures] = {}

    def figures_of(name: str | None) -> Figures:
        return by_group.setdefault(name, Figures(name, weeks=dict.fromkeys(bounds.mondays, 0)))

    for queue in Queue if by is By.QUEUE else ():
        figures_of(queue)
    for row in session.execute(_open_counts(session, by)):
        group, counts = figures_of(row.group), row._asdict()
        group.waiting, group.in_hand, group.third_party = row.open - row.in_hand, row.in_hand, row.third_party
        group.ages = {band: counts[f"age {band}"] for band in AGES}
        group.days_left = {band: counts[f"left {band}"] for band in DAYS_LEFT}
    for name, tally in _tallies(session, by, bounds).items():
        figures_of(name).add_answers(tally)
    for row in session.execute(_compared_counts(by, over)):
        group = figures_of(row.group)
        group.second_readings, group.agreed = row.compared, row.agreed
    if by is By.QUEUE:
        figures_of(Queue.EXPERT_OPINION).add_opinions(opinions(session, bounds))
        return list(by_group.values())
    return [by_group[name] for name in sorted(by_group, key=lambda name: (name is None, name))]


def loads(session: Session, actor: Actor, over: Period) -> Sequence[Load]:
    """The verifiers, and whoever else has something in hand or answered something; by name."""
    authorise(actor, Right.STEER_QUEUES)
    in_hand = (
        sa.select(Claim.verifier_id, sa.func.count().label("tasks"))
        .join(Task, held(now(session)))
        .where(Task.closed_at.is_(None))
        .group_by(Claim.verifier_id)
        .subquery("in_hand")
    )
    closed = (
        sa.select(Task.closed_by, sa.func.count().label("tasks"), _mean(Task.days_used).label("days"))
        .where(*_answered(over))
        .group_by(Task.closed_by)
        .subquery("closed")
    )
    rows = session.execute(
        sa.select(
            Account.id,
            Account.name,
            Account.role,
            sa.func.coalesce(in_hand.c.tasks, 0).label("in_hand"),
            sa.func.coalesce(closed.c.tasks, 0).label("closed"),
            closed.c.days.label("average_days"),
        )
        .outerjoin(in_hand, in_hand.c.verifier_id == Account.id)
        .outerjoin(closed, closed.c.closed_by == Account.id)
        .where(
            ((Account.role == Role.VERIFIER) & Account.disabled_at.is_(None))
            | in_hand.c.tasks.is_not(None)
            | closed.c.tasks.is_not(None)
        )
        .order_by(Account.name, Account.id)
    )
    return [Load(**row._asdict()) for row in rows]


def _open_counts(session: Session, by: By) -> sa.Select[Any]:
    """How many are open, from the counts that are kept of each day; those in hand are few, and counted."""
    day = today(session)
    bands = {f"age {band}": (OpenDayCount.opened, _opened_within(ages, day)) for band, ages in AGES.items()}
    bands |= {
        f"left {band}": (OpenDayCount.ending, _left_within(days, day)) for band, days in DAYS_LEFT.items()
    }
    group = {
        By.QUEUE: OpenDayCount.queue,
        By.CHAPTER: OpenDayCount.chapter,
        By.COULOIR: Dsr.couloir,
    }[by]
    open_tasks, third_party = sa.func.sum(OpenDayCount.opened), sa.func.sum(OpenDayCount.third_party)
    kept = (
        sa.select(
            group.label("group"),
            open_tasks.label("open"),
            third_party.label("third_party"),
            *(
                sa.func.coalesce(sa.func.sum(tasks).filter(within), 0).label(band)
                for band, (tasks, within) in bands.items()
            ),
        )
        .join(Dsr, Dsr.id == OpenDayCount.dsr_id)
        .group_by(group)
        .having((open_tasks > 0) | (third_party > 0))
        .subquery("kept")
    )
    in_hand = _grouped(by, sa.func.count().label("tasks")).join(Claim, held(now(session)))
    held_tasks = in_hand.where(WORKABLE).subquery("held_tasks")
    return sa.select(kept, sa.func.coalesce(held_tasks.c.tasks, 0).label("in_hand")).outerjoin(
        held_tasks, kept.c.group.is_not_distinct_from(held_tasks.c.group)
    )


def _opened_within(ages: tuple[int, int | None], day: date) -> sa.ColumnElement[bool]:
    youngest, oldest = ages
    within = [OpenDayCount.day < working_day_at(day, 1 - youngest)] if youngest else []
    within += [OpenDayCount.day >= working_day_at(day, -oldest)] if oldest is not None else []
    return sa.and_(*within)


def _left_within(days: tuple[int | None, int | None], day: date) -> sa.ColumnElement[bool]:
    fewest, most = days
    within = [OpenDayCount.day > working_day_at(day, fewest - 1)] if fewest is not None else []
    within += [OpenDayCount.day <= working_day_at(day, most)] if most is not None else []
    return sa.and_(*within)


def _tallies(session: Session, by: By, bounds: Bounds) -> dict[str | None, Tally]:
    tallies: dict[str | None, Tally] = defaultdict(Tally)
    for row in session.execute(_answered_counts(by, bounds)):
        tallies[row.group].add(bounds, row.bucket, row.days_used, row.tasks, row.settled, row.verdicts or 0)
    return tallies


def _answered_counts(by: By, bounds: Bounds) -> sa.Select[Any]:
    """The tasks that were answered in the weeks or the period, by the bounds between which they were.

    One pass over the answers, by an index that holds all of this: nothing is looked up for each of them.
    """
    bucket = bucket_of(Task.closed_at, bounds)
    settled = Task.verdicts.is_not(None) & Task.outcome.in_([Outcome.CONFORM, Outcome.NONCONFORM])
    return (
        _grouped(
            by,
            bucket.label("bucket"),
            Task.days_used,
            sa.func.count().label("tasks"),
            sa.func.count().filter(settled).label("settled"),
            sa.func.sum(Task.verdicts).filter(settled).label("verdicts"),
        )
        .where(_in_weeks_or_period(bounds), Task.outcome.not_in(UNANSWERED))
        .group_by(bucket, Task.days_used)
    )


def _in_weeks_or_period(bounds: Bounds) -> sa.ColumnElement[bool]:
    weeks_begin, over = midnight(bounds.mondays[0]), bounds.over
    if over.end >= weeks_begin:
        return Task.closed_at >= min(weeks_begin, over.start)
    in_period = (Task.closed_at >= over.start) & (Task.closed_at < over.end)
    return in_period | (Task.closed_at >= weeks_begin)


def _compared_counts(by: By, over: Period) -> sa.Select[Any]:
    """How many first findings were read a second time, and in how many both found the same, by the first task."""
    first, second, again = aliased(Reading), aliased(Reading), aliased(Task)
    return (
        _grouped(
            by,
            sa.func.count().label("compared"),
            sa.func.count().filter(first.finding == second.finding).label("agreed"),
        )
        .join(first, (first.task_id == Task.id) & (first.round == 1))
        .join(second, (second.verification_id == first.verification_id) & (second.round == 2))
        .join(again, again.id == second.task_id)
        .where(*_answered(over, again))
    )


def _answered(over: Period, task: Any = Task) -> list[sa.ColumnElement[bool]]:
    return [task.closed_at >= over.start, task.closed_at < over.end, task.outcome.not_in(UNANSWERED)]


def _mean(column: sa.ColumnElement[Any] | Any) -> sa.ColumnElement[float]:
    return sa.cast(sa.func.avg(column), sa.Float())


def _grouped(by: By, *columns: sa.ColumnElement[Any] | InstrumentedAttribute[Any]) -> sa.Select[Any]:
    if by is not By.COULOIR:
        group = Task.queue if by is By.QUEUE else Task.chapter
        return sa.select(group.label("group"), *columns).select_from(Task).group_by(group)
    return (
        sa.select(Dsr.couloir.label("group"), *columns)
        .select_from(Task)
        .join(Candidature, Candidature.id == Task.candidature_id)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .group_by(Dsr.couloir)
    )

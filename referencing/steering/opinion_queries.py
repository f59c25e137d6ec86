"""What experts are asked and have answered: the figures of their queue, in which there are no tasks."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.workdays import days_until
from referencing.candidatures.tasks.models import Opinion, Task
from referencing.candidatures.tasks.queries import OPINION_AWAITED

from .history_queries import bucket_of, day_of
from .periods import AGES, DAYS_LEFT, band_of
from .tallies import Bounds, Tally


@dataclass(frozen=True, slots=True)
class Opinions:
    """How many are awaited, by the days since they were asked and those left until they are due; and the answers."""

    ages: Counter[str] = field(default_factory=Counter)
    days_left: Counter[str] = field(default_factory=Counter)
    answered: Tally = field(default_factory=Tally)


def opinions(session: Session, bounds: Bounds) -> Opinions:
    """How many somebody waits for today, and how many were answered in the weeks or the period."""
    counted, day = Opinions(), today(session)
    for row in session.execute(_by_days(bounds)):
        if row.answered_on is None:
            counted.ages[band_of(AGES, days_until(day, row.asked_on))] += row.opinions
            counted.days_left[band_of(DAYS_LEFT, days_until(row.due_on, day))] += row.opinions
        else:
            counted.answered.add(bounds, row.bucket, days_until(row.answered_on, row.asked_on), row.opinions)
    return counted


def _by_days(bounds: Bounds) -> sa.Select[*tuple[Any, ...]]:
    answered = Opinion.answered_at >= bounds.moments[0]
    days = {
        "asked_on": day_of(Opinion.asked_at),
        "due_on": Opinion.due_on,
        "answered_on": day_of(Opinion.answered_at),
        "bucket": bucket_of(Opinion.answered_at, bounds),
    }
    return (
        sa.select(*(value.label(name) for name, value in days.items()), sa.func.count().label("opinions"))
        .join(Opinion.task)
        .where((OPINION_AWAITED & Task.closed_at.is_(None)) | answered)
        .group_by(*days.values())
    )

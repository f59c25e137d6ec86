"""How much waits, counted in the database when it is asked: jobs, uploads, review work."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now, today
from referencing.base.models import Job
from referencing.base.workdays import days_until
from referencing.candidatures.tasks.models import OpenDayCount
from referencing.uploads.models import Upload
from referencing.uploads.queries import UNDER_WAY


@dataclass(frozen=True, slots=True)
class Level:
    """How much there is of something; `kind` is which of its kinds, empty where it has none."""

    name: str
    value: float
    kind: str = ""


def levels(session: Session) -> Iterator[Level]:
    """Three statements: two by an index over what is not done, one by the counts of open tasks."""
    yield from _jobs(session)
    count, size = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Upload.offset), 0)).where(UNDER_WAY)
    ).one()
    yield Level("uploads_under_way", count)
    yield Level("uploads_under_way_bytes", float(size))
    days = (
        sa.select(OpenDayCount.queue, OpenDayCount.day, sa.func.sum(OpenDayCount.ending).label("tasks"))
        .group_by(OpenDayCount.queue, OpenDayCount.day)
        .having(sa.func.sum(OpenDayCount.ending) > 0)
        .subquery("days")
    )
    waiting = sa.select(days.c.queue, sa.func.sum(days.c.tasks), sa.func.min(days.c.day)).group_by(
        days.c.queue
    )
    for queue, depth, last_day in session.execute(waiting):
        yield Level("review_tasks", depth, queue.value)
        yield Level("review_days_left", days_until(last_day, today(session)), queue.value)


def _jobs(session: Session) -> Iterator[Level]:
    moment = now(session)
    undone = (
        sa.select(Job.task, sa.func.count(), sa.func.min(Job.created_at), sa.func.min(Job.due_at))
        .where(Job.done_at.is_(None), Job.dead_at.is_(None))
        .group_by(Job.task)
    )
    lag = 0.0
    for task, count, oldest, due in session.execute(undone):
        yield Level("jobs_undone", count, task)
        yield Level("jobs_undone_oldest_seconds", max((moment - oldest).total_seconds(), 0), task)
        lag = max(lag, (moment - due).total_seconds())
    yield Level("relay_lag_seconds", lag)

"""How much is open, counted task by task: what the kept counts must come to at every moment."""

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.workdays import paris_day
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import OpenCount, OpenDayCount, Task
from referencing.catalogue.models import DsrVersion

Counts = Counter[tuple[Any, ...]]


def recounted(session: Session) -> Counts:
    """From the tasks themselves."""
    session.flush()
    counts: Counts = Counter()
    rows = session.execute(
        sa.select(Task, DsrVersion.dsr_id)
        .join(Candidature, Candidature.id == Task.candidature_id)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .where(Task.closed_at.is_(None))
        .execution_options(populate_existing=True)
    )
    for task, dsr_id in rows:
        alike, of_day = (
            (task.queue, task.chapter, task.guichet, task.organisation_id),
            (task.queue, task.chapter, dsr_id),
        )
        opened_on = paris_day(task.opened_at)
        if task.third_party_since is None:
            counts.update(
                [
                    ("with_agency", *alike),
                    ("opened", *of_day, opened_on),
                    ("ending", *of_day, task.last_day),
                ]
            )
        else:
            counts.update([("third_party", *alike), ("third_party", *of_day, opened_on)])
    return counts


def kept(session: Session) -> Counts:
    """From the rows that add up."""
    session.flush()
    counts: Counts = Counter()
    for row in session.execute(sa.select(OpenCount.__table__)):
        alike = (row.queue, row.chapter, row.guichet, row.organisation_id)
        counts[("with_agency", *alike)] += row.with_agency
        counts[("third_party", *alike)] += row.third_party
    for row in session.execute(sa.select(OpenDayCount.__table__)):
        of_day = (row.queue, row.chapter, row.dsr_id, row.day)
        counts[("opened", *of_day)] += row.opened
        counts[("ending", *of_day)] += row.ending
        counts[("third_party", *of_day)] += row.third_party
    return Counter({kind: tasks for kind, tasks in counts.items() if tasks})

"""The jobs that failed too often: seen by a lead, and tried again when what was wrong is mended."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import after, now
from referencing.base.errors import Conflict, NotFound
from referencing.base.models import Job
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import record

NO_JOB = "Cette tâche de fond n'existe pas : relisez la liste."


def dead_jobs(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Job]:
    """The jobs that failed too often, in the order in which they were asked for."""
    authorise(actor, Right.REPLAY_JOBS)
    return session.scalars(
        after(sa.select(Job).where(Job.dead_at.is_not(None)), [Job.id], cursor).limit(limit)
    ).all()


def replay(session: Session, actor: Actor, job_id: UUID) -> Job:
    """Try it again, as often as a new one. Raises NotFound, or Conflict when it is not dead."""
    authorise(actor, Right.REPLAY_JOBS)
    job = session.get(Job, job_id, with_for_update=True)
    if job is None:
        raise NotFound(NO_JOB)
    if job.dead_at is None:
        raise Conflict("Cette tâche de fond n'est pas abandonnée : elle est faite, ou le sera.")
    job.dead_at, job.attempts, job.due_at = None, 0, now(session)
    record(session, actor, "job.replayed", f"job:{job.id}", {"task": job.task})
    return job

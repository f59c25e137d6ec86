"""Jobs: work that follows a change, each a row of the transaction that caused it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, Id, Timestamped


class Job(Timestamped, Base):
    """`due_at` is when it may next be handed over; a job that failed too often stays, with its last error."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_task", "task", "created_at"),
        sa.Index("ix_job_due", "due_at", postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL")),
        sa.Index("ix_job_done_at", "done_at", postgresql_where=sa.text("done_at IS NOT NULL")),
    )

    id: Mapped[Id]
    task: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    #: The trace of which it is a part, as W3C's `traceparent`; None where none is followed.
    trace: Mapped[str | None]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

"""Rows that are of use for a time only go by age, some at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from referencing.base.db import now

#: Rows of one kind that go at a time.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Period:
    """For how long after its moment `since` a row is kept; a row that has no such moment yet stays."""

    since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    kept: timedelta


def forget(session: Session, period: Period) -> None:
    """Delete what has been kept for its period, oldest first, at most `AT_ONCE` rows."""
    table = period.since.class_
    key = sa.tuple_(*sa.inspect(table).primary_key)
    old = (
        sa.select(*sa.inspect(table).primary_key)
        .where(period.since < now(session) - period.kept)
        .order_by(period.since)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    session.execute(sa.delete(table).where(key.in_(old)).execution_options(synchronize_session=False))

"""Rows that are of use for a time only go by age, some at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from referencing.base.db import now

#: Rows of one kind that go at a time.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Period:
    """For how long after its moment `since` a row is kept; a row that has no such moment yet stays.

    `kept` is a time, or the name of the days of a setting. Where `blanked` is said, it goes and the row stays; where
    `row` is said, that row goes, which belongs to the one that has the moment.
    """

    since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    kept: timedelta | str
    blanked: InstrumentedAttribute[Any] | None = None
    row: InstrumentedAttribute[Any] | None = None

    @property
    def table(self) -> Any:
        return self.since.class_ if self.row is None else self.row.class_

    @property
    def name(self) -> str:
        name: str = self.table.__tablename__
        return name if self.blanked is None else f"{name}.{self.blanked.key}"

    def lasts(self, days: Mapping[str, int]) -> timedelta:
        return self.kept if isinstance(self.kept, timedelta) else timedelta(days=days[self.kept])


def overdue(session: Session, period: Period, days: Mapping[str, int]) -> sa.Select[Any]:
    """The keys of what has been kept for its period; `days` are those of the settings."""
    keys = sa.select(*sa.inspect(period.table).primary_key)
    if period.row is not None:
        keys = keys.join(period.since.class_, period.row == sa.inspect(period.since.class_).primary_key[0])
    if period.blanked is not None:
        keys = keys.where(period.blanked.is_not(None))
    return keys.where(period.since < now(session) - period.lasts(days))


def forget(session: Session, period: Period, days: Mapping[str, int]) -> int:
    """Let go what has been kept for its period, oldest first, at most `AT_ONCE` rows; answers how many went."""
    oldest = overdue(session, period, days).order_by(period.since).limit(AT_ONCE)
    blanked: dict[Any, None] = {} if period.blanked is None else {period.blanked: None}
    return let_go(session, period.table, oldest.with_for_update(skip_locked=True, of=period.table), blanked)


def let_go(session: Session, table: Any, keys: sa.Select[Any], blanked: Mapping[Any, Any]) -> int:
    """Delete the rows of these keys; or, where values are given to be `blanked` with, write these into them.

    Answers how many rows it were.
    """
    these = sa.tuple_(*sa.inspect(table).primary_key).in_(keys)
    going: sa.Update | sa.Delete = (
        sa.update(table).where(these).values(dict(blanked)) if blanked else sa.delete(table).where(these)
    )
    gone = session.execute(going.execution_options(synchronize_session=False))
    return gone.rowcount  # type: ignore[attr-defined, no-any-return]  # of what changes rows


def count_overdue(session: Session, period: Period, days: Mapping[str, int]) -> int:
    rows = overdue(session, period, days).subquery()
    return session.scalars(sa.select(sa.func.count()).select_from(rows)).one()

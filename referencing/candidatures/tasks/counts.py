"""Figures of open tasks are kept as rows that add up; the rows of one kind are made one from time to time."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .models import OpenCount, OpenDayCount

#: The numbers of each table; its other columns say of what they are.
_NUMBERS = {OpenCount: ("with_agency", "third_party"), OpenDayCount: ("opened", "ending", "third_party")}


def add_up(session: Session) -> None:
    """Put one row in the place of those alike, none where they come to nothing. Nobody waits: rows that another takes
    away at the same time are left to it.

    The sum is the same before and after: only rows that this transaction itself took away are in it.
    """
    for counts, numbers in _NUMBERS.items():
        words = [column for column in counts.__table__.c if column.name not in {"id", *numbers}]
        key, alike = counts.__table__.c.id, sa.func.count().over(partition_by=words).label("alike")
        rows = sa.select(key, alike).subquery()
        several = sa.select(key).where(key.in_(sa.select(rows.c.id).where(rows.c.alike > 1)))
        free = several.with_for_update(skip_locked=True)
        taken = sa.delete(counts).where(key.in_(free)).returning(*counts.__table__.c).cte("taken")
        kinds = [taken.c[column.name] for column in words]
        sums = [sa.func.sum(taken.c[name]) for name in numbers]
        added = sa.select(*kinds, *sums).group_by(*kinds).having(sa.or_(*(total != 0 for total in sums)))
        names = [*(column.name for column in words), *numbers]
        session.execute(sa.insert(counts).from_select(names, added))

"""Reading the record."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .models import Entry


def stream(session: Session, name: str, after: int = 0, limit: int = 100) -> Sequence[Entry]:
    """The entries of one stream after a number, oldest first."""
    return session.scalars(
        sa.select(Entry).where(Entry.stream == name, Entry.number > after).order_by(Entry.number).limit(limit)
    ).all()

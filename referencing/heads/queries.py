"""Reading the heads of the record."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .models import Head


def newest(session: Session, before: UUID | None = None, limit: int = 100) -> Sequence[Head]:
    """The heads, newest first, before one of them."""
    select = sa.select(Head).order_by(Head.id.desc()).limit(limit)
    return session.scalars(select if before is None else select.where(Head.id < before)).all()


def last(session: Session) -> Head | None:
    return next(iter(newest(session, limit=1)), None)


def is_signed(session: Session, size: int) -> bool:
    """Whether a head of that size was signed."""
    return session.scalar(sa.select(sa.exists().where(Head.size == size))) or False

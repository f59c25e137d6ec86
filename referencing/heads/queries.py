"""Reading the heads of the record."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import before

from .models import Head


def newest(session: Session, cursor: Sequence[Any] | None = None, limit: int = 100) -> Sequence[Head]:
    """The heads, newest first, before one of them."""
    return session.scalars(before(sa.select(Head), Head.id, cursor).limit(limit)).all()


def last(session: Session) -> Head | None:
    return next(iter(newest(session, limit=1)), None)


def is_signed(session: Session, size: int) -> bool:
    """Whether a head of that size was signed."""
    return session.scalar(sa.select(sa.exists().where(Head.size == size))) or False


def first_over(session: Session, place: int) -> Head | None:
    """The first head that was signed over the leaf at a place; None while there is none."""
    covering = sa.select(Head).where(Head.size > place).order_by(Head.size, Head.id)
    return session.scalar(covering.limit(1))

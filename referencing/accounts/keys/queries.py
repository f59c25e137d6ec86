"""Which keys serve, and those of an account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import after, now
from referencing.base.errors import NotFound

from .models import AccountKey


def serving(moment: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Whether a key speaks for its account at that moment."""
    unexpired = AccountKey.expires_at.is_(None) | (AccountKey.expires_at > moment)
    return AccountKey.revoked_at.is_(None) & unexpired


def keys(
    session: Session, account_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[AccountKey]:
    """All keys that an account ever had, in the order of their creation."""
    every = sa.select(AccountKey).where(AccountKey.account_id == account_id)
    return session.scalars(after(every, [AccountKey.id], cursor).limit(limit)).all()


def number_serving(session: Session, account_id: UUID) -> int:
    wanted = sa.select(sa.func.count()).where(AccountKey.account_id == account_id, serving(now(session)))
    return session.scalar(wanted) or 0


def key(session: Session, account_id: UUID, key_id: UUID) -> AccountKey:
    """A key of an account, locked. Raises NotFound."""
    existing = session.scalar(
        sa.select(AccountKey)
        .where(AccountKey.account_id == account_id, AccountKey.id == key_id)
        .with_for_update()
    )
    if existing is None:
        raise NotFound("Ce compte n'a pas cette clé : relisez la liste de ses clés.")
    return existing

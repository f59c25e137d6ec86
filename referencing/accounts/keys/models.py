"""Keys: with one of them a person or a machine speaks for an account."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, Timestamped


class AccountKey(Timestamped, Base):
    """Kept as its SHA-256: it has 256 random bits, so a slow hash would protect nothing more.

    `rights` is what it is for, NULL for all that its account may do. It serves until it is revoked or has expired.
    `last_used_at` is right to a minute.
    """

    __tablename__ = "account_key"
    __table_args__ = (
        sa.Index("ix_account_key_account_id", "account_id", "id"),
        sa.Index(
            "ix_account_key_last_used_at",
            "last_used_at",
            postgresql_where=sa.text("last_used_from IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    name: Mapped[str]
    key_digest: Mapped[str] = mapped_column(unique=True)
    rights: Mapped[list[str] | None] = mapped_column(ARRAY(sa.Text()))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str | None]

    account: Mapped[Account] = relationship()

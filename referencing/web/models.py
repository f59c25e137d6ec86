"""Requests that may be repeated, with the answer that each was given."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Timestamped

#: For how long a request is known again by its key.
REPEATED = timedelta(hours=72)


class RepeatableRequest(Timestamped, Base):
    """A request sent with an Idempotency-Key, and what was answered; the answer comes with the commit."""

    __tablename__ = "repeatable_request"
    __table_args__ = (sa.Index("ix_repeatable_request_created_at", "created_at"),)

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None]
    body: Mapped[bytes | None]

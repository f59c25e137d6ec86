"""Whose name was erased: the number under which what they did stays."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base


class Erasure(Base):
    """An account whose person was erased, by whom (NULL: from the command line) and why, in words that name nobody."""

    __tablename__ = "erasure"

    number: Mapped[int] = mapped_column(sa.BigInteger(), sa.Identity(always=True), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), unique=True)
    erased_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    reason: Mapped[str]
    erased_at: Mapped[datetime]

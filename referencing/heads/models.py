"""Heads of the record: how many entries it had, and the root over them, signed. None is ever changed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id


class Head(Base):
    """`root` is that of the first `size` entries; `key` the public key, of 32 bytes, under which `signature` holds.

    What is signed is said by `statements.Statement`.
    """

    __tablename__ = "journal_head"
    __table_args__ = (sa.Index("ix_journal_head_size", "size"),)

    id: Mapped[Id]
    size: Mapped[int] = mapped_column(sa.BigInteger())
    root: Mapped[bytes]
    at: Mapped[datetime]
    key: Mapped[bytes]
    signature: Mapped[bytes]

    stamp: Mapped["HeadStamp | None"] = relationship(lazy="selectin")


class HeadStamp(Base):
    """What a timestamping authority answered (RFC 3161, DER) on the SHA-256 of a head's line; `at` is its time."""

    __tablename__ = "journal_head_stamp"

    head_id: Mapped[UUID] = mapped_column(sa.ForeignKey("journal_head.id"), primary_key=True)
    at: Mapped[datetime]
    token: Mapped[bytes]

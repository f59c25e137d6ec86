"""The public list as it was at the end of each day, signed. What was signed is never changed."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id


class DayList(Base):
    """A list as JSON and as CSV, compressed (zlib), each read when it is asked for; digests are SHA-256.

    Days on which nothing changed share one.
    """

    __tablename__ = "register_list"
    __table_args__ = (sa.UniqueConstraint("json_sha256", "csv_sha256"),)

    id: Mapped[Id]
    json: Mapped[bytes] = mapped_column(deferred=True)
    csv: Mapped[bytes] = mapped_column(deferred=True)
    json_sha256: Mapped[str]
    csv_sha256: Mapped[str]
    size: Mapped[int]


class SignedDay(Base):
    """What was signed of a day's list (`statements.statement_of_day`), as anybody is shown it."""

    __tablename__ = "register_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    list_id: Mapped[UUID] = mapped_column(sa.ForeignKey("register_list.id"))
    statement: Mapped[dict[str, Any]]

    content: Mapped[DayList] = relationship(lazy="joined", innerjoin=True)

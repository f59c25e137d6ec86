"""Signals that anybody may send the agency of a solution; their authors are kept apart."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, values_of

from .states import Channel, SignalState


class Signal(Base):
    """A signal of a solution. `receipt` is the number with which its author reads its status.

    `assessment` is what the auditor says of it, in words that tell nothing of the author. `recorded_by` is the auditor
    who entered what came otherwise than by the form. `request_key` is the SHA-256 of a request that may be sent twice.
    """

    __tablename__ = "signal"
    __table_args__ = (
        sa.CheckConstraint("(channel = 'form') = (recorded_by IS NULL)", name="recorded"),
        sa.CheckConstraint("audit_id IS NULL OR state = 'qualified'", name="audited"),
        sa.Index("ix_signal_state", "state", "id"),
        sa.Index("ix_signal_audit_id", "audit_id", postgresql_where=sa.text("audit_id IS NOT NULL")),
    )

    id: Mapped[Id]
    receipt: Mapped[str] = mapped_column(unique=True)
    state: Mapped[SignalState] = mapped_column(values_of(SignalState, "state"))
    channel: Mapped[Channel] = mapped_column(values_of(Channel, "channel"))
    solution: Mapped[str]
    editor: Mapped[str]
    description: Mapped[str]
    observed_on: Mapped[date | None]
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    assessment: Mapped[str | None]
    assessed_at: Mapped[datetime | None]
    assessed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    candidature_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("candidature.id"))
    audit_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("audit.id")
    )  # its table is of a package above
    request_key: Mapped[str | None] = mapped_column(unique=True)


class SignalAuthor(Base):
    """The author of a signal, as far as they wished to say."""

    __tablename__ = "signal_author"

    signal_id: Mapped[UUID] = mapped_column(sa.ForeignKey("signal.id"), primary_key=True)
    name: Mapped[str]
    organisation: Mapped[str]
    email: Mapped[str]
    telephone: Mapped[str]


class SignalSalt(Base):
    """The salt of a day's addresses: they are mixed with it before they are counted; it is forgotten with the day."""

    __tablename__ = "signal_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes]


class SignalCount(Base):
    """The number of signals from a source within an hour; the source cannot be read from it."""

    __tablename__ = "signal_count"

    source: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]

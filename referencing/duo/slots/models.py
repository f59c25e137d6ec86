"""What verifiers offer: availabilities, slots, holds, and whose time is taken."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, Timestamped
from referencing.candidatures.record.models import Candidature


class Availability(Timestamped, Base):
    """What a verifier offers: each week on one day, or once when both days are the same, cut in slots.

    Times are those of clocks in Paris, whatever the season. Naming no couloir or chapter is handling them all.
    `excepted` are days on which it does not hold. Its slots are rows of their own.
    """

    __tablename__ = "duo_availability"
    __table_args__ = (
        sa.CheckConstraint("first_day <= last_day", name="days"),
        sa.CheckConstraint("starts_at < ends_at", name="times"),
        sa.CheckConstraint("slot_minutes > 0 AND slot_minutes % 15 = 0", name="slot_minutes"),
        sa.Index("ix_duo_availability_verifier_id", "verifier_id", "id"),
    )

    id: Mapped[Id]
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    offered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    slot_minutes: Mapped[int]
    couloirs: Mapped[list[str]]
    chapters: Mapped[list[str]]
    excepted: Mapped[list[date]] = mapped_column(sa.ARRAY(sa.Date()))
    withdrawn_at: Mapped[datetime | None]

    verifier: Mapped[Account] = relationship(foreign_keys=verifier_id)


class Slot(Base):
    """One time at which a verifier can be booked. Whether they still are free is for `duo_quarter` to say."""

    __tablename__ = "duo_slot"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="times"),
        sa.Index("ix_duo_slot_offered", "starts_at", "id", postgresql_where=sa.text("withdrawn_at IS NULL")),
        sa.Index("ix_duo_slot_verifier_id", "verifier_id", "starts_at"),
        sa.Index("ix_duo_slot_availability_id", "availability_id", "starts_at"),
    )

    id: Mapped[Id]
    availability_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_availability.id"))
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    availability: Mapped[Availability] = relationship()
    verifier: Mapped[Account] = relationship()

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


class Staffing(Base):
    """How many verifiers a lead wants in the sessions of a couloir; without one named, in all the others."""

    __tablename__ = "duo_staffing"
    __table_args__ = (
        sa.UniqueConstraint("couloir", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("verifiers IN (1, 2)", name="verifiers"),
    )

    id: Mapped[Id]
    couloir: Mapped[str | None]
    verifiers: Mapped[int]


class Hold(Timestamped, Base):
    """A slot kept for a dossier while its editor prepares the agenda. Past `expires_at` it counts as none."""

    __tablename__ = "duo_hold"
    __table_args__ = (sa.Index("ix_duo_hold_candidature_id", "candidature_id"),)

    id: Mapped[Id]
    slot_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_slot.id"))
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    held_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    candidature: Mapped[Candidature] = relationship()

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


class Quarter(Base):
    """A quarter of an hour of a person's time, taken by a session or kept by a hold: the key refuses the second."""

    __tablename__ = "duo_quarter"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(session_id, hold_id) = 1", name="taken_by"),
        sa.Index("ix_duo_quarter_session_id", "session_id"),
        sa.Index("ix_duo_quarter_hold_id", "hold_id"),
    )

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("duo_session.id"))
    hold_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("duo_hold.id", ondelete="CASCADE"))

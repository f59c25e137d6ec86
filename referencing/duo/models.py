"""Live sessions: what verifiers offer, what editors book, the agenda, who was there, and what happened."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.files.models import KeptFile

from .phases import PENDING, LineState, Phase


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


class Side(StrEnum):
    AGENCY = "agency"
    EDITOR = "editor"


class LiveSession(Timestamped, Base):
    """A verification by videoconference. `revision` counts what is edited of it, for ETags.

    `sequence` is the invitation's (RFC 5545), one more with each change of it; `last_event` the number of the last
    event told. `opened_at` is when it was first opened, `ended_at` when it reached a phase in which it is no longer
    live; `reason` why it was cancelled, interrupted, or missed, and `absent` by which side.
    """

    __tablename__ = "duo_session"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="times"),
        sa.Index("ix_duo_session_candidature_id", "candidature_id", "id"),
        sa.Index("ix_duo_session_starts_at", "starts_at", "id"),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    slot_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_slot.id"))
    follows_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("duo_session.id"))
    booked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    phase: Mapped[Phase] = mapped_column(values_of(Phase, "phase"))
    revision: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0)
    last_event: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    absent: Mapped[Side | None] = mapped_column(values_of(Side, "absent"))
    reason: Mapped[str | None]

    candidature: Mapped[Candidature] = relationship()
    organisation: Mapped[Organisation] = relationship()
    participants: Mapped[list["Participant"]] = relationship(order_by="Participant.added_at")

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


class Participant(Base):
    """A person who is expected in a session, or came."""

    __tablename__ = "duo_participant"
    __table_args__ = (sa.Index("ix_duo_participant_account_id", "account_id", "session_id"),)

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(values_of(Side, "side"))
    added_at: Mapped[datetime]

    account: Mapped[Account] = relationship()


class Presence(Base):
    """From when to when a person was there; nobody is in two sessions at once."""

    __tablename__ = "duo_presence"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["session_id", "account_id"], ["duo_participant.session_id", "duo_participant.account_id"]
        ),
        sa.Index(
            "uq_duo_presence_there", "account_id", unique=True, postgresql_where=sa.text("left_at IS NULL")
        ),
        sa.Index("ix_duo_presence_session_id", "session_id", "id"),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID]
    account_id: Mapped[UUID]
    side: Mapped[Side] = mapped_column(values_of(Side, "side"))
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(
        primaryjoin=lambda: Account.id == sa.orm.foreign(Presence.account_id), viewonly=True
    )


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


class Line(Base):
    """An item on a session's agenda. `revision` counts its changes, for ETags; `minutes` is what was estimated.

    `steps` are those of the scenario: number, when shown (seconds since the opening), outcome, comment. `timecode` is
    in seconds since the opening, `recording` a reference to the room's recording. `verdict_id` is the last given.
    """

    __tablename__ = "duo_line"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "item_id"),
        sa.UniqueConstraint("session_id", "position", deferrable=True, initially="DEFERRED"),
        sa.CheckConstraint("minutes > 0", name="minutes"),
        sa.CheckConstraint("(state = 'decided') = (verdict_id IS NOT NULL)", name="decided"),
        # Of the sessions to come or under way, an item is in one.
        sa.Index(
            "uq_duo_line_pending",
            "item_id",
            unique=True,
            postgresql_where=sa.column("state", sa.Text()).in_([one.value for one in sorted(PENDING)]),
        ),
        sa.Index("ix_duo_line_item_id", "item_id", "id"),
        sa.Index("ix_duo_line_verdict_id", "verdict_id", postgresql_where=sa.text("verdict_id IS NOT NULL")),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"))
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    position: Mapped[int]
    minutes: Mapped[int]
    state: Mapped[LineState] = mapped_column(values_of(LineState, "state"))
    revision: Mapped[int] = mapped_column(default=1)
    shown_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    timecode: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    recording: Mapped[str | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    verdict_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("verdict.id"))

    item: Mapped[Item] = relationship()
    verdict: Mapped[Verdict | None] = relationship()
    session: Mapped[LiveSession] = relationship()
    captures: Mapped[list["Capture"]] = relationship(order_by="Capture.position")


class Capture(KeptFile):
    """A file taken during a session of what was shown; `proof_id` is the version that it became part of."""

    __tablename__ = "duo_capture"
    __table_args__ = (sa.UniqueConstraint("line_id", "position"),)

    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_line.id"))
    taken_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    taken_at: Mapped[datetime]
    timecode: Mapped[int | None]
    proof_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("proof.id"))


class CheckKind(StrEnum):
    ROOM = "room"
    TEST_CARDS = "test_cards"
    TEST_PATIENTS = "test_patients"


class TechnicalCheck(Base):
    """What was tried before a session, the last time it was; `passed`, or `comment` says what does not work."""

    __tablename__ = "duo_check"

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"), primary_key=True)
    kind: Mapped[CheckKind] = mapped_column(values_of(CheckKind, "kind"), primary_key=True)
    passed: Mapped[bool]
    comment: Mapped[str]
    checked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    checked_at: Mapped[datetime]


class Event(Base):
    """What everybody in a session sees happen: `seq` counts from 1 without a gap. Never changed, never removed."""

    __tablename__ = "duo_event"

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime]

"""Live sessions: what verifiers offer, what editors book, the agenda, who was there, and what happened."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.files.models import KeptFile

from .phases import PENDING, LineState, Phase


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
    participants: Mapped[list["Participant"]] = relationship(
        order_by="Participant.added_at, Participant.account_id"
    )

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
        sa.Index("ix_duo_presence_account_id", "account_id", "id"),
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
    """What everybody in a session sees happen: `number` counts from 1 without a gap. Never changed, never removed.

    `name` is that of the account in the detail, which keeps the id alone: a name can be erased.
    """

    __tablename__ = "duo_event"

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(sa.dialects.postgresql.JSONB())
    at: Mapped[datetime]

    name: Mapped[str | None] = column_property(
        sa.select(Account.name)
        .where(Account.id == sa.cast(sa.func.jsonb_extract_path_text(detail, "account"), sa.Uuid()))
        .scalar_subquery()
    )

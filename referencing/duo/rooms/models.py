"""The rooms in which a session met: one at a time, each from one provider."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id
from referencing.duo.sessions.models import LiveSession


class ConferenceRoom(Base):
    """`number` counts the session's rooms from 1; `left_at` is when it was no longer the session's, and `reason` why.

    `name`, `reference` and `address` are the port's. No secret is among them: who enters gets a link made for them.
    """

    __tablename__ = "duo_room"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "number"),
        sa.Index(
            "uq_duo_room_current", "session_id", unique=True, postgresql_where=sa.text("left_at IS NULL")
        ),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"))
    number: Mapped[int]
    provider: Mapped[str]
    name: Mapped[str]
    reference: Mapped[str]
    address: Mapped[str | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    left_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    session: Mapped[LiveSession] = relationship()

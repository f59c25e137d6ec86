"""Letters: what is to be told to a person by e-mail, and what became of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, Timestamped, values_of


class Outcome(StrEnum):
    WAITING = "waiting"
    SENT = "sent"  # the SMTP server took it
    NO_SERVER = "no_server"  # none is configured
    NO_ADDRESS = "no_address"  # the person has given none
    REFUSED = "refused"  # for good, by the SMTP server
    ABANDONED = "abandoned"  # tried too often, too late to be of use, or overtaken by a change


class Letter(Timestamped, Base):
    """`subject_key` says what it is about: a person is told a thing once, whoever asks for it again.

    `calendar` is an iCalendar object and `method` its METHOD. Addresses are put in when it is sent, and are not kept.
    """

    __tablename__ = "letter"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "subject_key"),
        sa.CheckConstraint("(outcome = 'waiting') = (settled_at IS NULL)", name="settled"),
        sa.CheckConstraint("(calendar IS NULL) = (method IS NULL)", name="calendar_has_method"),
        sa.Index("ix_letter_account_id", "account_id", "id"),
        sa.Index("ix_letter_settled_at", "settled_at", postgresql_where=sa.text("settled_at IS NOT NULL")),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    subject_key: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    calendar: Mapped[str | None]
    method: Mapped[str | None]
    useful_until: Mapped[datetime | None]
    outcome: Mapped[Outcome] = mapped_column(values_of(Outcome, "outcome"), default=Outcome.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

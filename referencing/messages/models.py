"""What editor and agency write to each other about a dossier, and how far each person has read."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id
from referencing.candidatures.record.models import Candidature, Item
from referencing.files.models import KeptFile


class Message(Base):
    """A message, or a note that the agency keeps to itself (`internal`). It never changes once it is written.

    `position` is that of its entry in the journal and gives the order; `read_at` is when the other side first read it.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("candidature_id", "position"),
        sa.CheckConstraint("of_agency OR NOT internal", name="notes_of_agency"),
        sa.CheckConstraint("read_at IS NULL OR NOT internal", name="notes_have_no_mark"),
        sa.Index(
            "ix_message_unread",
            "id",
            postgresql_where=sa.text("read_at IS NULL AND NOT internal"),
        ),
        sa.Index("ix_message_item", "item_id", "position", postgresql_where=sa.text("item_id IS NOT NULL")),
        sa.Index("ix_message_account_id", "account_id", "id"),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("item.id"))
    position: Mapped[int] = mapped_column(sa.BigInteger())
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    of_agency: Mapped[bool]
    internal: Mapped[bool]
    text: Mapped[str]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    author: Mapped[Account] = relationship()
    candidature: Mapped[Candidature] = relationship()
    item: Mapped[Item | None] = relationship()
    files: Mapped[list["MessageFile"]] = relationship(order_by="MessageFile.position")


class MessageFile(KeptFile):
    __tablename__ = "message_file"
    __table_args__ = (sa.UniqueConstraint("message_id", "position"),)

    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("message.id"))


class ReadMark(Base):
    """Up to which message a person has read, and when they got there; it only moves forward."""

    __tablename__ = "read_mark"

    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("message.id"))
    position: Mapped[int] = mapped_column(sa.BigInteger())
    read_at: Mapped[datetime]

    account: Mapped[Account] = relationship()

"""The append-only record of what happened: entries in streams, one stream for each thing that lives."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base

#: Of an entry's detail, what an editor does not see: who of the agency has the work, and why.
INTERNAL = "internal"


class Stream(Base):
    """How long a stream is and how it ends, so that a missing tail shows as well as a missing link.

    `organisation_id` is whose feed tells of it: a dossier's stream is its organisation's, others are nobody's.
    """

    __tablename__ = "journal_stream"

    name: Mapped[str] = mapped_column(primary_key=True)
    length: Mapped[int]
    head: Mapped[str]
    organisation_id: Mapped[UUID | None]


class Entry(Base):
    """`position` is the place in the whole journal, `number` the place in the stream, both from 1.

    `organisation_id` is the stream's, repeated so that one index gives each feed; it is not part of the seal.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        sa.UniqueConstraint("stream", "number"),
        sa.Index("ix_journal_entry_stream_position", "stream", "position"),
        sa.Index(
            "ix_journal_entry_feed", "position", postgresql_where=sa.text("organisation_id IS NOT NULL")
        ),
        sa.Index(
            "ix_journal_entry_organisation_feed",
            "organisation_id",
            "position",
            postgresql_where=sa.text("organisation_id IS NOT NULL"),
        ),
    )

    position: Mapped[int] = mapped_column(sa.BigInteger(), sa.Identity(always=True), primary_key=True)
    stream: Mapped[str] = mapped_column(sa.ForeignKey("journal_stream.name"))
    number: Mapped[int]
    at: Mapped[datetime]
    action: Mapped[str]
    account_id: Mapped[UUID | None]
    actor: Mapped[str]
    role: Mapped[str]
    detail: Mapped[dict[str, Any]]
    digest: Mapped[str]
    organisation_id: Mapped[UUID | None]

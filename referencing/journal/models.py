"""The append-only record of what happened: entries in streams, one stream for each thing that lives."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column

from referencing.base.db import Base

#: Of an entry's detail, what an editor does not see: who of the agency has the work, and why.
INTERNAL = "internal"
#: Who acts where no account does.
APPLICATION = "referencing"

_ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_account = sa.table("account", sa.column("id", sa.Uuid()), sa.column("name", sa.Text()))  # of a package above


class Stream(Base):
    """How long a stream is and how it ends, so that a missing tail shows as well as a missing link.

    `organisation_id` is whose feed tells of it: a dossier's stream is its organisation's, others are nobody's.
    """

    __tablename__ = "journal_stream"

    name: Mapped[str] = mapped_column(primary_key=True)
    length: Mapped[int]
    head: Mapped[str]
    organisation_id: Mapped[UUID | None]


def _told_of(detail: Mapped[dict[str, Any]], place: str) -> sa.ColumnElement[UUID | None]:
    """Whom the agency's own part of a detail tells of; NULL for a name, which stays where seals do not hold."""
    said = sa.func.jsonb_extract_path_text(detail, INTERNAL, place, type_=sa.Text())
    return sa.case((said.regexp_match(_ID), sa.cast(said, sa.Uuid())))


#: The entries of which everybody may be told.
OF_PLATFORMS = sa.literal_column("stream LIKE 'platform:%'", sa.Boolean())


class Entry(Base):
    """`position` is the place in the whole journal, `number` the place in the stream, both from 1.

    `organisation_id` is the stream's, repeated so that one index gives each feed; it is not part of the seal.
    People are in it by the ids of their accounts alone, so that a name can be erased and the seals still hold: `actor`
    is what the account is called when the entry is read, and `people` are the names of those whom the agency's own
    part of the detail tells of, by their ids.
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
        sa.Index("ix_journal_entry_platform", "position", postgresql_where=OF_PLATFORMS),
    )

    position: Mapped[int] = mapped_column(sa.BigInteger(), sa.Identity(always=True), primary_key=True)
    stream: Mapped[str] = mapped_column(sa.ForeignKey("journal_stream.name"))
    number: Mapped[int]
    at: Mapped[datetime]
    action: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column()
    role: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(sa.dialects.postgresql.JSONB())
    digest: Mapped[str]
    organisation_id: Mapped[UUID | None]

    actor: Mapped[str] = column_property(
        sa.func.coalesce(
            sa.select(_account.c.name).where(_account.c.id == account_id).scalar_subquery(), APPLICATION
        )
    )
    people: Mapped[dict[str, str] | None] = column_property(
        sa.select(sa.func.jsonb_object_agg(_account.c.id, _account.c.name))
        .where(_account.c.id.in_((_told_of(detail, "from"), _told_of(detail, "to"))))
        .scalar_subquery()
    )


class Tile(Base):
    """Up to 256 hashes of the journal's tree, side by side (`merkle`); `last` is the position of the last leaf in it.

    The last tile of each level grows until it is full; the others never change.
    """

    __tablename__ = "journal_tile"
    __table_args__ = (
        sa.Index("ix_journal_tile_last", "last", postgresql_where=sa.text("last IS NOT NULL")),
        sa.CheckConstraint("(level = 0) = (last IS NOT NULL)", name="last_of_leaves"),
    )

    level: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    place: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]
    last: Mapped[int | None] = mapped_column(sa.BigInteger())

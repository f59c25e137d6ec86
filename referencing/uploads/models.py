"""Uploads: contents on their way in, in several requests."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, Timestamped, values_of

from .states import UploadState

#: What takes room in the storage, and counts for the quota of an organisation.
UNFINISHED = frozenset({UploadState.RECEIVING, UploadState.RECEIVED})


class Upload(Timestamped, Base):
    """A file that comes for an item: `offset` of its `length` bytes are durable; `name` is the storage's.

    `metadata_` is the header of the client, as it came; `sha256` the announced one, in hexadecimal. `performed_on` is
    the day of the intrusion test that it reports. `receiver` is the process that was the last to take in bytes of it.
    """

    __tablename__ = "upload"
    __table_args__ = (
        sa.CheckConstraint('"offset" BETWEEN 0 AND length', name="offset"),
        sa.Index(
            "ix_upload_unfinished",
            "organisation_id",
            "expires_at",
            postgresql_where=sa.column("state", sa.Text()).in_(sorted(UNFINISHED)),
        ),
        sa.Index("ix_upload_item_id", "item_id", "id"),
        sa.Index("ix_upload_account_id", "account_id", "id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    metadata_: Mapped[str] = mapped_column("metadata")
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str | None]
    performed_on: Mapped[date | None]
    length: Mapped[int] = mapped_column(sa.BigInteger())
    offset: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    name: Mapped[str]
    receiver: Mapped[str | None]
    state: Mapped[UploadState] = mapped_column(values_of(UploadState, "state"))
    expires_at: Mapped[datetime]
    proof_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("proof.id"))
    refusal: Mapped[dict[str, Any] | None]

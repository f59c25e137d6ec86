"""Contents under their SHA-256, and the files that were supplied with them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from referencing.base.db import Base, Id, values_of


class Scan(StrEnum):
    UNSCANNED = "unscanned"  # no scanner was configured when it came
    PENDING = "pending"
    CLEAN = "clean"
    MALWARE = "malware"
    UNSCANNABLE = "unscannable"  # too large, encrypted, or the scanner did not answer


class Content(Base):
    """A content in the object storage, under its SHA-256 (hexadecimal); `size` in bytes.

    `checked_at` is when it was last read whole, `fault` what was then wrong: `missing` or `altered`.
    """

    __tablename__ = "content"
    __table_args__ = (sa.Index("ix_content_checked_at", "checked_at"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger())
    scan: Mapped[Scan] = mapped_column(values_of(Scan, "scan"))
    scan_detail: Mapped[str | None]
    checked_at: Mapped[datetime]
    fault: Mapped[str | None]


class KeptFile(Base):
    """A file that somebody sent, under the name they gave it; `filename` is displayed, and never used as a path.

    `media_type` is the declared one, `detected_type` what its content shows, None where nobody looked; `remarks`
    are for who reads it. `identifiers` counts the numbers in it that may be real people's; `identifier_places`
    says where the first ones are, and shows them masked.
    Until it is `examined`, those are not all told yet, and nobody reads it. While `scan_awaited`, the scanner has not
    read its content since it came: an earlier result would tell who sent it that somebody else has it.
    `accepted_reason` is why a verifier reads it although it could not be scanned.
    """

    __abstract__ = True

    id: Mapped[Id]
    position: Mapped[int]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("content.sha256"), index=True)
    detected_type: Mapped[str | None]
    remarks: Mapped[list[str]] = mapped_column(server_default="{}")
    identifiers: Mapped[int] = mapped_column(server_default="0")
    identifier_places: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    examined: Mapped[bool] = mapped_column(server_default=sa.true())
    scan_awaited: Mapped[bool] = mapped_column(server_default=sa.false())
    accepted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    accepted_reason: Mapped[str | None]

    @declared_attr
    def content(self) -> Mapped[Content]:
        return relationship(lazy="joined")

    @property
    def scan(self) -> Scan:
        """What the scanner found since the file came; `unscanned` of a content that no scanner has read yet."""
        state = self.content.scan
        return Scan.PENDING if self.scan_awaited and state is not Scan.UNSCANNED else state

    @property
    def scan_detail(self) -> str | None:
        return None if self.scan is Scan.PENDING else self.content.scan_detail

"""The read log: who read a file, when, and from where."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, values_of


class ReadKind(StrEnum):
    PROOF = "proof"
    CERTIFICATE = "certificate"
    MESSAGE = "message"
    COMPONENT = "component"  # with a request that two versions of a component be declared alike
    ATTESTATION = "attestation"  # with a declaration that two softwares are one
    CAPTURE = "capture"  # of what was shown in a live session
    EVIDENCE = "evidence"  # of an audit
    EXPORT = "export"  # an audit, whole
    MINUTES = "minutes"  # of a live session
    RECORDING = "recording"  # of a live session: where it is
    SHEET = "sheet"  # a table of what its reader may read


class FileRead(Base):
    """A person read a file of an organisation; again within the hour that begins at `hour`, there is no second row.

    `subject_id` is what the file belongs to: a proof, a certificate, a message, a declaration, a line of a live
    session, an audit; of an export, of minutes and of recordings, `file_id` is the same. Both are made of the name of
    a sheet; one that somebody of the agency reads is of no organisation. `place` is an IP address, None for a local
    socket.
    """

    __tablename__ = "file_read"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "file_id", "kind", "hour"),
        sa.Index("ix_file_read_organisation_id", "organisation_id", "id"),
        sa.Index("ix_file_read_file_id", "file_id", "id"),
        sa.Index("ix_file_read_read_at", "read_at"),
    )

    id: Mapped[Id]
    read_at: Mapped[datetime]
    hour: Mapped[datetime]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    kind: Mapped[ReadKind] = mapped_column(values_of(ReadKind, "kind"))
    subject_id: Mapped[UUID]
    file_id: Mapped[UUID]
    filename: Mapped[str]
    place: Mapped[str | None]

    account: Mapped[Account] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

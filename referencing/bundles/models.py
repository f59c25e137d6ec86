"""What was sealed to be checked without the application: contents under their SHA-256, which the record names."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, values_of


class Kind(StrEnum):
    RECEIPT = "receipt"  # of an act on a dossier
    DECISION = "decision"  # the receipt of one that closed the dossier, with all that it rests on
    MINUTES = "minutes"  # of a live session
    AUDIT = "audit"  # its file, as it was at the sealing
    REGISTER = "register"  # the public list of a day


class Bundle(Base):
    """`subject` names what it is about; `content` is JSON, keys sorted, without blanks, and `sha256` its digest.

    `position` is that of the entry of the record that names the digest. What is sealed is never changed: where what it
    is about changed since, another one is sealed.
    """

    __tablename__ = "bundle"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject", "sha256"),
        sa.Index("ix_bundle_subject_position", "subject", "position"),
        sa.Index("ix_bundle_position", "position"),
    )

    id: Mapped[Id]
    kind: Mapped[Kind] = mapped_column(values_of(Kind, "kind"))
    subject: Mapped[str]
    content: Mapped[bytes]
    sha256: Mapped[str]
    position: Mapped[int] = mapped_column(sa.BigInteger())
    sealed_at: Mapped[datetime]

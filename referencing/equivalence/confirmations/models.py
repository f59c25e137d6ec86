"""What leads were told of reuses on which verifiers decided."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, values_of

from .states import Outcome


class ReuseNotice(Base):
    """A reuse that was confirmed of several softwares and refused of none, or that was refused: told once each.

    `digest` is of the proof, of the way to it and of the earlier proofs: of what makes it one reuse. The numbers are of
    softwares, as they were then.
    """

    __tablename__ = "reuse_notice"
    __table_args__ = (
        sa.UniqueConstraint("digest", "outcome"),
        sa.Index("ix_reuse_notice_told_at", "told_at", "id"),
    )

    id: Mapped[Id]
    digest: Mapped[str]
    outcome: Mapped[Outcome] = mapped_column(values_of(Outcome, "outcome"))
    proof_code: Mapped[str]
    sources: Mapped[list[str]]
    clauses: Mapped[list[str]]
    confirmed: Mapped[int]
    refused: Mapped[int]
    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("equivalence_grant.id"))
    told_at: Mapped[datetime]

"""What audits took back, and which referenced solutions leaned on it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.candidatures.models import Candidature, Item
from referencing.db import Base, Id, same_core


class Revocation(Base):
    """A verification or a certificate found false: from `revoked_at` on nothing may stand on it."""

    __tablename__ = "revocation"
    __table_args__ = (
        same_core(["verification_id", "core_id"], "verification"),
        same_core(["certificate_id", "core_id"], "certificate"),
        sa.CheckConstraint("num_nonnulls(verification_id, certificate_id) = 1", name="one_fact"),
        sa.UniqueConstraint("verification_id"),
        sa.UniqueConstraint("certificate_id"),
    )

    id: Mapped[Id]
    core_id: Mapped[UUID]
    verification_id: Mapped[UUID | None]
    certificate_id: Mapped[UUID | None]
    reason: Mapped[str]
    revoked_at: Mapped[datetime]
    revoked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class Flag(Base):
    """An item of a referenced solution that stood on what was revoked, and that nothing else covers."""

    __tablename__ = "flag"
    __table_args__ = (sa.UniqueConstraint("revocation_id", "item_id"),)

    id: Mapped[Id]
    revocation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("revocation.id"))
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"), index=True)
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    raised_at: Mapped[datetime]

    revocation: Mapped[Revocation] = relationship()
    candidature: Mapped[Candidature] = relationship()
    item: Mapped[Item] = relationship()

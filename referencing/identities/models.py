"""Declarations that two softwares are one technical core, each of its own side, with an attestation."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id
from referencing.files.models import KeptFile
from referencing.solutions.models import Identity, Software

from .states import DeclarationState


class Declaration(Base):
    """An editor's word that its software is one with another, which may be of another organisation.

    `other_id` is what the editor was told by the other side, and no foreign key: nobody learns here what exists.
    """

    __tablename__ = "identity_declaration"
    __table_args__ = (
        sa.CheckConstraint("software_id <> other_id", name="two_softwares"),
        sa.Index(
            "uq_identity_declaration_standing",
            "software_id",
            "other_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    software_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    other_id: Mapped[UUID]
    comment: Mapped[str]
    declared_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    declared_at: Mapped[datetime]
    identity_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("identity.id"), index=True)
    refusal: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    software: Mapped[Software] = relationship()
    identity: Mapped[Identity | None] = relationship()
    files: Mapped[list["AttestationFile"]] = relationship(order_by="AttestationFile.position")

    @property
    def state(self) -> DeclarationState:
        if self.ended_at is None:
            return DeclarationState.DECLARED if self.identity_id is None else DeclarationState.ACCEPTED
        return DeclarationState.WITHDRAWN if self.refusal is None else DeclarationState.REFUSED


class AttestationFile(KeptFile):
    __tablename__ = "attestation_file"
    __table_args__ = (sa.UniqueConstraint("declaration_id", "position"),)

    declaration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("identity_declaration.id"))

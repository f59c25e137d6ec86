"""Requests that two versions of a component be declared alike in a role, each with its attestation."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id
from referencing.files.models import KeptFile
from referencing.solutions.models import AlikeVersions, Software

from .states import RequestState


class AlikeRequest(Base):
    """An editor's request for one of its softwares, or a lead's own (`software_id` is None).

    What is asked is attested by files, or by the `reference` of a document that the agency has. The declaration that a
    lead makes of it has the request's id.
    """

    __tablename__ = "alike_request"
    __table_args__ = (
        sa.Index(
            "uq_alike_request_pending",
            "software_id",
            "role",
            "first",
            "second",
            unique=True,
            postgresql_where=sa.text("declaration_id IS NULL AND ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("declaration_id"),
    )

    id: Mapped[Id]
    software_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("software.id"))
    role: Mapped[str]
    first: Mapped[str]
    second: Mapped[str]
    reference: Mapped[str]
    reason: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    declaration_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("alike_versions.id"))
    refusal: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    software: Mapped[Software | None] = relationship()
    declaration: Mapped[AlikeVersions | None] = relationship()
    files: Mapped[list["AlikeAttestation"]] = relationship(order_by="AlikeAttestation.position")

    @property
    def components(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def state(self) -> RequestState:
        if self.refusal is not None:
            return RequestState.REFUSED
        if self.declaration is None:
            return RequestState.ASKED if self.ended_at is None else RequestState.WITHDRAWN
        return RequestState.ACCEPTED if self.declaration.revoked_on is None else RequestState.REVOKED


class AlikeAttestation(KeptFile):
    __tablename__ = "alike_attestation"
    __table_args__ = (sa.UniqueConstraint("request_id", "position"),)

    request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("alike_request.id"))

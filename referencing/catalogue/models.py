"""The catalogue: DSRs, their versions, and the requirements with their expected proofs."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.catalogue.imports.socle_links import Fidelity

from .proposals import Guichet, ProofKind


class Dsr(Timestamped, Base):
    """The specification of one dispositif in one vague."""

    __tablename__ = "dsr"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    dispositif: Mapped[str]
    vague: Mapped[int]
    couloir: Mapped[str]
    title: Mapped[str]

    versions: Mapped[list["DsrVersion"]] = relationship(order_by="DsrVersion.number", back_populates="dsr")


class DsrVersion(Timestamped, Base):
    """A draft until it is published; published, it never changes, and candidatures pin it."""

    __tablename__ = "dsr_version"
    __table_args__ = (
        sa.UniqueConstraint("dsr_id", "number"),
        sa.Index(
            "uq_dsr_version_one_draft",
            "dsr_id",
            unique=True,
            postgresql_where=sa.text("published_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    dsr_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr.id"))
    number: Mapped[int]
    published_at: Mapped[datetime | None]

    dsr: Mapped[Dsr] = relationship(back_populates="versions")
    requirements: Mapped[list["Requirement"]] = relationship(
        order_by="Requirement.position", cascade="all, delete-orphan", passive_deletes=True
    )


class Requirement(Base):
    """An exigence; `perimeter`, `title` and `function` are the columns Périmètre, Chapitre and Fonction."""

    __tablename__ = "requirement"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "code"),
        sa.Index("ix_requirement_position", "version_id", "position"),
        sa.CheckConstraint("(socle IS NULL) = (socle_fidelity IS NULL)", name="socle_with_fidelity"),
    )

    id: Mapped[Id]
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id", ondelete="CASCADE"))
    code: Mapped[str]
    position: Mapped[int]
    chapter: Mapped[str]
    title: Mapped[str]
    function: Mapped[str]
    text: Mapped[str]
    comment: Mapped[str]
    profile: Mapped[str]
    former_profile: Mapped[str]
    perimeter: Mapped[str]
    criticality: Mapped[str]
    socle: Mapped[str | None]
    socle_fidelity: Mapped[Fidelity | None] = mapped_column(values_of(Fidelity, "socle_fidelity"))

    proofs: Mapped[list["ExpectedProof"]] = relationship(
        order_by="ExpectedProof.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        back_populates="requirement",
    )


class ExpectedProof(Base):
    """A preuve attendue; guichet, kind, roles, duo and platforms are proposed from the text until corrected.

    `code` is `DSR:REQUIREMENT#SUFFIX`; `revision` counts the corrections, for ETags; `wording` is the SHA-256
    of all that is asked, by which a finding on other words is recognised. `live_without_trace`: a verdict given in
    a live session needs neither a capture nor a recording. `platforms` are the codes of those without which nobody
    can supply it.
    """

    __tablename__ = "expected_proof"
    __table_args__ = (
        sa.UniqueConstraint("version_id", "code"),
        sa.Index("ix_expected_proof_position", "requirement_id", "position"),
    )

    id: Mapped[Id]
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id", ondelete="CASCADE"))
    requirement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("requirement.id", ondelete="CASCADE"))
    code: Mapped[str]
    suffix: Mapped[str]
    number: Mapped[str]
    position: Mapped[int]
    text: Mapped[str]
    wording: Mapped[str]
    scenario_number: Mapped[str]
    scenario_text: Mapped[str]
    guichet: Mapped[Guichet] = mapped_column(values_of(Guichet, "guichet"))
    kind: Mapped[ProofKind] = mapped_column(values_of(ProofKind, "kind"))
    roles: Mapped[list[str]]
    duo: Mapped[bool]
    platforms: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    live_without_trace: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    corrected: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)

    requirement: Mapped[Requirement] = relationship(back_populates="proofs")

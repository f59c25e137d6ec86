"""Revocations and expiries, and their consequences for all that leaned on what they are of."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, same_core, values_of
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState


class Cause(StrEnum):
    VERIFICATION = "verification"
    CERTIFICATE = "certificate"
    IDENTITY = "identity"  # of two softwares
    RULE = "rule"  # an entry of a rulebook
    STANDING = "standing"  # what became of the dossier that facts were found in
    ALIKE = "alike_versions"  # of a component, in a role
    EMBEDDING = "embedding"  # of a component in a software


class Revocation(Base):
    """A thing that counts no more from `revoked_at` on: taken back by somebody, or by itself (`revoked_by` is None).

    Where a rule is the cause, `rule` is the entry as it was, and `rule_digest` the digest of its content. `audit_id`
    is the audit that found the cause.
    """

    __tablename__ = "revocation"
    __table_args__ = (
        same_core(["verification_id", "core_id"], "verification"),
        same_core(["certificate_id", "core_id"], "certificate"),
        sa.CheckConstraint(
            "num_nonnulls(verification_id, certificate_id, identity_id, rulebook_id, standing_id, alike_id, "
            "embedding_id) = 1",
            name="one_cause",
        ),
        sa.CheckConstraint(
            "(core_id IS NULL) = (num_nonnulls(verification_id, certificate_id) = 0)", name="core_of_fact"
        ),
        sa.CheckConstraint("num_nonnulls(rulebook_id, rule, rule_digest) IN (0, 3)", name="rule"),
        sa.UniqueConstraint("verification_id"),
        sa.UniqueConstraint("identity_id"),
        sa.UniqueConstraint("standing_id"),
        sa.UniqueConstraint("alike_id"),
        sa.UniqueConstraint("embedding_id"),
        sa.Index(
            "uq_revocation_certificate",
            "certificate_id",
            sa.text("(revoked_by IS NULL)"),
            unique=True,
        ),
        sa.Index(
            "uq_revocation_expired_rule",
            "rule_digest",
            unique=True,
            postgresql_where=sa.text("revoked_by IS NULL"),
        ),
        sa.Index("ix_revocation_audit_id", "audit_id", postgresql_where=sa.text("audit_id IS NOT NULL")),
    )

    id: Mapped[Id]
    core_id: Mapped[UUID | None]
    verification_id: Mapped[UUID | None]
    certificate_id: Mapped[UUID | None]
    identity_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("identity.id"))
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    standing_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("dossier_standing.id"))
    alike_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("alike_versions.id"))
    embedding_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("embedding.id"))
    rule: Mapped[dict[str, Any] | None] = mapped_column(sa.dialects.postgresql.JSONB(none_as_null=True))
    rule_digest: Mapped[str | None]
    reason: Mapped[str]
    revoked_at: Mapped[datetime]
    revoked_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    audit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("audit.id"))

    @property
    def cause(self) -> Cause:
        named = (
            (self.verification_id, Cause.VERIFICATION),
            (self.certificate_id, Cause.CERTIFICATE),
            (self.identity_id, Cause.IDENTITY),
            (self.standing_id, Cause.STANDING),
            (self.alike_id, Cause.ALIKE),
            (self.embedding_id, Cause.EMBEDDING),
        )
        return next((cause for one, cause in named if one is not None), Cause.RULE)

    @property
    def expired(self) -> bool:
        return self.revoked_by is None and self.standing_id is None


class Fate(StrEnum):
    COVERED_OTHERWISE = "covered_otherwise"
    REOPENED = "reopened"
    FLAGGED = "flagged"  # the solution is referenced: nothing of its dossier changes
    CLOSED = "closed"  # its dossier was withdrawn, refused or delisted before it was its turn
    GAINED = "gained"  # more counts for it than before


class Consequence(Base):
    """An item that leaned on a revocation's cause, with its `fate` once a job has seen to it.

    `state` is the item's afterwards, `derivation` what then covers it.
    """

    __tablename__ = "consequence"
    __table_args__ = (
        sa.UniqueConstraint("revocation_id", "item_id"),
        sa.Index("ix_consequence_candidature_id", "candidature_id"),
    )

    id: Mapped[Id]
    revocation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("revocation.id"))
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    code: Mapped[str]
    fate: Mapped[Fate | None] = mapped_column(values_of(Fate, "fate"))
    state: Mapped[ItemState | None] = mapped_column(values_of(ItemState, "state"))
    derivation: Mapped[dict[str, Any] | None] = mapped_column(sa.dialects.postgresql.JSONB(none_as_null=True))


class Flag(Base):
    """An item of a referenced solution that stood on what was revoked or expired, and that nothing else covers."""

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

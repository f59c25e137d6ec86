"""Reuses that were granted, each standing on original facts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, same_core, values_of
from referencing.equivalence.engine.resolution import Strength


class GrantState(StrEnum):
    PROPOSED = "proposed"  # a verifier must look
    GRANTED = "granted"  # by the rules alone
    CONFIRMED = "confirmed"  # by a verifier
    REFUSED = "refused"  # by a verifier
    STANDS_IN = "stands_in"  # for what fell under an item of a decided dossier, of which nothing changes
    ENDED = "ended"  # no longer holds, or no longer needed


class Recheck(StrEnum):
    """What became of a reuse when somebody looked at it again; the last to look has the last word."""

    UPHELD = "upheld"  # an audit found it conform
    FALSE_BY_AUDIT = "false_by_audit"  # an audit found it not conform, or revoked a fact under it
    FALSE_BY_REVOCATION = "false_by_revocation"  # a fact under it was revoked otherwise


class Counted(StrEnum):
    """What the record of a rule counts: reuses, once each."""

    GRANTED = "granted"  # for certain, as they were made
    PROPOSED = "proposed"  # to a verifier
    CONFIRMED = "confirmed"  # by one
    REFUSED = "refused"  # by one
    UPHELD = Recheck.UPHELD.value
    FALSE_BY_AUDIT = Recheck.FALSE_BY_AUDIT.value
    FALSE_BY_REVOCATION = Recheck.FALSE_BY_REVOCATION.value


class Grant(Timestamped, Base):
    """The reuse of earlier facts for a proof that a dossier is asked for, with the derivation that justifies it.

    `derivation` is written as in `equivalence-resolution/1`; what it stands on is in `sources`, and in `clauses` the
    correspondences (by their codes) and socles (`socle:CODE`) that it goes through, in `alike` the declarations that
    versions of a component are, so that who leans on one is found.
    `rules` are the rules it leans on, policies too, under the names by which they last; none where it was made before
    they were kept.
    """

    __tablename__ = "equivalence_grant"
    __table_args__ = (
        same_core(["candidature_id", "core_id"], "candidature"),
        sa.UniqueConstraint("id", "core_id"),
        sa.Index("ix_equivalence_grant_candidature_id", "candidature_id"),
        sa.Index(
            "ix_equivalence_grant_clauses",
            "clauses",
            postgresql_using="gin",
            postgresql_where=sa.text("state <> 'ended'"),
        ),
        sa.Index(
            "ix_equivalence_grant_alike",
            "alike",
            postgresql_using="gin",
            postgresql_where=sa.text("alike <> '{}' AND state <> 'ended'"),
        ),
        sa.Index(
            "ix_equivalence_grant_decided",
            "proof_code",
            postgresql_where=sa.text("decided_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID]  # its table is of a package above
    core_id: Mapped[UUID]
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    proof_code: Mapped[str]
    state: Mapped[GrantState] = mapped_column(values_of(GrantState, "state"))
    strength: Mapped[Strength] = mapped_column(values_of(Strength, "strength"))
    derivation: Mapped[dict[str, Any]]
    clauses: Mapped[list[str]] = mapped_column(sa.dialects.postgresql.ARRAY(sa.Text()), server_default="{}")
    rules: Mapped[list[str]] = mapped_column(server_default="{}")
    alike: Mapped[list[UUID]] = mapped_column(sa.dialects.postgresql.ARRAY(sa.Uuid()), server_default="{}")
    cases: Mapped[list[str]]
    confirm: Mapped[list[str]]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    comment: Mapped[str | None]
    recheck: Mapped[Recheck | None] = mapped_column(values_of(Recheck, "recheck"))
    ended_at: Mapped[datetime | None]

    sources: Mapped[list["GrantSource"]] = relationship(
        back_populates="grant", foreign_keys="GrantSource.grant_id"
    )


class GrantSource(Base):
    """One original fact that a grant stands on: of the same technical core as the grant, by constraint.

    Or it was verified on a component: by the `embedding` that lets it count, and then `core_id` is gone.
    Where the core was parted since, `core_id` is gone: the grant has ended, or is of a dossier that was decided
    before and is told as it was.
    """

    __tablename__ = "grant_source"
    __table_args__ = (
        same_core(["grant_id", "core_id"], "equivalence_grant"),
        same_core(["verification_id", "core_id"], "verification"),
        same_core(["certificate_id", "core_id"], "certificate"),
        sa.CheckConstraint("num_nonnulls(verification_id, certificate_id) = 1", name="one_fact"),
        sa.CheckConstraint(
            "embedding_id IS NULL OR core_id IS NULL AND certificate_id IS NULL", name="on_a_component"
        ),
        sa.UniqueConstraint(
            "grant_id", "verification_id", "certificate_id", postgresql_nulls_not_distinct=True
        ),
        sa.Index("ix_grant_source_verification_id", "verification_id"),
        sa.Index("ix_grant_source_certificate_id", "certificate_id"),
        sa.Index(
            "ix_grant_source_embedding_id",
            "embedding_id",
            postgresql_where=sa.text("embedding_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("equivalence_grant.id"))
    core_id: Mapped[UUID | None]
    verification_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("verification.id"))
    certificate_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("certificate.id"))
    embedding_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("embedding.id"))

    grant: Mapped[Grant] = relationship(back_populates="sources", foreign_keys=grant_id)


class RuleTally(Base):
    """So many reuses more, or fewer, that lean on a rule: the sum over its rows is what is counted.

    Each transaction adds rows of its own, so nobody waits for another's; they are added up now and then.
    """

    __tablename__ = "rule_tally"
    __table_args__ = (sa.Index("ix_rule_tally_rule", "rule", "counted"),)

    id: Mapped[Id]
    rule: Mapped[str]
    counted: Mapped[Counted] = mapped_column(values_of(Counted, "counted"))
    number: Mapped[int]

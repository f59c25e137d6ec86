"""The rules in force, and the grants made under them, each standing on original facts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, same_core, values_of

from .engine import Strength
from .facts import Relation, Reuse


class RulebookState(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"  # its present content was checked, without errors
    SIMULATED = "simulated"  # and it was tried on the dossiers
    PUBLISHED = "published"  # in force, or waiting for its day
    SUPERSEDED = "superseded"


class SimulationState(StrEnum):
    RUNNING = "running"  # or waiting for its turn
    FINISHED = "finished"
    CANCELLED = "cancelled"
    OUTDATED = "outdated"  # the rules were edited, or others put in force, while it ran
    FAILED = "failed"


class Simulation(Base):
    """One version of a rulebook tried on the dossiers (by a package above), beside the rules in force then.

    `applies_on` is the day from which it is supposed to apply. `total` dossiers are looked at, `done` of them so
    far, `items` with what they ask for; `position` is how far the journal went when it was asked for. At the end,
    `figures` counts what would change and `effort` says what a task costs verifiers.
    """

    __tablename__ = "simulation"
    __table_args__ = (
        sa.Index("ix_simulation_rulebook_id", "rulebook_id", "id"),
        sa.Index(
            "uq_simulation_running",
            "rulebook_id",
            "revision",
            "applies_on",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
        ),
    )

    id: Mapped[Id]
    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"))
    revision: Mapped[int]
    against_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    applies_on: Mapped[date]
    state: Mapped[SimulationState] = mapped_column(values_of(SimulationState, "state"))
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(sa.BigInteger())
    total: Mapped[int]
    done: Mapped[int]
    items: Mapped[int]
    figures: Mapped[list[dict[str, Any]]] = mapped_column(deferred=True)
    effort: Mapped[list[dict[str, Any]]] = mapped_column(deferred=True)


class Rulebook(Timestamped, Base):
    """A draft until it is published; one at most is in force.

    `revision` counts the edits, for ETags. What is said of a check is of the present content: an edit forgets it.
    `simulated_revision` is the last one of which a simulation was finished.
    """

    __tablename__ = "rulebook"
    __table_args__ = (
        sa.Index(
            "uq_rulebook_in_force",
            sa.text("(true)"),
            unique=True,
            postgresql_where=sa.text("published_at IS NOT NULL AND superseded_at IS NULL"),
        ),
        sa.Index(
            "uq_rulebook_waiting",
            "first_day",
            unique=True,
            postgresql_where=sa.text("scheduled_at IS NOT NULL AND published_at IS NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column()
    label: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))
    checked_at: Mapped[datetime | None]
    checked_digest: Mapped[str | None]
    check_errors: Mapped[int | None]
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(
        sa.dialects.postgresql.JSONB(none_as_null=True), deferred=True
    )
    first_day: Mapped[date | None]  # the day that was chosen at publication
    scheduled_at: Mapped[datetime | None]  # when it was published, where that day was still to come
    published_at: Mapped[datetime | None]  # since when it applies
    superseded_at: Mapped[datetime | None]
    simulated_revision: Mapped[int | None] = column_property(
        sa.select(sa.func.max(Simulation.revision))
        .where(
            Simulation.rulebook_id == id,  # noqa: A003 - the column above
            Simulation.state == SimulationState.FINISHED,
        )
        .correlate_except(Simulation)
        .scalar_subquery(),
        deferred=True,  # who resolves a dossier reads the rulebook in force, and does not need it
    )

    correspondences: Mapped[list["Correspondence"]] = relationship(
        order_by="Correspondence.position", cascade="all, delete-orphan"
    )
    certificate_kinds: Mapped[list["CertificateKind"]] = relationship(
        order_by="CertificateKind.kind", cascade="all, delete-orphan"
    )
    policies: Mapped[list["Policy"]] = relationship(order_by="Policy.position", cascade="all, delete-orphan")

    @property
    def frozen(self) -> bool:
        """Whether it is published: in force, replaced, or waiting for its day."""
        return self.published_at is not None or self.scheduled_at is not None

    @property
    def state(self) -> RulebookState:
        if self.superseded_at is not None:
            return RulebookState.SUPERSEDED
        if self.frozen:
            return RulebookState.PUBLISHED
        if self.check_errors != 0:
            return RulebookState.DRAFT
        return RulebookState.SIMULATED if self.simulated else RulebookState.CHECKED

    @property
    def simulated(self) -> bool:
        """Whether the present version was tried on the dossiers, to the end."""
        return self.simulated_revision == self.revision


class Correspondence(Base):
    """`proposal_id` is what it was accepted from, at the workbench; who did so, when and why is told there."""

    __tablename__ = "correspondence"
    __table_args__ = (
        sa.CheckConstraint("cardinality(sources) > 0", name="sources"),
        sa.UniqueConstraint("proposal_id"),
    )

    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    sources: Mapped[list[str]]
    target: Mapped[str]
    relation: Mapped[Relation] = mapped_column(values_of(Relation, "relation"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    proposal_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("correspondence_proposal.id"))


class ProposalStatus(StrEnum):
    PROPOSED = "proposed"  # nobody has decided
    ACCEPTED = "accepted"  # as it was proposed
    CHANGED = "changed"  # accepted with another relation, or for some days
    REFUSED = "refused"


class Proposal(Timestamped, Base):
    """A correspondence that the data suggests for a draft, until a person decides; one for what it says from and to.

    `grounds` are what it was made from (origin, relation, basis), the one that says most first. Score, likenesses
    and differing words are of the versions named, which never change. `decision` is the correspondence as it was
    accepted; `revision` counts the changes, for ETags.
    """

    __tablename__ = "correspondence_proposal"
    __table_args__ = (
        sa.CheckConstraint("cardinality(sources) > 0", name="sources"),
        sa.CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided"),
        sa.UniqueConstraint("rulebook_id", "code"),
    )

    id: Mapped[Id]
    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"))
    revision: Mapped[int] = mapped_column(default=1)
    code: Mapped[str]
    sources: Mapped[list[str]]
    target: Mapped[str]
    source_dsr: Mapped[str]
    target_dsr: Mapped[str]
    source_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id"))
    target_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id"))
    chapter: Mapped[str]
    relation: Mapped[Relation] = mapped_column(values_of(Relation, "relation"))
    grounds: Mapped[list[dict[str, Any]]]
    score: Mapped[float]
    likeness: Mapped[dict[str, Any]]
    differing: Mapped[list[dict[str, Any]]]
    status: Mapped[ProposalStatus] = mapped_column(values_of(ProposalStatus, "status"))
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    decision: Mapped[dict[str, Any] | None] = mapped_column(sa.dialects.postgresql.JSONB(none_as_null=True))


class CertificateKind(Base):
    """`covers` is a list of globs on dsr, requirement and chapter."""

    __tablename__ = "certificate_kind"

    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    covers: Mapped[list[Any]] = mapped_column(sa.dialects.postgresql.JSONB())


class Policy(Base):
    """`conditions` maps each key of `when` to its globs."""

    __tablename__ = "policy"

    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    conditions: Mapped[dict[str, Any]]
    reuse: Mapped[Reuse] = mapped_column(values_of(Reuse, "reuse"))
    max_age_days: Mapped[int | None]


class GrantState(StrEnum):
    PROPOSED = "proposed"  # a verifier must look
    GRANTED = "granted"  # by the rules alone
    CONFIRMED = "confirmed"  # by a verifier
    REFUSED = "refused"  # by a verifier
    STANDS_IN = "stands_in"  # for what fell under an item of a decided dossier, of which nothing changes
    ENDED = "ended"  # no longer holds, or no longer needed


class Grant(Timestamped, Base):
    """The reuse of earlier facts for a proof that a dossier is asked for, with the derivation that justifies it.

    `derivation` is written as in `equivalence-resolution/1`; what it stands on is in `sources`, and in `clauses` the
    correspondences (by their codes) and socles (`socle:CODE`) that it goes through, so that who leans on one is found.
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
    cases: Mapped[list[str]]
    confirm: Mapped[list[str]]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    comment: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    sources: Mapped[list["GrantSource"]] = relationship(
        back_populates="grant", foreign_keys="GrantSource.grant_id"
    )


class GrantSource(Base):
    """One original fact that a grant stands on: of the same technical core as the grant, by constraint.

    Where the core was parted since, `core_id` is gone: the grant has ended, or is of a dossier that was decided
    before and is told as it was.
    """

    __tablename__ = "grant_source"
    __table_args__ = (
        same_core(["grant_id", "core_id"], "equivalence_grant"),
        same_core(["verification_id", "core_id"], "verification"),
        same_core(["certificate_id", "core_id"], "certificate"),
        sa.CheckConstraint("num_nonnulls(verification_id, certificate_id) = 1", name="one_fact"),
        sa.UniqueConstraint(
            "grant_id", "verification_id", "certificate_id", postgresql_nulls_not_distinct=True
        ),
        sa.Index("ix_grant_source_verification_id", "verification_id"),
        sa.Index("ix_grant_source_certificate_id", "certificate_id"),
    )

    id: Mapped[Id]
    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("equivalence_grant.id"))
    core_id: Mapped[UUID | None]
    verification_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("verification.id"))
    certificate_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("certificate.id"))

    grant: Mapped[Grant] = relationship(back_populates="sources", foreign_keys=grant_id)

"""Rulebooks with their rules."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, same_core, values_of
from referencing.equivalence.engine.facts import Relation, Reuse, Standing
from referencing.equivalence.states import Phase


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
    `figures` counts what would change, `batches` by what was decided together at the workbench, and `effort` says what
    a task costs verifiers.
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
    batches: Mapped[list[dict[str, Any]]] = mapped_column(deferred=True)
    effort: Mapped[list[dict[str, Any]]] = mapped_column(deferred=True)


class Rulebook(Timestamped, Base):
    """Rules under a label: a draft until it is published; one rulebook at most is in force.

    `revision` counts the edits, for ETags. The check is that of the present content: an edit forgets it.
    `simulated_revision` is the last revision of which a simulation was finished.
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
    def phase(self) -> Phase:
        if self.superseded_at is not None:
            return Phase.SUPERSEDED
        if self.published_at is not None:
            return Phase.IN_FORCE
        return Phase.DRAFT if self.scheduled_at is None else Phase.WAITING

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
    """A relation between requirements or proofs; `proposal_id` is the proposal that it was accepted from, if any."""

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


class CertificateKind(Base):
    """The proofs that a kind of certificate covers: `covers` lists globs on dsr, requirement and chapter."""

    __tablename__ = "certificate_kind"

    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    covers: Mapped[list[Any]] = mapped_column(sa.dialects.postgresql.JSONB())


class Policy(Base):
    """How facts may be reused; `conditions` maps each key of `when` to its globs."""

    __tablename__ = "policy"

    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    conditions: Mapped[dict[str, Any]]
    reuse: Mapped[Reuse] = mapped_column(values_of(Reuse, "reuse"))
    max_age_days: Mapped[int | None]


class RegisterChange(StrEnum):
    """What the public list shows of a solution on a DSR from then on."""

    REFERENCED = "referenced"
    RENEWED = "renewed"  # referenced while the solution is listed on the DSR already, in another version
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    DELISTED = "delisted"
    ANNULLED = "annulled"  # it was taken over from before this service in error: it never counted


class DossierStanding(Base):
    """The standing of a dossier from `began_at` until the next one: the facts found in it are judged by that.

    A dossier without a standing is open. `reason` says in French what was decided. Where the public list changed by it,
    `change` says how, and `position` when that was: a place in the whole journal, of which no entry is there.
    """

    __tablename__ = "dossier_standing"
    __table_args__ = (
        same_core(["candidature_id", "core_id"], "candidature"),
        sa.Index("ix_dossier_standing_core_id", "core_id", "candidature_id", "began_at"),
        sa.Index(
            "uq_dossier_standing_position",
            "position",
            unique=True,
            postgresql_where=sa.text("position IS NOT NULL"),
        ),
        sa.CheckConstraint("(change IS NULL) = (position IS NULL)", name="change_position"),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID]  # its table is of a package above
    core_id: Mapped[UUID]
    standing: Mapped[Standing] = mapped_column(values_of(Standing, "standing"))
    began_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    reason: Mapped[str]
    change: Mapped[RegisterChange | None] = mapped_column(values_of(RegisterChange, "change"))
    position: Mapped[int | None] = mapped_column(sa.BigInteger())

"""Audits with their samples, and what came of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.candidatures.record.models import Candidature
from referencing.files.models import KeptFile
from referencing.proofs.models import Verification
from referencing.solutions.models import Certificate

from .states import (
    PENDING,
    STANDING,
    STANDING_PLANS,
    AuditState,
    Conformity,
    Measure,
    NonconformityState,
    PlanState,
    SanctionState,
    Severity,
)


class Audit(Timestamped, Base):
    """An audit of a referenced solution: what is verified again, what was found, and what came of it.

    `size` is how many requirements were to be drawn with `seed` among the `population`: its requirements with their
    weights, as they were that day. `reason` and `conclusions` are read by the editor.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_organisation_id", "organisation_id", "id"),
        sa.Index("ix_audit_state", "state", "id"),
        sa.Index(
            "uq_audit_standing",
            "candidature_id",
            unique=True,
            postgresql_where=sa.column("state", sa.Text()).in_([state.value for state in sorted(STANDING)]),
        ),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    state: Mapped[AuditState] = mapped_column(values_of(AuditState, "state"))
    reason: Mapped[str]
    seed: Mapped[str]
    size: Mapped[int]
    population: Mapped[list[dict[str, Any]]] = mapped_column(deferred=True)
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    opened_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    answer_by: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    conclusions: Mapped[str | None]

    candidature: Mapped[Candidature] = relationship()


class SampledItem(Base):
    """An expected proof that is verified again, as it stood when it was drawn, and what was found.

    `added_reason` is why an auditor chose it, where it was not drawn. `revision` counts the findings, for ETags.
    """

    __tablename__ = "sampled_item"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "item_id"),
        sa.Index("ix_sampled_item_position", "audit_id", "position"),
        sa.CheckConstraint("(finding IS NULL) = (found_at IS NULL)", name="found"),
    )

    id: Mapped[Id]
    audit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("audit.id"))
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    position: Mapped[int]
    requirement: Mapped[str]
    code: Mapped[str]
    weight: Mapped[int]
    reused: Mapped[bool]
    added_reason: Mapped[str | None]
    finding: Mapped[Conformity | None] = mapped_column(values_of(Conformity, "finding"))
    comment: Mapped[str] = mapped_column(default="")
    found_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    found_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)

    audit: Mapped["Audit"] = relationship()
    facts: Mapped[list["SampledFact"]] = relationship(order_by="SampledFact.id")


class SampledFact(Base):
    """A fact on which the item stood when it was drawn."""

    __tablename__ = "sampled_fact"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(verification_id, certificate_id) = 1", name="one_fact"),
        sa.Index("ix_sampled_fact_sampled_item_id", "sampled_item_id"),
        sa.Index("ix_sampled_fact_verification_id", "verification_id"),
        sa.Index("ix_sampled_fact_certificate_id", "certificate_id"),
    )

    id: Mapped[Id]
    sampled_item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("sampled_item.id"))
    verification_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("verification.id"))
    certificate_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("certificate.id"))

    verification: Mapped[Verification | None] = relationship()
    certificate: Mapped[Certificate | None] = relationship()


class Nonconformity(Base):
    """A non-conformité with a requirement of the DSR; `revision` counts the edits, for ETags.

    `outcome` is why it was lifted or withdrawn; `reminded` the last reminder that no plan was proposed.
    """

    __tablename__ = "nonconformity"
    __table_args__ = (sa.UniqueConstraint("audit_id", "number"),)

    id: Mapped[Id]
    audit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("audit.id"))
    number: Mapped[int]
    requirement: Mapped[str]
    severity: Mapped[Severity] = mapped_column(values_of(Severity, "severity"))
    description: Mapped[str]
    sampled_item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("sampled_item.id"))
    state: Mapped[NonconformityState] = mapped_column(values_of(NonconformityState, "state"))
    outcome: Mapped[str | None]
    raised_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    raised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reminded: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1)

    audit: Mapped[Audit] = relationship()
    plans: Mapped[list["ActionPlan"]] = relationship(
        order_by="ActionPlan.number", back_populates="nonconformity"
    )


class ActionPlan(Base):
    """The work that an editor will do about a non-conformité, and until when.

    It asks for a day (`asked_on`) or for so many working days after the acceptance (`asked_days`); `due_on` is the day
    that was accepted. `report` is what the editor says was done, `comment` the auditor's last word, `reminded` the last
    reminder.
    """

    __tablename__ = "action_plan"
    __table_args__ = (
        sa.UniqueConstraint("nonconformity_id", "number"),
        sa.CheckConstraint("num_nonnulls(asked_on, asked_days) = 1", name="asked"),
        sa.Index(
            "uq_action_plan_standing",
            "nonconformity_id",
            unique=True,
            postgresql_where=sa.column("state", sa.Text()).in_(
                [state.value for state in sorted(STANDING_PLANS)]
            ),
        ),
        sa.Index("ix_action_plan_due_on", "due_on", postgresql_where=sa.text("state = 'accepted'")),
    )

    id: Mapped[Id]
    nonconformity_id: Mapped[UUID] = mapped_column(sa.ForeignKey("nonconformity.id"))
    number: Mapped[int]
    description: Mapped[str]
    state: Mapped[PlanState] = mapped_column(values_of(PlanState, "state"))
    asked_on: Mapped[date | None]
    asked_days: Mapped[int | None]
    due_on: Mapped[date | None]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    report: Mapped[str | None]
    carried_out_at: Mapped[datetime | None]
    comment: Mapped[str | None]
    commented_at: Mapped[datetime | None]
    reminded: Mapped[int | None]

    nonconformity: Mapped[Nonconformity] = relationship(back_populates="plans")


class Sanction(Base):
    """A suspension or a delisting that is announced, answered and decided; or a reinstatement.

    `urgent_reason` is why it may be decided before the editor has answered; else `answer_by` is until when they may.
    """

    __tablename__ = "sanction"
    __table_args__ = (
        sa.Index("ix_sanction_audit_id", "audit_id", "id"),
        sa.Index(
            "uq_sanction_pending",
            "audit_id",
            unique=True,
            postgresql_where=sa.column("state", sa.Text()).in_([state.value for state in sorted(PENDING)]),
        ),
    )

    id: Mapped[Id]
    audit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("audit.id"))
    measure: Mapped[Measure] = mapped_column(values_of(Measure, "measure"))
    state: Mapped[SanctionState] = mapped_column(values_of(SanctionState, "state"))
    grounds: Mapped[str]
    urgent_reason: Mapped[str | None]
    answer_by: Mapped[date | None]
    announced_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    announced_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]

    audit: Mapped[Audit] = relationship()


class Evidence(KeptFile):
    """A file of an audit, and what it is about: something that was verified again, found, planned or announced."""

    __tablename__ = "evidence"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "position"),
        sa.CheckConstraint(
            "num_nonnulls(sampled_item_id, nonconformity_id, plan_id, sanction_id) <= 1", name="about"
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("audit.id"))
    sampled_item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("sampled_item.id"))
    nonconformity_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("nonconformity.id"))
    plan_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("action_plan.id"))
    sanction_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("sanction.id"))
    comment: Mapped[str]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    of_agency: Mapped[bool]
    added_at: Mapped[datetime]

    author: Mapped[Account] = relationship(foreign_keys=account_id)

"""Who has which piece of work in hand, who can be given which, and what is read a second time."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, values_of
from referencing.candidatures.tasks.models import Task
from referencing.proofs.models import Finding


class Claim(Base):
    """One verifier at most holds a task. Past `expires_at` a claim counts as none: whoever comes next replaces it."""

    __tablename__ = "claim"
    __table_args__ = (sa.Index("ix_claim_verifier_id", "verifier_id", "expires_at"),)

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Verifier(Base):
    """What a lead set for a verifier: chapters and guichets handled (none named: all), and how much at once."""

    __tablename__ = "verifier"
    __table_args__ = (sa.CheckConstraint("most_in_hand > 0", name="most_in_hand"),)

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    chapters: Mapped[list[str]]
    guichets: Mapped[list[str]]
    most_in_hand: Mapped[int]


class ConflictOfInterest(Base):
    """Whose work somebody of the agency neither judges nor reads.

    Declared by others, or by nobody who is remembered, it is not theirs to take back. A lead or an auditor reads until
    `readable_until`, for the reason that they gave last.
    """

    __tablename__ = "conflict_of_interest"
    __table_args__ = (sa.UniqueConstraint("verifier_id", "organisation_id"),)

    id: Mapped[Id]
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    reason: Mapped[str]
    declared_at: Mapped[datetime]
    declared_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    readable_until: Mapped[datetime | None]
    reading_reason: Mapped[str | None]

    verifier: Mapped[Account] = relationship(foreign_keys=verifier_id)
    organisation: Mapped[Organisation] = relationship()


class Absence(Base):
    """Days on which a verifier is away, both included."""

    __tablename__ = "absence"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="days"),
        sa.Index("ix_absence_verifier_id", "verifier_id", "ends_on"),
    )

    id: Mapped[Id]
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]

    verifier: Mapped[Account] = relationship()


class Arbiter(StrEnum):
    """Who decides when two readers disagree."""

    THIRD = "third"  # a third verifier
    LEAD = "lead"


class SecondReadingRate(Base):
    """How many first findings in a hundred another reader is asked of, for a chapter, a verifier, both or all."""

    __tablename__ = "second_reading_rate"
    __table_args__ = (
        sa.UniqueConstraint("chapter", "verifier_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("rate BETWEEN 0 AND 100", name="rate"),
    )

    id: Mapped[Id]
    chapter: Mapped[str | None]
    verifier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    rate: Mapped[int]
    on_disagreement: Mapped[Arbiter] = mapped_column(values_of(Arbiter, "on_disagreement"))
    seed: Mapped[str]

    verifier: Mapped[Account | None] = relationship()


class SecondReading(Base):
    """The version of a proof that a task of second reading is about, read for the second or the third time.

    A third reading is a verifier's or a lead's, as `on_disagreement` says.
    """

    __tablename__ = "second_reading"

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    proof_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proof.id"))
    round: Mapped[int]
    on_disagreement: Mapped[Arbiter] = mapped_column(values_of(Arbiter, "on_disagreement"))

    task: Mapped[Task] = relationship()


class Reading(Base):
    """What one of several readers found on a version, kept until it can be compared; `round` counts from 1.

    `verification_id` is the fact that came of it once a finding stood. Without one it waits, unless its reader took
    it back (`undone_at`) or its version is no longer before the agency: then it is void.
    """

    __tablename__ = "reading"
    __table_args__ = (
        sa.UniqueConstraint("task_id"),
        # Nobody reads twice what they read first, whatever the operations say.
        sa.Index(
            "uq_reading_waiting",
            "proof_id",
            "verifier_id",
            unique=True,
            postgresql_where=sa.text("verification_id IS NULL AND undone_at IS NULL"),
        ),
        sa.Index("ix_reading_proof_id", "proof_id", "round"),
        sa.Index("ix_reading_verification_id", "verification_id", "round"),
        sa.Index("ix_reading_verifier_id", "verifier_id", "id"),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"))
    proof_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proof.id"))
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    round: Mapped[int]
    finding: Mapped[Finding] = mapped_column(values_of(Finding, "finding"))
    comment: Mapped[str]
    steps: Mapped[list[dict[str, Any]]]
    file_sha256: Mapped[str]
    given_at: Mapped[datetime]
    verification_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("verification.id"))
    undone_at: Mapped[datetime | None]
    undone_reason: Mapped[str | None]

    task: Mapped[Task] = relationship()
    verifier: Mapped[Account] = relationship()

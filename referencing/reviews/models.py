"""Who has which piece of work in hand, and who can be given which."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.db import Base, Id, values_of

from .outcomes import Outcome


class Claim(Base):
    """One verifier at most holds a task. Past `expires_at` a claim counts as none: whoever comes next replaces it."""

    __tablename__ = "claim"
    __table_args__ = (sa.Index("ix_claim_verifier_id", "verifier_id", "expires_at"),)

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CommentTemplate(Base):
    """A comment that verifiers begin from, for an outcome or a chapter where one is named; `revision` for ETags."""

    __tablename__ = "comment_template"

    id: Mapped[Id]
    title: Mapped[str]
    text: Mapped[str]
    outcome: Mapped[Outcome | None] = mapped_column(values_of(Outcome, "outcome"))
    chapter: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1)


class Verifier(Base):
    """What a lead set for a verifier: chapters and guichets handled (none named: all), and how much at once."""

    __tablename__ = "verifier"
    __table_args__ = (sa.CheckConstraint("most_in_hand > 0", name="most_in_hand"),)

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    chapters: Mapped[list[str]]
    guichets: Mapped[list[str]]
    most_in_hand: Mapped[int]


class ConflictOfInterest(Base):
    """Whose work a verifier does not review."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (sa.UniqueConstraint("verifier_id", "organisation_id"),)

    id: Mapped[Id]
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    reason: Mapped[str]
    declared_at: Mapped[datetime]

    verifier: Mapped[Account] = relationship()
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

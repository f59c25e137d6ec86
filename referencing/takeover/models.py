"""A file of past referencings that was taken over: what it told, what became of each, and what was wrong with it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, values_of
from referencing.candidatures.record.models import Candidature
from referencing.catalogue.models import DsrVersion

from .states import TakeoverState


class Takeover(Base):
    """A file that a lead or a catalogue manager had taken over; without an account, whoever administers the machine.

    `rows` and `left_aside` count the rows of the file, and its referencings that could not be taken over. `ended_at`
    is when the jobs had done all that they were last asked for.
    """

    __tablename__ = "takeover"
    __table_args__ = (
        sa.Index(
            "uq_takeover_sha256", "sha256", unique=True, postgresql_where=sa.text("state <> 'taken_back'")
        ),
        sa.CheckConstraint(
            "(state IN ('taking_back', 'taken_back')) = (taken_back_at IS NOT NULL AND reason IS NOT NULL)",
            name="reason",
        ),
    )

    id: Mapped[Id]
    filename: Mapped[str]
    sha256: Mapped[str]
    state: Mapped[TakeoverState] = mapped_column(values_of(TakeoverState, "state"))
    rows: Mapped[int]
    left_aside: Mapped[int]
    taken_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    taken_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    taken_back_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    taken_back_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    taker: Mapped[Account | None] = relationship(foreign_keys=taken_by)
    undoer: Mapped[Account | None] = relationship(foreign_keys=taken_back_by)


class PastState(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    LEFT = "left"  # it could not be taken over when its turn came: `takeover_problem` says why
    TAKEN_BACK = "taken_back"


class PastReferencing(Base):
    """A referencing of such a file, by its `number` among those that could be taken over; `row` is its first one.

    `findings` holds the outcome, its day and that of an intrusion test by the code of each proof, and is empty once the
    dossier has them.
    """

    __tablename__ = "past_referencing"
    __table_args__ = (
        sa.Index(
            "ix_past_referencing_to_do",
            "takeover_id",
            "state",
            "number",
            postgresql_where=sa.text("state IN ('waiting', 'taken')"),
        ),
    )

    takeover_id: Mapped[UUID] = mapped_column(sa.ForeignKey("takeover.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int]
    state: Mapped[PastState] = mapped_column(values_of(PastState, "state"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    nil: Mapped[str]
    software: Mapped[str]
    software_version: Mapped[str]
    commercial_name: Mapped[str]
    composition: Mapped[dict[str, str]]
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id"))
    profiles: Mapped[list[str]]
    deposited_on: Mapped[date | None]
    referenced_on: Mapped[date]
    findings: Mapped[dict[str, tuple[str, str, str | None]]] = mapped_column(sa.dialects.postgresql.JSONB())
    candidature_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("candidature.id"))

    organisation: Mapped[Organisation] = relationship()
    version: Mapped[DsrVersion] = relationship()


class TakeoverProblem(Base):
    """A thing that was wrong with a file, by its place in the order of rows; `code` as docs/takeover.md has it."""

    __tablename__ = "takeover_problem"

    takeover_id: Mapped[UUID] = mapped_column(sa.ForeignKey("takeover.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int]
    code: Mapped[str]
    detail: Mapped[str]


class TakeoverCoverage(Base):
    """What an open dossier owed to a takeover when it was finished: its expected proofs, by code, out of so many items.

    They are those whose reuse stands on a finding that was taken over.
    """

    __tablename__ = "takeover_coverage"

    takeover_id: Mapped[UUID] = mapped_column(sa.ForeignKey("takeover.id"), primary_key=True)
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"), primary_key=True)
    covered: Mapped[list[str]]
    to_confirm: Mapped[list[str]]
    items: Mapped[int]

    candidature: Mapped[Candidature] = relationship()

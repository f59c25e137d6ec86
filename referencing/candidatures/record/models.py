"""The dossier: a solution that asks to be referenced on a DSR, its items, and how they stood."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Organisation
from referencing.base.db import Base, Id, Timestamped, same_core, values_of
from referencing.candidatures.clock.ledger import Holder
from referencing.catalogue.models import DsrVersion, ExpectedProof
from referencing.equivalence.grants.models import Grant
from referencing.proofs.models import Finding, Verification
from referencing.solutions.models import Configuration

from .states import OPEN, WITH_EDITOR, ItemState, State, Track


def _one_of(states: Iterable[StrEnum]) -> sa.ColumnElement[bool]:
    """The condition of an index: its rows are in one of these states."""
    return sa.column("state", sa.Text()).in_([state.value for state in sorted(states)])


class Said(TypedDict, total=False):
    """What an editor says of a dossier that its row keeps as it is given: columns of those names."""

    external_reference: str | None


class Candidature(Timestamped, Base):
    """`version_id` pins the DSR's version; `deposited_on` is the day of the first submission.

    `external_reference` is the editor's own name for it. `revision` counts what was changed of a draft, for ETags.
    `resolved_on` names the day, the rulebook and the lists for which all items were last resolved, nothing once
    something else than a fact may have changed an answer: what the facts that change reach is then not enough.
    `takeover_id` is of a referencing from before this service: it was never drafted, filed or reviewed here.
    """

    __tablename__ = "candidature"
    __table_args__ = (
        same_core(["software_id", "core_id"], "software"),
        sa.UniqueConstraint("id", "core_id"),
        sa.Index("ix_candidature_open_core", "core_id", postgresql_where=_one_of(OPEN)),
        sa.Index("ix_candidature_open_organisation", "organisation_id", "id", postgresql_where=_one_of(OPEN)),
        sa.Index("ix_candidature_organisation_id", "organisation_id", "id"),
        sa.Index("ix_candidature_software_id", "software_id"),
        sa.Index("ix_candidature_state", "state", "id"),
        sa.Index(
            "ix_candidature_takeover_id", "takeover_id", postgresql_where=sa.text("takeover_id IS NOT NULL")
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    software_id: Mapped[UUID]
    core_id: Mapped[UUID]
    configuration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("configuration.id"))
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id"))
    profiles: Mapped[list[str]]
    mode: Mapped[Track] = mapped_column(values_of(Track, "mode"))
    state: Mapped[State] = mapped_column(values_of(State, "state"))
    deposited_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    external_reference: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))
    resolved_on: Mapped[str | None]
    takeover_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("takeover.id"))  # of a package above

    organisation: Mapped[Organisation] = relationship()
    configuration: Mapped[Configuration] = relationship()
    version: Mapped[DsrVersion] = relationship()


class Item(Base):
    """One expected proof inside one candidature. `reason` is why the editor says that it does not apply.

    `external_reference` is the editor's own name for it, such as the number of a test case. `round` is which review
    it is in or waits for, from 1: a verdict that asks for something, or a reopening, begins the next one.
    """

    __tablename__ = "item"
    __table_args__ = (
        same_core(["candidature_id", "core_id"], "candidature"),
        same_core(["grant_id", "core_id"], "equivalence_grant"),
        sa.UniqueConstraint("candidature_id", "position"),
        sa.UniqueConstraint("candidature_id", "expected_proof_id"),
        # At the commit: an editor may exchange two references.
        sa.UniqueConstraint("candidature_id", "external_reference", deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("id", "track"),
        sa.CheckConstraint("session_id IS NULL OR track = 'duo'", name="one_track"),
        sa.Index("ix_item_grant_id", "grant_id"),
        sa.Index("ix_item_session_id", "session_id", postgresql_where=sa.text("session_id IS NOT NULL")),
        sa.Index(
            "ix_item_to_supply",
            "candidature_id",
            postgresql_where=_one_of(WITH_EDITOR) & sa.column("session_id").is_(None),
        ),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID]
    core_id: Mapped[UUID]
    expected_proof_id: Mapped[UUID] = mapped_column(sa.ForeignKey("expected_proof.id"))
    position: Mapped[int]
    state: Mapped[ItemState] = mapped_column(values_of(ItemState, "state"))
    track: Mapped[Track] = mapped_column(values_of(Track, "track"))
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    reason: Mapped[str | None]
    external_reference: Mapped[str | None]
    grant_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("duo_session.id"))  # of a package above

    candidature: Mapped[Candidature] = relationship()
    grant: Mapped[Grant | None] = relationship(viewonly=True)
    expected_proof: Mapped[ExpectedProof] = relationship()


#: The editor has something to supply, which is not to be shown in a session: what `ix_item_to_supply` holds.
TO_SUPPLY = Item.state.in_(sorted(WITH_EDITOR)) & Item.session_id.is_(None)


class ItemStanding(Base):
    """How an item stood, from when to when: what its past is told from. Only its end is ever written to.

    `grant_id` is the reuse that it stood on, `reason` why it was said not to apply. `answer` is what the engine
    answered under `rulebook_id` (as in `equivalence-resolution/1`) where no grant keeps it: what was awaited, or
    the nearest facts of what was required; nothing where there were none.
    """

    __tablename__ = "item_standing"
    __table_args__ = (
        sa.Index(
            "uq_item_standing_open", "item_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.Index("ix_item_standing_item_id_started_at", "item_id", "started_at"),
    )

    id: Mapped[Id]
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    state: Mapped[ItemState] = mapped_column(values_of(ItemState, "state"))
    grant_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("equivalence_grant.id"))
    reason: Mapped[str | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(sa.dialects.postgresql.JSONB(none_as_null=True))
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BallInterval(Base):
    """From when to when somebody held the ball of a dossier; one interval at most is open."""

    __tablename__ = "ball_interval"
    __table_args__ = (
        sa.Index(
            "uq_ball_interval_open",
            "candidature_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_ball_interval_candidature_id", "candidature_id", "id"),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    holder: Mapped[Holder] = mapped_column(values_of(Holder, "holder"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Verdict(Base):
    """What a verifier said of an item in one round; taken back, it stays, with when and why.

    What it is about: `verification_id` on a proof, `grant_id` on a reuse, else the `claim` that the item does not
    apply. `missing` and `due_on` are of a complement, `reminded` is the level of its last reminder (`deadlines`).
    `steps` are those of the scenario: number, outcome, comment. `task_id` is None on verdicts older than the column.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        sa.Index("ix_verdict_item_id", "item_id", "id"),
        sa.Index("ix_verdict_verifier_id", "verifier_id", "id"),
        sa.Index("ix_verdict_due_on", "due_on", postgresql_where=sa.text("undone_at IS NULL")),
        # Standing verdicts on what was supplied or shown: what figures count.
        sa.Index(
            "ix_verdict_given_at",
            "given_at",
            postgresql_where=sa.text("undone_at IS NULL AND grant_id IS NULL AND claim IS NULL"),
        ),
    )

    id: Mapped[Id]
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))
    task_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("task.id"), unique=True)
    round: Mapped[int]
    finding: Mapped[Finding] = mapped_column(values_of(Finding, "finding"))
    comment: Mapped[str]
    missing: Mapped[list[str]]
    due_on: Mapped[date | None]
    reminded: Mapped[int | None]
    steps: Mapped[list[dict[str, Any]]]
    claim: Mapped[str | None]
    verification_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("verification.id"))
    grant_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("equivalence_grant.id"))
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    given_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_reason: Mapped[str | None]

    verification: Mapped[Verification | None] = relationship()

"""What a draft of a requirement list would cost: an estimate, and its figures for each requirement that differs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, values_of
from referencing.catalogue.models import DsrVersion

from .states import Change, EstimateState

_JSON = sa.dialects.postgresql.JSONB()


class Estimate(Base):
    """A draft as it was (`digest`) against the version in force of its DSR, or of another one that was named.

    `done` of `total` softwares, those that filed on the DSR of the `base`, are looked at.

    `rulebook_id` is None where no rules were in force. `position` is the journal's when it was asked for; `after` is
    the last software that was looked at. Each software counts once, and once in each of the `chapters`: by the worst
    that becomes of it. `spared` are those that lose something or have it to confirm, and would keep it all had
    scenarios and expected proofs stayed as they are. `open_dossiers` stand, on other DSRs, on what was found on words
    that change. `paces` is what the days are counted by, once it is finished.
    """

    __tablename__ = "estimate"
    __table_args__ = (
        sa.Index(
            "uq_estimate_running",
            "version_id",
            "base_id",
            "digest",
            "rulebook_id",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.Index("ix_estimate_version_id", "version_id", "id"),
    )

    id: Mapped[Id]
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id"))
    base_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dsr_version.id"))
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    digest: Mapped[str]
    position: Mapped[int] = mapped_column(sa.BigInteger())
    state: Mapped[EstimateState] = mapped_column(values_of(EstimateState, "state"))
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    total: Mapped[int]
    done: Mapped[int]
    after: Mapped[UUID | None]
    kept: Mapped[int]
    to_confirm: Mapped[int]
    lost: Mapped[int]
    spared: Mapped[int]
    open_dossiers: Mapped[int]
    chapters: Mapped[Mapping[str, Mapping[str, int]]] = mapped_column(_JSON)
    paces: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(_JSON)

    version: Mapped[DsrVersion] = relationship(foreign_keys=version_id)
    base: Mapped[DsrVersion] = relationship(foreign_keys=base_id)

    @property
    def elsewhere(self) -> bool:
        """Whether it is held against another DSR: then nothing was found on words that it changes."""
        return self.base.dsr_id != self.version.dsr_id


class EstimatedRequirement(Base):
    """A requirement that differs, or leans on one that does; `position` counts from 1, chapter by chapter.

    `differing`, `attributes` and `proofs` are what differs, as `changes.Difference` says it. `kept`, `to_confirm` and
    `lost` are softwares that have something here, each once. `more_to_confirm` and `more_to_supply` are proofs of all
    softwares together, below zero where fewer are; `confirmations_spared` and `supplies_spared` are those of them that
    an unchanged scenario would spare.
    """

    __tablename__ = "estimated_requirement"
    __table_args__ = (sa.UniqueConstraint("estimate_id", "position"),)

    id: Mapped[Id]
    estimate_id: Mapped[UUID] = mapped_column(sa.ForeignKey("estimate.id"))
    position: Mapped[int]
    code: Mapped[str]
    chapter: Mapped[str]
    change: Mapped[Change] = mapped_column(values_of(Change, "change"))
    differing: Mapped[Sequence[Mapping[str, str]]] = mapped_column(_JSON)
    attributes: Mapped[list[str]]
    proofs: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(_JSON)
    shown_unchanged: Mapped[bool]
    kept: Mapped[int]
    to_confirm: Mapped[int]
    lost: Mapped[int]
    spared: Mapped[int]
    more_to_confirm: Mapped[int]
    more_to_supply: Mapped[int]
    confirmations_spared: Mapped[int]
    supplies_spared: Mapped[int]
    open_dossiers: Mapped[int]

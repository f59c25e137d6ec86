"""Correspondences proposed for a draft, and what people decided of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.equivalence.engine.facts import Relation


class ProposalState(StrEnum):
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
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
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
    state: Mapped[ProposalState] = mapped_column(values_of(ProposalState, "state"))
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    decision: Mapped[dict[str, Any] | None] = mapped_column(sa.dialects.postgresql.JSONB(none_as_null=True))

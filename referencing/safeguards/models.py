"""The share of false reuses that leads tolerate, and the safeguards proposed for rules beyond it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, values_of

from .states import SafeguardState


class SafetyThreshold(Base):
    """The share of false reuses, in a hundred, that a rule's record is not to allow; none where leads set none.

    The last row holds. `rate` is the share of first findings that is to be read a second time where a rule falls.
    """

    __tablename__ = "safety_threshold"
    __table_args__ = (
        sa.CheckConstraint("share BETWEEN 1 AND 99", name="share"),
        sa.CheckConstraint("rate BETWEEN 0 AND 100", name="rate"),
    )

    id: Mapped[Id]
    share: Mapped[int | None]
    rate: Mapped[int]
    reason: Mapped[str]
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    set_at: Mapped[datetime]

    author: Mapped[Account] = relationship()


class Safeguard(Base):
    """Rules proposed in the place of those in force (`against_id`), by which one rule lets nothing through unconfirmed.

    `rule` is its lasting name, `code` what its rulebook called it; `found_false` of `verified_again` reuses, beyond
    `share` in a hundred, is what it was proposed for. `rates` are the second readings that go with it, by chapter.
    What the application proposes of itself is `proposed_by` nobody.
    """

    __tablename__ = "safeguard"
    __table_args__ = (
        sa.Index("uq_safeguard_rule", "rule", unique=True, postgresql_where=sa.text("state = 'proposed'")),
    )

    id: Mapped[Id]
    rule: Mapped[str]
    code: Mapped[str]
    rulebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"))
    against_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rulebook.id"))
    found_false: Mapped[int]
    verified_again: Mapped[int]
    share: Mapped[int]
    rates: Mapped[list[dict[str, Any]]]
    state: Mapped[SafeguardState] = mapped_column(values_of(SafeguardState, "state"))
    proposed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]

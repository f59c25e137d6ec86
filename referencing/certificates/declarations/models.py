"""Declarations of components to the EDC PSC."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, values_of


class Counter(StrEnum):
    """Where a component is declared in the trust space of Pro Santé Connect (EDC PSC), in this order."""

    EDITOR = "editor"  # guichet éditeur: by who makes it
    OPERATOR = "operator"  # guichet opérateur: by who runs it


class EdcPscDeclaration(Base):
    """A component (its identifier and version, or the software's NIL) declared at one of the two counters.

    `operator` is who runs it, of the operator's counter alone. What was withdrawn stays, with why.
    """

    __tablename__ = "edc_psc_declaration"
    __table_args__ = (
        sa.CheckConstraint("(counter = 'operator') = (operator IS NOT NULL)", name="operator"),
        sa.Index(
            "uq_edc_psc_declaration_standing",
            "software_id",
            "component",
            "counter",
            "operator",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    software_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    component: Mapped[str]
    counter: Mapped[Counter] = mapped_column(values_of(Counter, "counter"))
    operator: Mapped[str | None]
    number: Mapped[str]
    declared_on: Mapped[date]
    entered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]

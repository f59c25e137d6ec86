"""The dossiers that a simulation has to look at, and the items that would change.

No foreign key leads to the dossiers and items: it would lock their rows, which verifiers need, while a simulation runs.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, values_of
from referencing.equivalence.engine.resolution import Status

_JSON = sa.dialects.postgresql.JSONB(none_as_null=True)


class SimulatedDossier(Base):
    """A dossier that a running simulation has yet to look at; `position` counts from 1 all that it began with.

    It is looked at as on the day of its filing when it is `decided`, else as it is.
    """

    __tablename__ = "simulated_dossier"

    simulation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("simulation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    candidature_id: Mapped[UUID]
    decided: Mapped[bool]


class SimulatedChange(Base):
    """An item that would stand otherwise: by another status, or in the same one by another derivation.

    `dossier` is the number of its dossier, `position` the item's place in it. `told_before` and `told_after` are
    French sentences.
    """

    __tablename__ = "simulated_change"

    simulation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("simulation.id"), primary_key=True)
    dossier: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    decided: Mapped[bool]
    candidature_id: Mapped[UUID]
    item_id: Mapped[UUID]
    code: Mapped[str]
    dispositif: Mapped[str]
    chapter: Mapped[str]
    before: Mapped[Status] = mapped_column(values_of(Status, "before"))
    after: Mapped[Status] = mapped_column(values_of(Status, "after"))
    told_before: Mapped[list[str]]
    told_after: Mapped[list[str]]
    derivation_before: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    derivation_after: Mapped[dict[str, Any] | None] = mapped_column(_JSON)

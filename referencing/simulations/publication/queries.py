"""What a finished simulation keeps of the open dossiers, and how many these are."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.visible_queries import readable_id
from referencing.base.db import after, today
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.simulations.models import SimulatedChange
from referencing.simulations.queries import changed_since
from referencing.steering.periods import midnight

from .impact import RANK, Basis, Counts, Impact, Move, digest_of


def more_open_than(session: Session, most: int) -> bool:
    """Whether more dossiers than these are open; no more are counted."""
    opened = sa.select(Candidature.id).where(Candidature.state.in_(sorted(OPEN))).limit(most + 1)
    return session.scalars(sa.select(sa.func.count()).select_from(opened.subquery())).one() > most


def simulation_on(session: Session, basis: Basis) -> Simulation | None:
    """The last simulation of exactly this that was asked for today and is finished."""
    return session.scalar(
        sa.select(Simulation)
        .where(
            Simulation.rulebook_id == basis.rulebook_id,
            Simulation.revision == basis.revision,
            Simulation.against_id.is_not_distinct_from(basis.against_id),
            Simulation.applies_on == basis.applies_on,
            Simulation.asked_at >= midnight(today(session)),
            Simulation.state == SimulationState.FINISHED,
        )
        .order_by(Simulation.id.desc())
        .limit(1)
    )


def impact_kept(session: Session, basis: Basis, simulation: Simulation) -> Impact:
    """The impact on the open dossiers as a simulation of the same state keeps it, in one statement."""
    rank = dict(RANK)
    step = sa.case(rank, value=SimulatedChange.after) - sa.case(rank, value=SimulatedChange.before)
    line = sa.func.concat_ws(" ", SimulatedChange.item_id, SimulatedChange.before, SimulatedChange.after)
    in_order = sa.dialects.postgresql.aggregate_order_by(sa.literal("\n"), SimulatedChange.item_id)
    lines = sa.func.coalesce(sa.func.string_agg(line, in_order), "")
    row = session.execute(
        sa.select(
            sa.func.count(SimulatedChange.candidature_id.distinct()).label("dossiers"),
            sa.func.count().filter(step > 0).label("losing"),
            sa.func.count().filter(step < 0).label("gaining"),
            sa.func.count().filter(step == 0).label("otherwise"),
            sa.func.encode(sa.func.sha256(sa.func.convert_to(lines, "UTF8")), "hex").label("moves"),
        ).where(*_open_ones(simulation.id))
    ).one()
    return Impact(
        basis,
        digest_of(basis, row.moves),
        row.dossiers,
        Counts(row.losing, row.gaining, row.otherwise),
        simulation=simulation.id,
        changed_since=changed_since(session, simulation),
    )


def dossiers_kept(
    session: Session, actor: Actor, simulation_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[UUID]:
    """The open dossiers of the actor's to read in which a simulation found changes, in the order of their ids."""
    candidature = SimulatedChange.candidature_id
    visible = readable_id(session, actor, candidature)
    select = sa.select(candidature).where(*_open_ones(simulation_id), visible).distinct()
    return session.scalars(after(select, [candidature], cursor).limit(limit)).all()


def moves_kept(session: Session, simulation_id: UUID, dossiers: Collection[UUID]) -> list[Move]:
    """The changes that a simulation found in these dossiers, in the order of the items."""
    rows = session.execute(
        sa.select(
            SimulatedChange.candidature_id,
            SimulatedChange.item_id,
            SimulatedChange.code,
            SimulatedChange.before,
            SimulatedChange.after,
        )
        .where(*_open_ones(simulation_id), SimulatedChange.candidature_id.in_(dossiers))
        .order_by(SimulatedChange.dossier, SimulatedChange.position)
    )
    return [Move(*row) for row in rows]


def _open_ones(simulation_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return SimulatedChange.simulation_id == simulation_id, SimulatedChange.decided.is_(False)

"""Simulations are kept for a time; of each rulebook, the last one that came to its end for ever."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.db import now
from referencing.equivalence.models import Simulation, SimulationState

from .models import SimulatedChange, SimulatedDossier

#: At a time: each may have tens of thousands of changes.
AT_ONCE = 20


def forget_simulations(session: Session, *, days: int) -> None:
    """Those that ended more than `days` ago, the oldest first; a rulebook says by its last one that it was tried."""
    later = aliased(Simulation)
    is_followed = sa.exists().where(
        later.rulebook_id == Simulation.rulebook_id,
        later.id > Simulation.id,
        later.state == SimulationState.FINISHED,
    )
    forgotten = session.scalars(
        sa.select(Simulation.id)
        .where(
            Simulation.ended_at < now(session) - timedelta(days=days),
            sa.or_(Simulation.state != SimulationState.FINISHED, is_followed),
        )
        .order_by(Simulation.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for rows in (SimulatedChange, SimulatedDossier):
        session.execute(sa.delete(rows).where(rows.simulation_id.in_(forgotten)))
    session.execute(sa.delete(Simulation).where(Simulation.id.in_(forgotten)))

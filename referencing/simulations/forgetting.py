"""Simulations are forgotten after a time, but for the last one of each rulebook that came to its end."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.base.db import now
from referencing.equivalence.rulebooks.models import Simulation, SimulationState

from .models import SimulatedChange, SimulatedDossier

#: How many are forgotten at a time: each may have tens of thousands of changes.
AT_ONCE = 20


def forget_simulations(session: Session, *, simulations_kept: int) -> None:
    """Forget what ended more than `simulations_kept` days ago, oldest first; each rulebook keeps its last one."""
    later = aliased(Simulation)
    is_followed = sa.exists().where(
        later.rulebook_id == Simulation.rulebook_id,
        later.id > Simulation.id,
        later.state == SimulationState.FINISHED,
    )
    forgotten = session.scalars(
        sa.select(Simulation.id)
        .where(
            Simulation.ended_at < now(session) - timedelta(days=simulations_kept),
            sa.or_(Simulation.state != SimulationState.FINISHED, is_followed),
        )
        .order_by(Simulation.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for rows in (SimulatedChange, SimulatedDossier):
        session.execute(sa.delete(rows).where(rows.simulation_id.in_(forgotten)))
    session.execute(sa.delete(Simulation).where(Simulation.id.in_(forgotten)))

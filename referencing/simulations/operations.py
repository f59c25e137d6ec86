"""Asking for a simulation, and giving it up."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, FieldError, Invalid, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.rulebooks.models import Rulebook, Simulation, SimulationState
from referencing.equivalence.rulebooks.queries import NO_RULEBOOK, in_force
from referencing.journal.operations import record
from referencing.journal.queries import certain

from . import queries
from .models import SimulatedDossier
from .running import begin, end
from .states import SIMULATION, SimulationAction


def start(session: Session, actor: Actor, rulebook_id: UUID, applies_on: date | None = None) -> Simulation:
    """Try the rulebook as it is, as if it applied from a day on (today unless given).

    Answers the one that runs already for this version and day, or that was finished when nothing has changed since.
    """
    authorise(actor, Right.EDIT_RULEBOOKS)
    revision = _lock_revision(session, rulebook_id)
    day = applies_on or today(session)
    if day < today(session):
        raise Invalid(
            "Un référentiel de règles ne s'applique pas à un jour passé.",
            [FieldError("/applies_on", "Donnez aujourd'hui ou un jour à venir, ou rien pour aujourd'hui.")],
        )
    latest = _latest_simulation(session, rulebook_id, revision, day)
    if latest is not None and not (
        latest.state is SimulationState.FINISHED and queries.changed_since(session, latest)
    ):
        return latest
    current = in_force(session)
    simulation = Simulation(
        id=new_id(),
        rulebook_id=rulebook_id,
        revision=revision,
        against_id=current.id if current else None,
        applies_on=day,
        state=SimulationState.RUNNING,
        asked_by=actor.account_id,
        asked_at=now(session),
        position=certain(session),
        total=0,
        done=0,
        items=0,
        figures=[],
        batches=[],
        effort=[],
    )
    session.add(simulation)
    session.flush()
    simulation.total = _list_dossiers(session, simulation)
    detail = {"rulebook": str(rulebook_id), "revision": revision, "applies_on": day.isoformat()}
    record(session, actor, "simulation.asked", f"simulation:{simulation.id}", detail)
    begin(session, simulation)
    return simulation


def cancel(session: Session, actor: Actor, rulebook_id: UUID, simulation_id: UUID) -> Simulation:
    """Give up a simulation; what it found so far is forgotten. Raises Conflict once it has ended otherwise."""
    simulation = queries.simulation(session, actor, rulebook_id, simulation_id, lock=True)
    if SIMULATION.allows(simulation.state, SimulationAction.CANCEL):
        end(session, simulation, SimulationState.CANCELLED, actor)
    elif simulation.state is not SimulationState.CANCELLED:
        raise Conflict("Cette simulation est terminée : il n'y a plus rien à annuler.")
    return simulation


def _lock_revision(session: Session, rulebook_id: UUID) -> int:
    """The revision of a rulebook, locked: who asks at once waits, but not who makes grants under these rules.

    Raises NotFound.
    """
    revision = session.scalar(
        sa.select(Rulebook.revision).where(Rulebook.id == rulebook_id).with_for_update(key_share=True)
    )
    if revision is None:
        raise NotFound(NO_RULEBOOK)
    return revision


def _latest_simulation(session: Session, rulebook_id: UUID, revision: int, day: date) -> Simulation | None:
    return session.scalar(
        sa.select(Simulation)
        .where(
            Simulation.rulebook_id == rulebook_id,
            Simulation.revision == revision,
            Simulation.applies_on == day,
            Simulation.state.in_([SimulationState.RUNNING, SimulationState.FINISHED]),
        )
        .order_by(Simulation.id.desc())
        .limit(1)
    )


def _list_dossiers(session: Session, simulation: Simulation) -> int:
    """Number the dossiers to look at; answers how many they are."""
    dossiers = queries.to_look_at(session).subquery("dossiers")
    columns = [SimulatedDossier.simulation_id, SimulatedDossier.position]
    columns += [SimulatedDossier.candidature_id, SimulatedDossier.decided]
    listed = sa.select(
        sa.literal(simulation.id), dossiers.c.position, dossiers.c.candidature_id, dossiers.c.decided
    )
    session.execute(sa.insert(SimulatedDossier).from_select(columns, listed))
    count = sa.select(sa.func.count()).where(SimulatedDossier.simulation_id == simulation.id)
    return session.scalars(count).one()

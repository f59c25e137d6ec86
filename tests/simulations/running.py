"""A simulation asked for and brought to its end in one session."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.equivalence.engine.facts import Correspondence, Policy
from referencing.equivalence.rulebooks.models import Rulebook, Simulation, SimulationState
from referencing.equivalence.rulebooks.operations import write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.simulations.models import SimulatedChange
from referencing.simulations.operations import start
from referencing.simulations.running import simulate
from tests.builders import ALWAYS, person
from tests.conftest import Time
from tests.databases import new_database


@contextmanager
def prepared(server: sa.URL, name: str) -> Iterator[db.Sessions]:
    """A database to copy, made anew and left by everybody at the end."""
    engine = db.connect(new_database(server, name))
    try:
        yield db.sessions(engine, Time())
    finally:
        engine.dispose()


class Move(NamedTuple):
    candidature: UUID
    code: str
    before: str
    after: str


def draft_rules(
    session: Session, *correspondences: Correspondence, policies: tuple[Policy, ...] = (ALWAYS,)
) -> Rulebook:
    return write_rulebook(session, person(session, Role.LEAD), "Projet", Rules(correspondences, (), policies))


def ended(session: Session, rulebook: Rulebook, applies_on: date | None = None) -> Simulation:
    """Batch after batch, as its jobs would."""
    session.flush()
    simulation = start(session, person(session, Role.LEAD), rulebook.id, applies_on)
    due = sa.select(Job).where(Job.task == "simulate", Job.done_at.is_(None)).order_by(Job.id).limit(1)
    while simulation.state is SimulationState.RUNNING:
        job = session.scalars(due).one()
        simulate(session, **job.arguments)
        job.done_at = db.now(session)
        session.flush()
    return simulation


def rows(session: Session, simulation: Simulation, *, decided: bool = False) -> list[SimulatedChange]:
    found = sa.select(SimulatedChange).where(
        SimulatedChange.simulation_id == simulation.id, SimulatedChange.decided == decided
    )
    return list(session.scalars(found.order_by(SimulatedChange.dossier, SimulatedChange.position)))


def moves(session: Session, simulation: Simulation, *, decided: bool = False) -> list[Move]:
    found = rows(session, simulation, decided=decided)
    return [Move(one.candidature_id, one.code, one.before.value, one.after.value) for one in found]

"""Simulations are kept for a time, and the last finished one of each rulebook for ever."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.permissions import Actor, Role
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import Rulebook, Simulation, SimulationState
from referencing.simulations.forgetting import AT_ONCE, forget_simulations
from referencing.simulations.models import SimulatedChange, SimulatedDossier
from tests.builders import person, publish_rules

FINISHED = SimulationState.FINISHED


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


def ended(
    session: Session, lead: Actor, rulebook: Rulebook, state: SimulationState, days: int | None
) -> UUID:
    """A simulation that ended so many days ago, with something that it says."""
    then = None if days is None else now(session) - timedelta(days=days)
    made = Simulation(
        id=new_id(),
        rulebook_id=rulebook.id,
        revision=rulebook.revision,
        applies_on=today(session),
        state=state,
        asked_by=lead.account_id,
        asked_at=then or now(session),
        ended_at=then,
        position=0,
        total=1,
        done=1,
        items=1,
        figures=[],
        batches=[],
        effort=[],
    )
    session.add(made)
    session.flush()
    rows = {"simulation_id": made.id, "candidature_id": new_id(), "decided": False}
    session.add(SimulatedDossier(position=1, **rows))
    words = {"item_id": new_id(), "code": "X:Y#1", "dispositif": "X", "chapter": "Y"}
    told = {"before": Status.REQUIRED, "after": Status.COVERED, "told_before": [], "told_after": []}
    session.add(SimulatedChange(dossier=1, position=1, **rows, **words, **told))
    session.flush()
    return made.id


def kept(session: Session) -> set[UUID]:
    """With all that they say."""
    found = {*session.scalars(sa.select(Simulation.id))}
    for rows in (SimulatedDossier, SimulatedChange):
        assert {*session.scalars(sa.select(rows.simulation_id))} == found
    return found


def test_the_last_of_each_rulebook_what_is_recent_and_what_runs_stay(scratch: Session, lead: Actor) -> None:
    one, other = publish_rules(scratch), publish_rules(scratch)
    ended(scratch, lead, one, FINISHED, 30)
    last = ended(scratch, lead, one, FINISHED, 20)
    ended(scratch, lead, one, SimulationState.CANCELLED, 15)
    alone = ended(scratch, lead, other, FINISHED, 400)
    recent = ended(scratch, lead, other, SimulationState.FAILED, 9)
    running = ended(scratch, lead, other, SimulationState.RUNNING, None)
    forget_simulations(scratch, simulations_kept=10)
    assert kept(scratch) == {last, alone, recent, running}
    forget_simulations(scratch, simulations_kept=10)
    assert kept(scratch) == {last, alone, recent, running}


def test_many_are_forgotten_some_at_a_time(scratch: Session, lead: Actor) -> None:
    rulebook = publish_rules(scratch)
    for _ in range(AT_ONCE + 2):
        ended(scratch, lead, rulebook, SimulationState.CANCELLED, 30)
    counts = []
    for _ in range(2):
        forget_simulations(scratch, simulations_kept=10)
        counts.append(len(kept(scratch)))
    assert counts == [2, 0]

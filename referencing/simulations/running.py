"""A simulation, some dossiers at a time: each batch is one job, in one transaction that ends with the next job.

What a crash undoes is done again, once. Nothing but the simulation's own rows is written or locked.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, now
from referencing.base.jobs import enqueue, last_try
from referencing.candidatures.record.queries import dossier_of
from referencing.equivalence.rulebooks.hypotheses import Edited, rules_tried
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.equivalence.rulebooks.queries import KnownRules, in_force, lists_on, revision_of
from referencing.journal.operations import SYSTEM, Author, record

from . import queries
from .comparison import ComparedItem, Trial, compare_decided, compare_open
from .models import SimulatedChange, SimulatedDossier

log = logging.getLogger(__name__)

#: Dossiers looked at in one transaction: a second or two.
BATCH = 20


class _Overtaken(Exception):
    """The simulation was cancelled meanwhile, or another worker did this batch."""


def simulate(session: Session, simulation_id: str) -> None:
    """Look at the next dossiers of a simulation; the last batch counts what would change."""
    simulation = session.get_one(Simulation, UUID(simulation_id), populate_existing=True)
    if simulation.state is not SimulationState.RUNNING:
        return
    try:
        with session.begin_nested():
            _advance(session, simulation)
    except _Overtaken:
        return
    except Edited:
        _give_up(session, simulation, SimulationState.OUTDATED)
    except Exception:
        if not last_try(session):
            raise
        log.exception("simulation %s failed", simulation_id)
        _give_up(session, simulation, SimulationState.FAILED)


def _give_up(session: Session, simulation: Simulation, state: SimulationState) -> None:
    """End a simulation that cannot go on, unless somebody cancelled it meanwhile."""
    session.refresh(simulation, with_for_update={"key_share": True})
    if simulation.state is SimulationState.RUNNING:
        end(session, simulation, state)


def _advance(session: Session, simulation: Simulation) -> None:
    current = in_force(session)
    if (current.id if current else None) != simulation.against_id:
        raise Edited
    if revision_of(session, simulation.rulebook_id) != simulation.revision:
        raise Edited
    batch = queries.next_dossiers(session, simulation, BATCH)
    items, changes = 0, []
    for dossier in batch:
        for item, rules in _compared_items(session, simulation, dossier):
            items += 1
            if item.changed:
                changes.append(_change_row(dossier, item, rules))
    _lock_running(session, simulation)
    insert_rows(session, SimulatedChange, changes)
    done = simulation.done + len(batch)
    finished = done == simulation.total
    figures = queries.figures(session, simulation.id) if finished else []
    effort = [asdict(effort) for effort in queries.efforts(session)] if finished else []
    # One update of the row, no more: a second one would look at the rulebook again, and lock it.
    simulation.done, simulation.items = done, simulation.items + items
    simulation.figures, simulation.effort = figures, effort
    if finished:
        end(session, simulation, SimulationState.FINISHED)
    else:
        enqueue(session, "simulate", simulation_id=str(simulation.id))


def _lock_running(session: Session, simulation: Simulation) -> None:
    """Lock a simulation from here to the commit alone, so that who cancels does not wait for a batch."""
    locked_id = session.scalar(
        sa.select(Simulation.id)
        .where(
            Simulation.id == simulation.id,
            Simulation.state == SimulationState.RUNNING,
            Simulation.done == simulation.done,
        )
        .with_for_update(key_share=True)
    )
    if locked_id is None:
        raise _Overtaken


def _compared_items(
    session: Session, simulation: Simulation, dossier: SimulatedDossier
) -> Iterator[tuple[ComparedItem, KnownRules]]:
    candidature = dossier_of(session, dossier.candidature_id)
    filed = candidature.deposited_on
    day = filed if dossier.decided and filed else simulation.applies_on
    lists = lists_on(session, candidature.version, day)
    before = rules_tried(session, lists, simulation.against_id, None, simulation.applies_on)
    after = rules_tried(session, lists, simulation.rulebook_id, simulation.revision, simulation.applies_on)
    if dossier.decided:
        items = compare_decided(session, candidature, day, before, after)
    else:
        items = (item for _, item in compare_open(session, [Trial(candidature, before, after)]))
    for item in items:
        yield item, after


def _change_row(dossier: SimulatedDossier, item: ComparedItem, rules: KnownRules) -> dict[str, Any]:
    proof = rules.knowledge.proofs[item.code]
    return {
        "simulation_id": dossier.simulation_id,
        "dossier": dossier.position,
        "position": item.position,
        "decided": dossier.decided,
        "candidature_id": dossier.candidature_id,
        "item_id": item.item_id,
        "code": item.code,
        "dispositif": proof.dispositif,
        "chapter": proof.chapter,
        "before": item.before.answer.status,
        "after": item.after.answer.status,
        "told_before": item.before.explanation(item.facts),
        "told_after": item.after.explanation(item.facts),
        "derivation_before": item.before.derivation,
        "derivation_after": item.after.derivation,
    }


def end(session: Session, simulation: Simulation, state: SimulationState, author: Author = SYSTEM) -> None:
    """End a simulation: its list of dossiers is forgotten, and its changes as well unless it is finished."""
    simulation.state = state
    simulation.ended_at = now(session)
    tables: Sequence[type[SimulatedDossier | SimulatedChange]] = (SimulatedDossier, SimulatedChange)
    for table in tables[:1] if state is SimulationState.FINISHED else tables:
        session.execute(sa.delete(table).where(table.simulation_id == simulation.id))
    detail = {"rulebook": str(simulation.rulebook_id), "revision": simulation.revision}
    record(session, author, f"simulation.{state.value}", f"simulation:{simulation.id}", detail)
    session.flush()

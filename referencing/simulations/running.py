"""A simulation, some dossiers at a time: each batch is one job, in one transaction that ends with a job for another.

A few batches are under way at once, for as many workers. What a crash undoes is done again, once. Nothing but the
simulation's own rows is written or locked, and these for the end of a batch alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, now
from referencing.base.jobs import enqueue
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.queries import dossiers_of
from referencing.equivalence.rulebooks.hypotheses import Edited, Overtaken, do_batch, lock_running
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.equivalence.rulebooks.queries import KnownRules, in_force, latest_on, lists_with, revision_of
from referencing.journal.operations import SYSTEM, Author, record

from . import queries
from .comparison import ComparedItem, Trial, compare_decided, compare_open
from .models import SimulatedChange, SimulatedDossier
from .trials import pairs

#: Dossiers looked at in one transaction: half a second to two.
BATCH = 10
#: Batches under way at once: as many as two workers do, and no more, so that other jobs come in between.
AT_ONCE = 4


def begin(session: Session, simulation: Simulation) -> None:
    """Ask for the first batches; each goes on with the one that comes `AT_ONCE` after it."""
    for first in range(1, max(simulation.total, 1) + 1, BATCH)[:AT_ONCE]:
        _ask_for(session, simulation, first)


def _ask_for(session: Session, simulation: Simulation, first: int) -> None:
    enqueue(session, "simulate", simulation_id=str(simulation.id), first=str(first))


def simulate(session: Session, simulation_id: str, first: str) -> None:
    """Look at the dossiers of a simulation from this number on; the last batch to end counts what would change."""
    simulation = session.get_one(Simulation, UUID(simulation_id), populate_existing=True)
    do_batch(
        session,
        simulation,
        partial(_advance, first=int(first)),
        end,
        outdated=SimulationState.OUTDATED,
        failed=SimulationState.FAILED,
    )


def _advance(session: Session, simulation: Simulation, first: int) -> None:
    current = in_force(session)
    if (current.id if current else None) != simulation.against_id:
        raise Edited
    if revision_of(session, simulation.rulebook_id) != simulation.revision:
        raise Edited
    batch = queries.dossiers_from(session, simulation, first, BATCH)
    items, changes = 0, []
    for dossier, item, rules in _compared_items(session, simulation, batch):
        items += 1
        if item.changed:
            changes.append(_change_row(dossier, item, rules))
    lock_running(session, simulation)
    _take_off(session, batch)
    insert_rows(session, SimulatedChange, changes)
    done = simulation.done + len(batch)
    finished = done == simulation.total
    figures = queries.figures(session, simulation.id) if finished else []
    batches = queries.batches(session, simulation) if finished else []
    effort = [asdict(effort) for effort in queries.efforts(session)] if finished else []
    # One update of the row, no more: a second one would look at the rulebook again, and lock it.
    simulation.done, simulation.items = done, simulation.items + items
    simulation.figures, simulation.batches, simulation.effort = figures, batches, effort
    following = first + AT_ONCE * BATCH
    if finished:
        end(session, simulation, SimulationState.FINISHED)
    elif following <= simulation.total:
        _ask_for(session, simulation, following)


def _take_off(session: Session, batch: Sequence[SimulatedDossier]) -> None:
    """Take dossiers that were looked at off the list. Raises Overtaken when somebody else did so meanwhile."""
    looked_at = sa.tuple_(SimulatedDossier.simulation_id, SimulatedDossier.position)
    keys = [(dossier.simulation_id, dossier.position) for dossier in batch]
    taken = session.execute(
        sa.delete(SimulatedDossier)
        .where(looked_at.in_(keys))
        .returning(SimulatedDossier.position)
        .execution_options(synchronize_session=False)
    )
    if len(taken.all()) < len(batch):
        raise Overtaken


def _compared_items(
    session: Session, simulation: Simulation, batch: Sequence[SimulatedDossier]
) -> Iterator[tuple[SimulatedDossier, ComparedItem, KnownRules]]:
    listed = {dossier.candidature_id: dossier for dossier in batch}
    pair, latest = pairs(session, simulation), cache(partial(latest_on, session))
    open_ones = []
    for id_, candidature in dossiers_of(session, listed).items():
        day = _day_of(simulation, listed[id_], candidature)
        trial = Trial(candidature, pair(lists_with(candidature.version, latest(day))))
        if not listed[id_].decided:
            open_ones.append(trial)
            continue
        for item in compare_decided(session, trial, day):
            yield listed[id_], item, trial.rules.after
    for trial, item in compare_open(session, open_ones):
        yield listed[trial.candidature.id], item, trial.rules.after


def _day_of(simulation: Simulation, dossier: SimulatedDossier, candidature: Candidature) -> date:
    """The day of which the facts and lists count for a dossier."""
    filed = candidature.deposited_on
    return filed if dossier.decided and filed else simulation.applies_on


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

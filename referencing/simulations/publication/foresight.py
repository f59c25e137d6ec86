"""Foresight of what rules would change in open dossiers: compared here, or read of a simulation when they are many."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import Conflict
from referencing.base.permissions import Actor
from referencing.candidatures.record.queries import open_dossiers, readable_among
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.queries import in_force, latest_on, lists_with, rules_of
from referencing.equivalence.rulebooks.rulebooks import digest
from referencing.simulations.comparison import Trial, compare_open
from referencing.simulations.queries import names_of
from referencing.simulations.trials import pairs

from . import queries
from .impact import Basis, Counts, Impact, Move

#: Open dossiers that are compared while somebody waits; for more a simulation is asked for.
MOST_COMPARED = 100
#: Dossiers of which the items are read together.
BATCH = 20


@dataclass(frozen=True, slots=True)
class AffectedDossier:
    """An open dossier of which items would stand otherwise, with its names."""

    candidature: UUID
    organisation: str
    commercial_name: str
    dsr: str
    moves: Sequence[Move]

    @property
    def counts(self) -> Counts:
        return Counts.of(self.moves)


def foresee(session: Session, rulebook: Rulebook, day: date) -> Impact:
    """The impact of a rulebook as it is, if it applied from a day on in the place of the rules in force.

    Raises Conflict when more dossiers are open than can be compared at once and no simulation tells of them.
    """
    current = in_force(session)
    basis = Basis(rulebook.id, rulebook.revision, current.id if current else None, day)
    if current is not None and same_rules(current, rulebook):
        return Impact.of(basis, [])
    if not queries.more_open_than(session, MOST_COMPARED):
        return Impact.of(basis, list(_moves(session, basis)))
    simulation = queries.simulation_on(session, basis)
    if simulation is None:
        raise Conflict(
            f"Plus de {MOST_COMPARED} candidatures sont en cours : demandez aujourd'hui la simulation de ces règles "
            f"(POST /api/v1/rulebooks/{rulebook.id}/simulations, « applies_on » : {day.isoformat()}), attendez "
            "qu'elle soit terminée, puis recommencez."
        )
    return queries.impact_kept(session, basis, simulation)


def same_rules(one: Rulebook, other: Rulebook) -> bool:
    """Whether the same rules apply under either."""
    return digest(rules_of(one)) == digest(rules_of(other))


def _moves(session: Session, basis: Basis) -> Iterator[Move]:
    trials = [trial for trial in _trials(session, basis) if not trial.rules.alike]
    for start in range(0, len(trials), BATCH):
        for trial, item in compare_open(session, trials[start : start + BATCH]):
            if item.changed:
                before, after = item.before.answer.status, item.after.answer.status
                yield Move(trial.candidature.id, item.item_id, item.code, before, after)


def _trials(session: Session, basis: Basis) -> Iterator[Trial]:
    latest, pair = latest_on(session, basis.applies_on), pairs(session, basis)
    for candidature in open_dossiers(session):
        yield Trial(candidature, pair(lists_with(candidature.version, latest)))


def affected(
    session: Session, actor: Actor, impact: Impact, cursor: Sequence[Any] | None, limit: int
) -> list[AffectedDossier]:
    """The dossiers that an impact is about and that the actor may read, in the order of their ids.

    Drafts are counted in the impact, and not told one by one.
    """
    if impact.simulation is not None:
        dossiers = queries.dossiers_kept(session, actor, impact.simulation, cursor, limit)
        moves: Sequence[Move] = queries.moves_kept(session, impact.simulation, dossiers)
    else:
        ids = readable_among(session, actor, {move.candidature for move in impact.moves})
        dossiers = [id_ for id_ in ids if cursor is None or id_ > cursor[0]][:limit]
        moves = impact.moves
    by_dossier = defaultdict(list)
    for move in moves:
        by_dossier[move.candidature].append(move)
    names = names_of(session, dossiers)
    return [
        AffectedDossier(
            candidature=id_,
            organisation=names[id_].organisation,
            commercial_name=names[id_].commercial_name,
            dsr=names[id_].dsr,
            moves=by_dossier[id_],
        )
        for id_ in dossiers
    ]

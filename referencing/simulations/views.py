"""Whole simulations as the API answers them, and as sheets with French headings."""

from collections.abc import Mapping, Sequence
from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.base.sheets import Cell, csv_of
from referencing.candidatures.record.states import ITEM_STATES, ItemState
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import Simulation, SimulationState

from .effort import Effort, assumptions, work_of
from .figures import Dossiers, Sum, grouped, totals
from .queries import NamedChange
from .schemas import EffortOut, SimulationOut, SumOut, links

_DOSSIERS = {False: "En cours", True: "Décidées depuis un an"}


def whole_simulation(
    simulation: Simulation, changed: Mapping[str, str], batches: Sequence[Mapping[str, Any]], reader: Actor
) -> dict[str, Any]:
    """A simulation with its figures, once it is finished; `changed` says why it may say something else now."""
    whole = {
        **shape(SimulationOut)(simulation, reader),
        "changed_since": [{"code": code, "detail": detail} for code, detail in changed.items()],
    }
    if simulation.state is not SimulationState.FINISHED:
        return {**whole, "totals": None, "groups": [], "batches": [], "effort": [], "assumptions": []}
    efforts = _efforts(simulation)
    work = work_of({effort.queue: effort for effort in efforts})
    sum_shape = shape(SumOut)
    return {
        **whole,
        "totals": _totals(simulation.figures, work),
        "batches": [_batch(batch, work) for batch in batches],
        "groups": [
            {
                "dossiers": Dossiers.of(decided=decided),
                "dispositif": dispositif,
                "chapter": chapter,
                **sum_shape(group),
            }
            for (decided, dispositif, chapter), group in grouped(simulation.figures, work).items()
        ],
        "effort": [shape(EffortOut)(effort) for effort in efforts],
        "assumptions": assumptions(efforts),
    }


def _batch(batch: Mapping[str, Any], work: Mapping[Status, float]) -> dict[str, Any]:
    """A decision of the workbench, with its moves added up."""
    decision = {name: value for name, value in batch.items() if name != "moves"}
    return {**decision, **_totals(batch["moves"], work)}


def _totals(figures: Sequence[Mapping[str, Any]], work: Mapping[Status, float]) -> dict[str, Any]:
    """The figures added up over the open dossiers and over those that were decided."""
    return {
        Dossiers.of(decided=decided).value: shape(SumOut)(total)
        for decided, total in totals(figures, work).items()
    }


def _efforts(simulation: Simulation) -> list[Effort]:
    return [Effort(**effort) for effort in simulation.effort]


def simulation_sheet(simulation: Simulation) -> str:
    """The figures of a finished simulation, a line for each group of dossiers."""
    columns = [
        "Candidatures",
        "Dispositif",
        "Chapitre",
        "Deviendraient couvertes",
        "Deviendraient à confirmer",
        "Deviendraient en attente",
        "Deviendraient à fournir",
        "Justifiées autrement",
        "Jours de vérificateur évités",
    ]
    work = work_of({effort.queue: effort for effort in _efforts(simulation)})
    sums = grouped(simulation.figures, work)
    return csv_of(columns, (_sum_row(*group, sum_) for group, sum_ in sums.items()))


def _sum_row(decided: bool, dispositif: str, chapter: str, sum_: Sum) -> list[Cell]:
    order = (Status.COVERED, Status.TO_CONFIRM, Status.AWAITING, Status.REQUIRED)
    counts = [sum_.become(status) for status in order]
    return [_DOSSIERS[decided], dispositif, chapter, *counts, sum_.otherwise, sum_.days_saved]


def changes_sheet(changes: Sequence[NamedChange]) -> str:
    """Changes, a line for each."""
    columns = [
        "Candidatures",
        "Candidature",
        "Organisation",
        "Nom commercial",
        "DSR",
        "Chapitre",
        "Preuve attendue",
        "Avant",
        "Après",
        "Pourquoi avant",
        "Pourquoi après",
        "Lien",
    ]
    return csv_of(columns, (_change_row(change) for change in changes))


def _change_row(named: NamedChange) -> list[Cell]:
    change = named.change
    return [
        _DOSSIERS[change.decided],
        str(change.candidature_id),
        named.organisation,
        named.commercial_name,
        named.dsr,
        change.chapter,
        change.code,
        ITEM_STATES[ItemState(change.before)],
        ITEM_STATES[ItemState(change.after)],
        " ".join(change.told_before),
        " ".join(change.told_after),
        links(named)["item"],
    ]

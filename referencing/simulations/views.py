"""Simulations as plain values, and as the rows of a sheet with French headings."""

from collections.abc import Mapping, Sequence
from typing import Any

from referencing.candidatures.record.states import ITEM_STATES, ItemState
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.web.sheets import Cell, csv_of

from .effort import Effort, assumptions, work_of
from .figures import Dossiers, Sum, grouped, totals
from .queries import Changed

_DOSSIERS = {False: "En cours", True: "Décidées depuis un an"}


def simulation_view(of: Simulation) -> dict[str, Any]:
    keys = ("id", "revision", "applies_on", "state", "asked_at", "ended_at", "items")
    return {
        **{key: getattr(of, key) for key in keys},
        "rulebook": of.rulebook_id,
        "against": of.against_id,
        "progress": {"done": of.done, "total": of.total},
    }


def whole_view(of: Simulation, changed: Mapping[str, str]) -> dict[str, Any]:
    """With what it found, once it is finished."""
    words = simulation_view(of)
    words["changed_since"] = [{"code": code, "detail": detail} for code, detail in changed.items()]
    if of.state is not SimulationState.FINISHED:
        return {**words, "totals": None, "groups": [], "effort": [], "assumptions": []}
    efforts = _efforts(of)
    work = work_of({one.queue: one for one in efforts})
    sums = totals(of.figures, work)
    return {
        **words,
        "totals": {_dossiers(decided).value: _sum_view(one) for decided, one in sums.items()},
        "groups": [
            {"dossiers": _dossiers(decided), "dispositif": dispositif, "chapter": chapter, **_sum_view(one)}
            for (decided, dispositif, chapter), one in grouped(of.figures, work).items()
        ],
        "effort": [
            {
                "queue": one.queue,
                "answers": one.answers,
                "days_per_task": round(one.days, 3),
                "again": round(one.again, 3),
                "average_days": one.average_days,
                "supposed": one.supposed,
            }
            for one in efforts
        ],
        "assumptions": assumptions(efforts),
    }


def _efforts(of: Simulation) -> list[Effort]:
    return [Effort(**one) for one in of.effort]


def _dossiers(decided: bool) -> Dossiers:
    return Dossiers.DECIDED if decided else Dossiers.OPEN


def _sum_view(one: Sum) -> dict[str, Any]:
    return {
        "covered": one.become(Status.COVERED),
        "to_confirm": one.become(Status.TO_CONFIRM),
        "awaiting": one.become(Status.AWAITING),
        "no_longer": one.become(Status.REQUIRED),
        "otherwise": one.otherwise,
        "verifier_days_saved": _days(one),
        "moves": [
            {"before": before, "after": after, "items": items} for (before, after), items in one.moves.items()
        ],
    }


def _days(one: Sum) -> float:
    return round(one.days, 2) + 0.0  # which makes no minus of a zero


def simulation_sheet(of: Simulation) -> str:
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
    work = work_of({one.queue: one for one in _efforts(of)})
    return csv_of(columns, (_sum_row(*group, one) for group, one in grouped(of.figures, work).items()))


def _sum_row(decided: bool, dispositif: str, chapter: str, one: Sum) -> list[Cell]:
    order = (Status.COVERED, Status.TO_CONFIRM, Status.AWAITING, Status.REQUIRED)
    counts = [one.become(status) for status in order]
    return [_DOSSIERS[decided], dispositif, chapter, *counts, one.otherwise, _days(one)]


def change_view(found: Changed) -> dict[str, Any]:
    one = found.change
    return {
        "dossiers": _dossiers(one.decided),
        "candidature": one.candidature_id,
        "organisation": found.organisation,
        "commercial_name": found.commercial_name,
        "dsr": found.dsr,
        "item": one.item_id,
        "code": one.code,
        "dispositif": one.dispositif,
        "chapter": one.chapter,
        "before": {
            "status": one.before,
            "explanation": one.told_before,
            "derivation": one.derivation_before,
        },
        "after": {"status": one.after, "explanation": one.told_after, "derivation": one.derivation_after},
        "links": _links(found),
    }


def _links(found: Changed) -> dict[str, str]:
    candidature = f"/api/v1/candidatures/{found.change.candidature_id}"
    return {
        "candidature": candidature,
        "item": f"{candidature}/items/{found.change.item_id}",
        "equivalence": f"{candidature}/equivalence",
    }


def changes_sheet(found: Sequence[Changed]) -> str:
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
    return csv_of(columns, (_change_row(one) for one in found))


def _change_row(found: Changed) -> list[Cell]:
    one = found.change
    return [
        _DOSSIERS[one.decided],
        str(one.candidature_id),
        found.organisation,
        found.commercial_name,
        found.dsr,
        one.chapter,
        one.code,
        ITEM_STATES[ItemState(one.before)],
        ITEM_STATES[ItemState(one.after)],
        " ".join(one.told_before),
        " ".join(one.told_after),
        _links(found)["item"],
    ]

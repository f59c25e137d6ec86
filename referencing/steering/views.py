"""The figures as plain values, and as the rows of a sheet with French headings."""

from collections.abc import Sequence
from typing import Any

from referencing.candidatures.tasks.holders import BUDGET
from referencing.web.sheets import Cell, csv_of

from .forecast import Forecast
from .periods import AGES, DAYS_LEFT, Period, week_name
from .queries import By, Figures, Load
from .simulation import BACKLOG, Expected, Outlook

_BY = {By.QUEUE: "File", By.CHAPTER: "Chapitre", By.COULOIR: "Couloir"}


def _period_view(over: Period) -> dict[str, Any]:
    return {"from": over.starts_on, "to": over.ends_on}


def queues_view(by: By, over: Period, found: Sequence[Figures]) -> dict[str, Any]:
    return {**_period_view(over), "by": by, "target": BUDGET, "items": [_figures_view(one) for one in found]}


def _figures_view(one: Figures) -> dict[str, Any]:
    weeks = [{"week": week_name(monday), "closed": closed} for monday, closed in one.weeks.items()]
    return {**vars(one), "weeks": weeks, "agreement": one.agreement}


def queues_sheet(by: By, over: Period, found: Sequence[Figures]) -> str:
    weeks = [week_name(monday) for monday in found[0].weeks] if found else []
    columns = [
        _BY[by],
        "En attente",
        "En main",
        "Chez un tiers",
        *(f"Âge {band} j" for band in AGES),
        *("En retard" if band == "overdue" else f"Reste {band} j" for band in DAYS_LEFT),
        *(f"Traitées {week}" for week in weeks),
        f"Traitées du {over.starts_on} au {over.ends_on}",
        "Jours ouvrés en moyenne",
        "Jours ouvrés, 9 sur 10",
        "Objectif",
        "Verdicts par preuve",
        "Secondes lectures",
        "Concordantes",
        "Concordance (%)",
    ]
    return csv_of(columns, (_figures_row(one) for one in found))


def _figures_row(one: Figures) -> list[Cell]:
    return [
        one.group,
        one.waiting,
        one.in_hand,
        one.third_party,
        *one.ages.values(),
        *one.days_left.values(),
        *one.weeks.values(),
        one.closed,
        one.average_days,
        one.p90_days,
        BUDGET,
        one.rounds_per_item,
        one.second_readings,
        one.agreed,
        one.agreement,
    ]


def loads_view(over: Period, found: Sequence[Load]) -> dict[str, Any]:
    return {
        **_period_view(over),
        "items": [
            {
                "id": one.id,
                "name": one.name,
                "role": one.role,
                "in_hand": one.in_hand,
                "closed": one.closed,
                "average_days": one.average_days,
            }
            for one in found
        ],
    }


def loads_sheet(over: Period, found: Sequence[Load]) -> str:
    columns = [
        "Nom",
        "Rôle",
        "En main",
        f"Traitées du {over.starts_on} au {over.ends_on}",
        "Jours ouvrés en moyenne",
    ]
    return csv_of(columns, ([one.name, one.role, one.in_hand, one.closed, one.average_days] for one in found))


def forecast_view(found: Forecast) -> dict[str, Any]:
    return {
        "day": found.day,
        "seed": found.seed,
        "runs": found.runs,
        "verifiers": found.verifiers,
        "more": found.scenario.more,
        "order": found.scenario.order,
        "whole": _both(found.now.whole, found.asked.whole if found.asked else None),
        "backlog": [
            {
                "queue": queue,
                "now": _backlog_view(found.now, queue),
                "asked": found.asked and _backlog_view(found.asked, queue),
            }
            for queue in found.now.backlog
        ],
        "items": [
            {
                "candidature": one.id,
                "dsr": one.dsr,
                "organisation": one.organisation,
                "commercial_name": one.commercial_name,
                "tasks": one.tasks,
                **_both(
                    found.now.candidatures[one.id], found.asked.candidatures[one.id] if found.asked else None
                ),
            }
            for one in found.dossiers
        ],
        "assumptions": found.assumptions,
    }


def _both(now: Expected, asked: Expected | None) -> dict[str, Any]:
    return {"now": _expected_view(now), "asked": asked and _expected_view(asked)}


def _expected_view(one: Expected) -> dict[str, Any]:
    return {"median_on": one.median, "p90_on": one.p90}


def _backlog_view(outlook: Outlook, queue: str) -> dict[str, float]:
    return {str(day): outlook.backlog[queue][day] for day in BACKLOG}


def forecast_sheet(found: Forecast) -> str:
    """One line for each dossier; the backlog and the assumptions are in the JSON."""
    columns = [
        "Candidature",
        "DSR",
        "Organisation",
        "Nom commercial",
        "Tâches à venir",
        "Médiane",
        "9 sur 10",
    ]
    outlooks = [found.now]
    if found.asked is not None:
        columns += ["Médiane demandée", "9 sur 10 demandé"]
        outlooks.append(found.asked)
    return csv_of(
        columns,
        (
            [
                one.id,
                one.dsr,
                one.organisation,
                one.commercial_name,
                one.tasks,
                *(cell for outlook in outlooks for cell in _dates(outlook.candidatures[one.id])),
            ]
            for one in found.dossiers
        ),
    )


def _dates(one: Expected) -> list[Cell]:
    return [None if day is None else day.isoformat() for day in (one.median, one.p90)]

"""The figures as the API answers them, and as sheets with French headings."""

from collections.abc import Sequence
from typing import Any

from referencing.base.shapes import shape
from referencing.base.sheets import Cell, csv_of
from referencing.candidatures.tasks.holders import BUDGET

from .periods import AGES, DAYS_LEFT, Period, week_name
from .queries import By, Figures, Load
from .schemas import FiguresOut, LoadOut, PeriodOut

_BY = {By.QUEUE: "File", By.CHAPTER: "Chapitre", By.COULOIR: "Couloir"}


def queues_view(by: By, over: Period, figures: Sequence[Figures]) -> dict[str, Any]:
    """The answer of `QueuesOut`."""
    items = [shape(FiguresOut)(group) for group in figures]
    return {**shape(PeriodOut)(over), "by": by, "target": BUDGET, "items": items}


def queues_sheet(by: By, over: Period, figures: Sequence[Figures]) -> str:
    weeks = [week_name(monday) for monday in figures[0].weeks] if figures else []
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
    return csv_of(columns, (_figures_row(group) for group in figures))


def _figures_row(group: Figures) -> list[Cell]:
    return [
        group.group,
        group.waiting,
        group.in_hand,
        group.third_party,
        *group.ages.values(),
        *group.days_left.values(),
        *group.weeks.values(),
        group.closed,
        group.average_days,
        group.p90_days,
        BUDGET,
        group.rounds_per_item,
        group.second_readings,
        group.agreed,
        group.agreement,
    ]


def loads_view(over: Period, loads: Sequence[Load]) -> dict[str, Any]:
    """The answer of `LoadsOut`."""
    return {**shape(PeriodOut)(over), "items": [shape(LoadOut)(load) for load in loads]}


def loads_sheet(over: Period, loads: Sequence[Load]) -> str:
    columns = [
        "Nom",
        "Rôle",
        "En main",
        f"Traitées du {over.starts_on} au {over.ends_on}",
        "Jours ouvrés en moyenne",
    ]
    return csv_of(
        columns, ([load.name, load.role, load.in_hand, load.closed, load.average_days] for load in loads)
    )

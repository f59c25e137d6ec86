"""The figures as plain values, and as the rows of a sheet with French headings."""

from typing import Any

from referencing.base.shapes import shape
from referencing.base.sheets import Cell, csv_of
from referencing.steering.periods import Period

from .figures import Counts, Figures, Month, share
from .schemas import DuoCountsOut, DuoUsualOut

_COLUMNS = {
    "decided": "Preuves décidées",
    "decided_in_duo": "dont dossiers DUO",
    "decided_live": "dont en séance",
    "live_share": "En séance (%)",
    "live_share_in_duo": "En séance, dossiers DUO (%)",
    "first_live": "Premiers avis en séance",
    "first_live_conform": "dont conformes en séance",
    "first_live_share": "Conformes au premier avis en séance (%)",
    "first_queue": "Premiers avis en file",
    "first_queue_conform": "dont conformes en file",
    "first_queue_share": "Conformes au premier avis en file (%)",
    "timed": "Preuves chronométrées",
    "minutes_per_item": "Minutes par preuve",
    "days_saved": "Jours ouvrés gagnés (estimation)",
    "compared_alike": "comparées au même type et chapitre",
    "compared_overall": "comparées à l'ensemble",
    "not_compared": "sans comparaison",
}


def figures_view(over: Period, figures: Figures) -> dict[str, Any]:
    return {
        "since": over.starts_on,
        "until": over.ends_on,
        "usual": [*map(shape(DuoUsualOut), figures.usual)],
        "items": [_month_view(one) for one in figures.months],
    }


def _month_view(month: Month) -> dict[str, Any]:
    return {
        "couloir": month.couloir,
        "month": _name(month),
        "sessions": month.sessions,
        "no_shows": month.no_shows,
        "no_show_share": share(month.no_shows, month.sessions),
        "absent_editor": month.absent_editor,
        "absent_agency": month.absent_agency,
        **shape(DuoCountsOut)(month.whole),
        "chapters": [
            {"chapter": chapter, **shape(DuoCountsOut)(month.chapters[chapter])}
            for chapter in sorted(month.chapters)
        ],
    }


def _name(month: Month) -> str:
    """A month in ISO 8601, such as 2026-03."""
    return f"{month.month:%Y-%m}"


def figures_sheet(figures: Figures) -> str:
    """For each couloir and month a line of the whole, without a chapter, then one for each chapter."""
    columns = ["Couloir", "Mois", "Chapitre", "Séances", "Absences", "Éditeur absent", "Agence absente"]
    rows = [row for one in figures.months for row in _rows(one)]
    return csv_of([*columns, *_COLUMNS.values()], rows)


def _rows(month: Month) -> list[list[Cell]]:
    sessions: list[Cell] = [month.sessions, month.no_shows, month.absent_editor, month.absent_agency]
    lines: list[tuple[str | None, list[Cell], Counts]] = [(None, sessions, month.whole)]
    lines += [
        (chapter, [None] * len(sessions), month.chapters[chapter]) for chapter in sorted(month.chapters)
    ]
    return [[month.couloir, _name(month), chapter, *of, *_cells(counts)] for chapter, of, counts in lines]


def _cells(counts: Counts) -> list[Cell]:
    written = shape(DuoCountsOut)(counts)
    return [written[column] for column in _COLUMNS]

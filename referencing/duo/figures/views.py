"""The figures as plain values, and as the rows of a sheet with French headings."""

from typing import Any

from referencing.steering.periods import Period
from referencing.web.sheets import Cell, csv_of

from .figures import Counts, Found, Month, share

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


def figures_view(over: Period, found: Found) -> dict[str, Any]:
    return {
        "since": over.starts_on,
        "until": over.ends_on,
        "usual": [
            {"kind": one.kind, "chapter": one.chapter, "items": one.items, "days": round(one.days, 1)}
            for one in found.usual
        ],
        "items": [_month_view(one) for one in found.months],
    }


def _month_view(one: Month) -> dict[str, Any]:
    return {
        "couloir": one.couloir,
        "month": _name(one),
        "sessions": one.sessions,
        "no_shows": one.no_shows,
        "no_show_share": share(one.no_shows, one.sessions),
        "absent_editor": one.absent_editor,
        "absent_agency": one.absent_agency,
        **_counts_view(one.whole),
        "chapters": [
            {"chapter": chapter, **_counts_view(one.chapters[chapter])} for chapter in sorted(one.chapters)
        ],
    }


def _counts_view(one: Counts) -> dict[str, Any]:
    return {
        "decided": one.decided,
        "decided_in_duo": one.decided_in_duo,
        "decided_live": one.decided_live,
        "live_share": share(one.decided_live, one.decided),
        "live_share_in_duo": share(one.decided_live, one.decided_in_duo),
        "first_live": one.first_live,
        "first_live_conform": one.first_live_conform,
        "first_live_share": share(one.first_live_conform, one.first_live),
        "first_queue": one.first_queue,
        "first_queue_conform": one.first_queue_conform,
        "first_queue_share": share(one.first_queue_conform, one.first_queue),
        "timed": one.timed,
        "minutes_per_item": round(one.minutes / one.timed, 1) if one.timed else None,
        "days_saved": round(one.days_saved, 1) if one.compared else None,
        "compared_alike": one.compared_alike,
        "compared_overall": one.compared_overall,
        "not_compared": one.not_compared,
    }


def _name(one: Month) -> str:
    """ISO 8601, such as 2026-03."""
    return f"{one.month:%Y-%m}"


def figures_sheet(found: Found) -> str:
    """For each couloir and month a line of the whole, without a chapter, then one for each chapter."""
    columns = ["Couloir", "Mois", "Chapitre", "Séances", "Absences", "Éditeur absent", "Agence absente"]
    rows = [row for one in found.months for row in _rows(one)]
    return csv_of([*columns, *_COLUMNS.values()], rows)


def _rows(one: Month) -> list[list[Cell]]:
    sessions: list[Cell] = [one.sessions, one.no_shows, one.absent_editor, one.absent_agency]
    lines: list[tuple[str | None, list[Cell], Counts]] = [(None, sessions, one.whole)]
    lines += [(chapter, [None] * len(sessions), one.chapters[chapter]) for chapter in sorted(one.chapters)]
    return [[one.couloir, _name(one), chapter, *of, *_cells(counts)] for chapter, of, counts in lines]


def _cells(counts: Counts) -> list[Cell]:
    written = _counts_view(counts)
    return [written[column] for column in _COLUMNS]

"""Dossiers on a line each, as the API shows them, and as a sheet with French headings."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.permissions import Actor
from referencing.base.sheets import Cell, csv_lines
from referencing.candidatures.api.queries import Dossier
from referencing.candidatures.api.views import candidature_view
from referencing.candidatures.tasks.holders import clocks
from referencing.candidatures.tasks.queries import awaited_of
from referencing.console import wording

COLUMNS = (
    "Candidature",
    "Organisation",
    "Nom commercial",
    "Version",
    "DSR",
    "État",
    "À qui d'agir",
    "Réponse attendue le",
    "Preuves à fournir",
)


def lines_of(session: Session, actor: Actor, dossiers: Sequence[Dossier]) -> list[dict[str, Any]]:
    """Lines of dossiers: one query for all clocks, and one for the third parties that are awaited."""
    ids = [dossier.candidature.id for dossier in dossiers]
    clock, waits = clocks(session, ids, now(session)), awaited_of(session, ids)
    return [
        candidature_view(dossier, clock[id_], waits.get(id_, []), actor)
        for dossier, id_ in zip(dossiers, ids, strict=True)
    ]


def dossiers_rows(lines: Sequence[dict[str, Any]]) -> str:
    """The lines of the sheet, without the headings (`COLUMNS`)."""
    return csv_lines(map(_row, lines))


def _row(line: dict[str, Any]) -> list[Cell]:
    names = ("id", "organisation", "commercial_name", "software_version", "dsr")
    holder = wording.HOLDERS[line["holder"]] if line["holder"] else ""
    return [
        *(line[name] for name in names),
        wording.STATES[line["state"]],
        holder,
        line["due_on"] and line["due_on"].isoformat(),
        sum(line["missing_counts"].values()),
    ]

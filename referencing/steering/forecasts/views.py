"""The forecast as it is kept and as the API answers it, and as a sheet with French headings."""

from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.base.sheets import csv_of

from .operations import Answered
from .schemas import ForecastProgressOut


def kept_view(answered: Answered, reader: Actor) -> dict[str, Any]:
    """The answer of `ForecastOut`: what is kept, and what takes its place soon."""
    running = answered.running
    return {
        **answered.answer,
        "made_at": answered.kept and answered.kept.ended_at,
        "age": int(answered.age.total_seconds()),
        "renewal": running and shape(ForecastProgressOut)(running, reader),
    }


def forecast_sheet(answer: dict[str, Any]) -> str:
    """The forecast that is kept, a line for each dossier; the backlog and the assumptions are in the JSON."""
    columns = [
        "Candidature",
        "DSR",
        "Organisation",
        "Nom commercial",
        "Tâches à venir",
        "Médiane",
        "9 sur 10",
    ]
    outlooks = ["now"]
    if answer["whole"]["asked"] is not None:
        columns += ["Médiane demandée", "9 sur 10 demandé"]
        outlooks.append("asked")
    named = ("candidature", "dsr", "organisation", "commercial_name", "tasks")
    return csv_of(
        columns,
        (
            [
                *(line[name] for name in named),
                *(line[outlook][day] for outlook in outlooks for day in ("median_on", "p90_on")),
            ]
            for line in answer["items"]
        ),
    )

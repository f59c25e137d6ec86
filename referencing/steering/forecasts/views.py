"""The forecast as it is kept and as the API answers it, and as a sheet with French headings."""

from datetime import timedelta
from typing import Any

from referencing.base.shapes import shape
from referencing.base.sheets import csv_of

from .models import KeptForecast
from .schemas import ForecastProgressOut


def kept_view(kept: KeptForecast, age: timedelta, running: KeptForecast | None) -> dict[str, Any]:
    """The answer of `ForecastOut`: what is kept, and what takes its place soon."""
    return {
        **kept.answer,
        "made_at": kept.ended_at,
        "age": int(age.total_seconds()),
        "renewal": running and shape(ForecastProgressOut)(running),
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

"""The answer of a forecast as it is kept."""

from dataclasses import asdict
from typing import Any

from referencing.steering.forecast import Dossier, Forecast
from referencing.steering.simulation import BACKLOG, Expected, Outlook


def answer_of(forecast: Forecast) -> dict[str, Any]:
    """What is kept of a forecast, in values of JSON: all that the API answers but its age."""
    now, asked = forecast.now, forecast.asked
    return {
        "day": forecast.day.isoformat(),
        "seed": forecast.seed,
        "runs": forecast.runs,
        "verifiers": forecast.verifiers,
        "more": forecast.scenario.more,
        "order": forecast.scenario.order.value,
        "whole": _both(now.whole, asked.whole if asked else None),
        "backlog": [
            {
                "queue": queue,
                "now": _backlog(now, queue),
                "asked": asked and _backlog(asked, queue),
            }
            for queue in now.backlog
        ],
        "items": [
            {
                **_named(dossier),
                **_both(now.candidatures[dossier.id], asked.candidatures[dossier.id] if asked else None),
            }
            for dossier in forecast.dossiers
        ],
        "assumptions": forecast.assumptions,
    }


def _both(now: Expected, asked: Expected | None) -> dict[str, Any]:
    return {"now": _days(now), "asked": asked and _days(asked)}


def _backlog(outlook: Outlook, queue: str) -> dict[str, float]:
    return {str(day): outlook.backlog[queue][day] for day in BACKLOG}


def _named(dossier: Dossier) -> dict[str, Any]:
    named = asdict(dossier)
    return {"candidature": named.pop("id"), **named}


def _days(expected: Expected) -> dict[str, str | None]:
    days = {"median_on": expected.median, "p90_on": expected.p90}
    return {name: day.isoformat() if day else None for name, day in days.items()}

"""A verdict as its form says it, of a task or of a line of a live session."""

from typing import Any

from flask import request

from referencing.base.errors import FieldError, Invalid

from .typed import lines, words

_MOST_STEPS = 99


def verdict(*about: str) -> dict[str, Any]:
    """The form as the schemas of verdicts read it, with the fields `about`.

    A button may say the outcome, where no other one was chosen. All steps of the scenario are said as soon as one was
    judged, none before. Raises Invalid where the button and the choice differ: one of them is a slip.
    """
    chosen = request.form.get("outcome", "")
    outcome = request.form.get("rapide") or chosen
    if chosen not in ("", outcome):
        raise Invalid(
            "Le bouton et votre choix disent deux verdicts.",
            [FieldError("/outcome", "Rendez le verdict choisi par le bouton du bas, ou choisissez l'autre.")],
        )
    asked = outcome == "complement"
    said = steps()
    return {
        **words("comment", *about),
        "outcome": outcome,
        "missing": lines("missing") if asked else [],
        "due_on": request.form.get("due_on", "") if asked else "",
        "steps": said if any(step["outcome"] for step in said) else [],
    }


def steps() -> list[dict[str, Any]]:
    """Each step of the scenario, judged or not."""
    count = min(request.form.get("steps", 0, type=int), _MOST_STEPS)
    return [_step(place) for place in range(count)]


def _step(place: int) -> dict[str, Any]:
    outcome, comment = words(f"steps/{place}/outcome", f"steps/{place}/comment").values()
    return {"step": place + 1, "outcome": outcome or None, "comment": comment}

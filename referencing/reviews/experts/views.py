"""Opinions as the API shows them on a day."""

from datetime import date
from typing import Any

from referencing.base.deadlines import warning
from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.base.workdays import days_until

from .queries import OpinionView
from .schemas import OpinionLine
from .states import OpinionState


def opinion_on(today: date, opinion: OpinionView, reader: Actor) -> dict[str, Any]:
    """What an expert is asked, with the warning that the days left today call for."""
    awaited = opinion.state is OpinionState.ASKED
    return {
        **shape(OpinionLine)(opinion, reader),
        "warning": warning(days_until(opinion.due_on, today)) if awaited else None,
    }

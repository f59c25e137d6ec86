"""Waits for third parties as the API shows them to a reader."""

from datetime import date
from typing import Any
from uuid import UUID

from referencing.base.deadlines import warning
from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.base.workdays import days_until

from .queries import WaitState, WaitView, may_know_why
from .schemas import ReschedulingLine, WaitLine


def wait_for_reader(reader: Actor, wait: WaitView, today: date, holder: UUID | None = None) -> dict[str, Any]:
    """A wait as this reader sees it; `holder` is who has the task in hand."""
    awaited = wait.state is WaitState.AWAITED
    knows_why = may_know_why(reader, wait, holder)
    return {
        **shape(WaitLine)(wait),
        "reason": wait.reason if knows_why else None,
        "rescheduled": [
            {**shape(ReschedulingLine)(change), "reason": change.reason if knows_why else None}
            for change in wait.rescheduled
        ],
        "warning": warning(days_until(wait.expected_on, today)) if awaited else None,
        "answer": wait.answer if knows_why else None,
    }

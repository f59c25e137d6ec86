"""The agency's turns at a piece of work: the time that a task is open, without what third parties took. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

Span = tuple[datetime, datetime | None]


def without_waits(opened_at: datetime, closed_at: datetime | None, waits: Iterable[Span]) -> Iterator[Span]:
    """The turns that are left. `waits` come in order; a wait without an end goes on, or the task was closed in it."""
    start = opened_at
    for begun, over in waits:
        yield start, begun
        if over is None:
            return
        start = over
    yield start, closed_at

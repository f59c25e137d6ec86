"""What a request of many lines answers: the outcome of each, and how many there are of each."""

from collections.abc import Sequence
from typing import Any

from .errors import DomainError
from .problems import problem_view


def line_view(done: str, what: str, outcome: object | DomainError) -> dict[str, Any]:
    """A line of a report: `done` is what it is called when it succeeded, `what` where the result then is."""
    if isinstance(outcome, DomainError):
        return {"outcome": "refused", "problem": problem_view(outcome)}
    return {"outcome": done, what: outcome}


def report_view(done: str, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    count = sum(line["outcome"] == done for line in lines)
    return {done: count, "refused": len(lines) - count, "lines": lines}

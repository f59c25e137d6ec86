"""Many lines in one transaction: each done, or refused without a trace; and the report of what came of each."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from .errors import DomainError, problem_view

L = TypeVar("L")
T = TypeVar("T")


def each(
    session: Session,
    lines: Sequence[L],
    effect: Callable[[int, L], T],
    order: Callable[[L], Any] | None = None,
) -> list[T | DomainError]:
    """What came of each line, numbered from 1; the effect of one that is refused is undone.

    `order` is by what the lines lock, so that two such requests never wait for each other; the answer is in the
    order of the lines.
    """
    numbered = list(enumerate(lines, 1))
    if order is not None:
        numbered.sort(key=lambda one: order(one[1]))
    outcomes: dict[int, T | DomainError] = {}
    for number, line in numbered:
        try:
            with session.begin_nested():
                outcomes[number] = effect(number, line)
        except DomainError as refusal:
            outcomes[number] = refusal
    return [outcomes[number] for number in sorted(outcomes)]


def line_view(done: str, what: str, outcome: object | DomainError) -> dict[str, Any]:
    """A line of a report: `done` is what it is called when it succeeded, `what` where the result then is."""
    if isinstance(outcome, DomainError):
        return {"outcome": "refused", "problem": problem_view(outcome)}
    return {"outcome": done, what: outcome}


def report_view(done: str, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    count = sum(line["outcome"] == done for line in lines)
    return {done: count, "refused": len(lines) - count, "lines": lines}

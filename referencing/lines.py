"""Many lines in one transaction: each done, or refused without a trace."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from .errors import DomainError

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

"""What a simulation found, added up: items by where they would go, and verifier days saved. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from referencing.equivalence.engine.resolution import Status


class Dossiers(StrEnum):
    OPEN = "open"
    DECIDED = "decided"  # within a year


@dataclass
class Sum:
    """Items by (before, after); `days` of verifiers are saved, or needed when below zero."""

    moves: dict[tuple[Status, Status], int] = field(default_factory=dict)
    days: float = 0.0

    def add(self, before: Status, after: Status, items: int, work: Mapping[Status, float]) -> None:
        self.moves[before, after] = self.moves.get((before, after), 0) + items
        self.days += items * (work[before] - work[after])

    def become(self, status: Status) -> int:
        return sum(
            items for (before, after), items in self.moves.items() if after is status and before is not status
        )

    @property
    def otherwise(self) -> int:
        """Items that keep their status, by another derivation."""
        return sum(items for (before, after), items in self.moves.items() if before is after)


Group = tuple[bool, str, str]  # decided, dispositif, chapter


def grouped(figures: Iterable[Mapping[str, Any]], work: Mapping[Status, float]) -> dict[Group, Sum]:
    """In the order of the figures."""
    found: dict[Group, Sum] = {}
    for one in figures:
        group = one["decided"], one["dispositif"], one["chapter"]
        moved = Status(one["before"]), Status(one["after"])
        found.setdefault(group, Sum()).add(*moved, one["items"], work)
    return found


def totals(figures: Sequence[Mapping[str, Any]], work: Mapping[Status, float]) -> dict[bool, Sum]:
    """Of the open dossiers (False) and of those that were decided (True)."""
    found = {False: Sum(), True: Sum()}
    for one in figures:
        found[one["decided"]].add(Status(one["before"]), Status(one["after"]), one["items"], work)
    return found

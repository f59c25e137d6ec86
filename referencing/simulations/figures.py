"""The changes of a simulation, added up: items by where they would go, and verifier days saved. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from referencing.equivalence.engine.resolution import Status


class Dossiers(StrEnum):
    OPEN = "open"
    DECIDED = "decided"  # within a year

    @classmethod
    def of(cls, *, decided: bool) -> "Dossiers":
        return cls.DECIDED if decided else cls.OPEN


@dataclass
class Sum:
    """Items by (before, after); `days` of verifiers are saved, or needed when below zero."""

    moves: dict[tuple[Status, Status], int] = field(default_factory=dict)
    days: float = 0.0

    def add(self, before: Status, after: Status, items: int, work: Mapping[Status, float]) -> None:
        self.moves[before, after] = self.moves.get((before, after), 0) + items
        self.days += items * (work[before] - work[after])

    def become(self, status: Status) -> int:
        """The items that would come to this status from another."""
        return sum(
            items for (before, after), items in self.moves.items() if after is status and before is not status
        )

    @property
    def days_saved(self) -> float:
        """The days of verifiers saved, rounded to hundredths."""
        return round(self.days, 2) + 0.0  # which makes no minus of a zero

    @property
    def otherwise(self) -> int:
        """Items that keep their status, by another derivation."""
        return sum(items for (before, after), items in self.moves.items() if before is after)


Group = tuple[bool, str, str]  # decided, dispositif, chapter


def grouped(figures: Iterable[Mapping[str, Any]], work: Mapping[Status, float]) -> dict[Group, Sum]:
    """The figures added up by group, in their order."""
    sums: dict[Group, Sum] = {}
    for figure in figures:
        group = figure["decided"], figure["dispositif"], figure["chapter"]
        move = Status(figure["before"]), Status(figure["after"])
        sums.setdefault(group, Sum()).add(*move, figure["items"], work)
    return sums


def totals(figures: Sequence[Mapping[str, Any]], work: Mapping[Status, float]) -> dict[bool, Sum]:
    """The figures added up over the open dossiers (False) and over those that were decided (True)."""
    sums = {False: Sum(), True: Sum()}
    for figure in figures:
        move = Status(figure["before"]), Status(figure["after"])
        sums[figure["decided"]].add(*move, figure["items"], work)
    return sums

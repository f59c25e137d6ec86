"""A plan: what to supply, in which order, what follows from it, and which dossier to go ahead with first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status

from .search import Wanted, ordered, smallest_supply
from .suppositions import Suppositions

#: What is enough for a line: nobody has to look again; or a verifier may still have to say something.
CERTAIN = frozenset({Status.COVERED})
LIKELY = CERTAIN | {Status.TO_CONFIRM, Status.AWAITING}


@dataclass(frozen=True, slots=True)
class Supplied:
    """A line to supply: the other lines that have need of it, and those that follow as soon as it is there too."""

    line: int
    serves: Sequence[int]
    opens: Sequence[int]


class Filing(NamedTuple):
    """A dossier to go ahead with: how much is to be supplied in it, and what that opens in those that come after."""

    dossier: int
    supplies: int
    opens: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`answers` and `needs` are of the lines that follow: the engine's answer, and the supplies that it stands on.

    No plan of fewer supplies than `at_least` is enough.
    """

    supplies: Sequence[Supplied]
    at_least: int
    answers: Mapping[int, Answer]
    needs: Mapping[int, frozenset[int]]
    filings: Sequence[Filing]

    @property
    def exact(self) -> bool:
        return len(self.supplies) == self.at_least


def plan(suppositions: Suppositions, enough: frozenset[Status]) -> Plan:
    """The smallest supply by which every other line has a status that is `enough`."""
    lines = suppositions.lines
    undecided = [number for number, line in enumerate(lines) if line.undecided]
    asked = frozenset(number for number, line in enumerate(lines) if line.asked)
    supply = smallest_supply(
        Wanted(undecided, suppositions.reach, asked),
        lambda number, there: suppositions.status(number, there) in enough,
    )
    answers, needs = {}, {}
    for number in undecided:
        if number not in supply.lines:
            answers[number], needs[number] = suppositions.needed(number, supply.lines)
    supplies = _supplies(supply.lines, needs)
    dossiers = {number: line.dossier for number, line in enumerate(lines)}
    return Plan(supplies, supply.at_least, answers, needs, _filings(supply.lines, needs, dossiers))


def _supplies(supplied: frozenset[int], needs: Mapping[int, frozenset[int]]) -> list[Supplied]:
    serves: dict[int, list[int]] = {line: [] for line in supplied}
    for line, of_line in needs.items():
        for supply in of_line:
            serves[supply].append(line)
    leaning = {line: of_line for line, of_line in needs.items() if of_line}
    return [Supplied(line, serves[line], opens) for line, opens in ordered(supplied, leaning)]


def _filings(
    supplied: frozenset[int], needs: Mapping[int, frozenset[int]], dossiers: Mapping[int, int]
) -> list[Filing]:
    """The dossiers in the order that opens most of those that come after; among equals, the least to supply first."""
    supplies = Counter(dossiers[line] for line in supplied)
    leaning = Counter(
        (dossiers[line], frozenset(dossiers[supply] for supply in of_line))
        for line, of_line in needs.items()
        if of_line
    )
    left, filed, filings = sorted(supplies), frozenset[int](), []
    while left:
        coming = [Filing(dossier, supplies[dossier], _opened(dossier, filed, leaning)) for dossier in left]
        best = max(coming, key=lambda filing: (filing.opens, -filing.supplies, -filing.dossier))
        filings.append(best)
        left.remove(best.dossier)
        filed |= {best.dossier}
    return filings


def _opened(dossier: int, filed: frozenset[int], leaning: Mapping[tuple[int, frozenset[int]], int]) -> int:
    """How many lines of dossiers that come after follow once this one is filed, after those `filed`.

    `leaning` counts lines by their own dossier and those in which their supplies are.
    """
    with_it = filed | {dossier}
    return sum(
        lines
        for (own, on), lines in leaning.items()
        if own not in with_it and dossier in on and on <= with_it
    )

"""The smallest supply by which all that is expected follows, whatever answers what follows from what. Pure.

Nothing is assumed of what answers but that more supplies never show less. What a failing supply leaves out, made as
little as possible, is a cut: every supply that suffices takes something of it. The smallest set that meets all cuts
is asked about in its turn, until nothing fails (an implicit hitting set: Moreno-Centeno and Karp, 2013).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from .hitting import Cut, HittingSearch

#: What a search may take: some seconds, and far more than the lists that there are ask for.
STEPS, QUESTIONS, ROUNDS = 50_000, 40_000, 60


#: The other lines that may have a part in one, in groups: of a group, any line does as well as another.
Reach = Sequence[frozenset[int]]


class Follows(Protocol):
    def __call__(self, line: int, there: frozenset[int], /) -> bool:
        """Whether a line follows once a line of each of these groups of its reach, by place, is supplied."""


class Wanted(NamedTuple):
    """Lines that have each to follow or to be supplied, with the reach of each; `forced` are supplied in any case."""

    lines: Sequence[int]
    reach: Mapping[int, Reach]
    forced: frozenset[int]


class Supply(NamedTuple):
    """The lines to supply; all others follow. No supply of fewer than `at_least` suffices."""

    lines: frozenset[int]
    at_least: int


class _Spent(Exception):
    """All the questions were asked that may be."""


def smallest_supply(
    wanted: Wanted, follows: Follows, *, steps: int = STEPS, questions: int = QUESTIONS
) -> Supply:
    """The smallest supply, or the best that is reached by so many steps and questions."""
    inquiry, search = _Inquiry(follows, wanted.reach, questions), HittingSearch(steps)
    cuts: set[Cut] = {frozenset({line}) for line in wanted.forced}
    try:
        for _ in range(ROUNDS):
            supply = Supply(*search.smallest(cuts))
            unmet = [line for line in wanted.lines if not inquiry.holds(line, supply.lines)]
            if not unmet:
                return supply
            for line in unmet:
                cuts.update(inquiry.cuts(line, supply.lines))
    except _Spent:
        pass
    supply = Supply(*search.smallest(cuts))
    inquiry.left = len(wanted.lines)
    unmet = [line for line in wanted.lines if not inquiry.holds(line, supply.lines)]
    return supply._replace(lines=supply.lines.union(unmet))


class _Inquiry:
    """The questions that were asked, with their answers."""

    def __init__(self, follows: Follows, reach: Mapping[int, Reach], questions: int) -> None:
        self.left = questions
        self._follows = follows
        self._reach = reach
        self._answers: dict[tuple[int, frozenset[int]], bool] = {}

    def holds(self, line: int, supplied: frozenset[int]) -> bool:
        """Whether a line is supplied, or follows."""
        return line in supplied or self._asked(line, self._there(line, supplied))

    def cuts(self, line: int, supplied: frozenset[int]) -> Iterator[Cut]:
        """Cuts that these supplies do not meet, and that have nothing but the line in common."""
        reach = self._reach[line]
        kept, every = self._there(line, supplied), frozenset(range(len(reach)))
        while not self._asked(line, kept):
            lacking = every - self._grown(line, kept, sorted(every - kept))
            yield frozenset({line}).union(*(reach[group] for group in lacking))
            if not lacking:
                return
            kept |= lacking

    def _there(self, line: int, supplied: frozenset[int]) -> frozenset[int]:
        """The groups of the line's reach of which something is supplied."""
        groups = enumerate(self._reach[line])
        return frozenset(place for place, group in groups if not group.isdisjoint(supplied))

    def _grown(self, line: int, kept: frozenset[int], others: Sequence[int]) -> frozenset[int]:
        """The groups `kept` with as many of the others as leave the line unshown; halves are tried at once."""
        if not others or not self._asked(line, kept.union(others)):
            return kept.union(others)
        if len(others) == 1:
            return kept
        middle = len(others) // 2
        return self._grown(line, self._grown(line, kept, others[:middle]), others[middle:])

    def _asked(self, line: int, there: frozenset[int]) -> bool:
        question = (line, there)
        if question not in self._answers:
            if self.left <= 0:
                raise _Spent
            self.left -= 1
            self._answers[question] = self._follows(line, there)
        return self._answers[question]


def ordered(
    supplied: Collection[int], needs: Mapping[int, frozenset[int]]
) -> Iterator[tuple[int, list[int]]]:
    """The supplies in the order that opens most, each with the lines that follow once it is there too.

    `needs` holds the supplies that a line follows from, by line. A line that waits for n supplies adds an n-th to each.
    """
    waiting = {line: set(of_line) for line, of_line in needs.items()}
    left = sorted(supplied)
    while left:
        shares = dict.fromkeys(left, 0.0)
        for of_line in waiting.values():
            for supply in of_line:
                shares[supply] += 1 / len(of_line)
        best = max(left, key=lambda supply: (shares[supply], -supply))
        left.remove(best)
        for of_line in waiting.values():
            of_line.discard(best)
        opened = [line for line, of_line in waiting.items() if not of_line]
        for line in opened:
            del waiting[line]
        yield best, opened

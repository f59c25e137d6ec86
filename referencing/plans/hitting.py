"""The smallest set of numbers that meets every one of given sets, and how small it could be at best. Pure.

Sizes are tried from the least possible one up: what was tried in vain is a bound, even where the search is cut short.
The same sets have the same answer: steps are counted, not seconds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

Cut = frozenset[int]


class Hitting(NamedTuple):
    """A set that meets every cut; no set of fewer than `at_least` does."""

    chosen: frozenset[int]
    at_least: int


class _Spent(Exception):
    """The search has taken all the steps that it was given."""


class HittingSearch:
    """A search that takes so many `steps` at the most, over all that it is asked; then it chooses greedily."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._known: dict[frozenset[Cut], Hitting] = {}

    def smallest(self, cuts: Iterable[Cut]) -> Hitting:
        """The smallest set that meets every cut, none of which is empty; the smallest numbers among equals."""
        parts = [self._smallest_of(part) for part in _parts(reduced(cuts))]
        chosen = frozenset[int]().union(*(part.chosen for part in parts))
        return Hitting(chosen, sum(part.at_least for part in parts))

    def _smallest_of(self, part: frozenset[Cut]) -> Hitting:
        if part not in self._known:
            self._known[part] = self._searched(part)
        return self._known[part]

    def _searched(self, part: frozenset[Cut]) -> Hitting:
        size = _apart(part)
        try:
            while (chosen := self._of_size(part, size)) is None:
                size += 1
        except _Spent:
            chosen = _greedy(part)
        return Hitting(chosen, size)

    def _of_size(self, cuts: Iterable[Cut], most: int) -> frozenset[int] | None:
        """A set of `most` numbers at the most that meets every cut; None where there is none."""
        if self._left <= 0:
            raise _Spent
        cuts = reduced(cuts)
        self._left -= 1 + len(cuts)
        if not cuts:
            return frozenset()
        if _apart(cuts) > most:
            return None
        for number in _by_weight(min(cuts, key=_order), cuts):
            rest = self._of_size([cut for cut in cuts if number not in cut], most - 1)
            if rest is not None:
                return rest | {number}
            cuts = frozenset(cut - {number} for cut in cuts)
            if frozenset() in cuts:
                return None
        return None


def reduced(cuts: Iterable[Cut]) -> frozenset[Cut]:
    """The cuts that matter, without the numbers that another one can stand for: as small a set meets them."""
    kept = _without_larger(cuts)
    while useless := _dominated(kept):
        kept = _without_larger(cut - useless for cut in kept)
    return kept


def _without_larger(cuts: Iterable[Cut]) -> frozenset[Cut]:
    """The cuts that hold no other one."""
    kept: dict[int, list[Cut]] = defaultdict(list)  # by their smallest number
    for cut in sorted(set(cuts), key=len):
        if not any(smaller <= cut for number in cut for smaller in kept.get(number, ())):
            kept[min(cut)].append(cut)
    return frozenset(cut for listed in kept.values() for cut in listed)


def _dominated(cuts: Collection[Cut]) -> frozenset[int]:
    """The numbers of which every cut holds some number that stands in more cuts, or is smaller and in as many."""
    holding = _holding(cuts)
    return frozenset(
        number
        for number, having in holding.items()
        if any(
            (len(holding[other]), -other) > (len(having), -number)
            for other in frozenset.intersection(*having) - {number}
        )
    )


def _holding(cuts: Iterable[Cut]) -> dict[int, list[Cut]]:
    holding: dict[int, list[Cut]] = defaultdict(list)
    for cut in cuts:
        for number in cut:
            holding[number].append(cut)
    return holding


def _parts(cuts: Collection[Cut]) -> Iterator[frozenset[Cut]]:
    """The cuts that have numbers in common, directly or through others, together; in the order of their numbers."""
    holding = _holding(cuts)
    seen: set[Cut] = set()
    for number in sorted(holding):
        part: set[Cut] = set()
        waiting = [cut for cut in holding[number] if cut not in seen]
        while waiting:
            cut = waiting.pop()
            if cut not in part:
                part.add(cut)
                waiting += [other for shared in cut for other in holding[shared] if other not in part]
        if part:
            seen |= part
            yield frozenset(part)


def _apart(cuts: Iterable[Cut]) -> int:
    """How many cuts, taken the shortest first, have no number in common: as many numbers are needed."""
    met: set[int] = set()
    number = 0
    for cut in sorted(cuts, key=_order):
        if met.isdisjoint(cut):
            met |= cut
            number += 1
    return number


def _greedy(cuts: Collection[Cut]) -> frozenset[int]:
    """A set that meets every cut: each time the number that meets most of those that are left."""
    holding = _holding(cuts)
    heaviest = [(-len(having), number) for number, having in holding.items()]
    heapify(heaviest)
    chosen: set[int] = set()
    met: set[Cut] = set()
    while len(met) < len(cuts):
        weight, number = heappop(heaviest)
        left = sum(cut not in met for cut in holding[number])
        if left < -weight:  # it met more when it was weighed
            heappush(heaviest, (-left, number))
        else:
            chosen.add(number)
            met.update(holding[number])
    return frozenset(chosen)


def _order(cut: Cut) -> tuple[int, list[int]]:
    return len(cut), sorted(cut)


def _by_weight(cut: Cut, cuts: Collection[Cut]) -> list[int]:
    """The numbers of a cut, first those that meet most cuts."""
    return sorted(cut, key=lambda number: (-sum(number in other for other in cuts), number))

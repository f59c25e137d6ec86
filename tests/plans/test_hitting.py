"""The smallest set that meets all cuts, beside one that tries every set."""

from itertools import chain, combinations
from random import Random

import pytest

from referencing.plans.hitting import HittingSearch, reduced
from tests.thoroughness import examples

Cuts = list[frozenset[int]]

#: Steps that no small case comes near.
PLENTY = 10**9


def drawn(seed: int) -> Cuts:
    """A few sets of small numbers, now and then one that holds another."""
    draw = Random(seed)
    numbers = range(draw.randint(1, 9))
    sizes = [draw.randint(1, min(4, len(numbers))) for _ in range(draw.randint(0, 10))]
    return [frozenset(draw.sample(numbers, size)) for size in sizes]


def meets_all(chosen: frozenset[int], cuts: Cuts) -> bool:
    return all(chosen & cut for cut in cuts)


def smallest_size(cuts: Cuts) -> int:
    numbers = sorted(frozenset[int]().union(*cuts))
    tried = chain.from_iterable(combinations(numbers, size) for size in range(len(numbers) + 1))
    return next(len(chosen) for chosen in tried if meets_all(frozenset(chosen), cuts))


@pytest.mark.parametrize("seed", range(0, examples(300), 100))
def test_it_is_the_smallest_that_trying_every_set_finds(seed: int) -> None:
    for cuts in map(drawn, range(seed, seed + 100)):
        hitting = HittingSearch(PLENTY).smallest(cuts)
        assert meets_all(hitting.chosen, cuts)
        assert len(hitting.chosen) == hitting.at_least == smallest_size(cuts)
        assert HittingSearch(PLENTY).smallest(reversed(cuts)) == hitting


@pytest.mark.parametrize("steps", [0, 5, 20])
def test_cut_short_it_says_how_small_it_could_be_at_best(steps: int) -> None:
    loose = 0
    for cuts in map(drawn, range(100)):
        hitting = HittingSearch(steps).smallest(cuts)
        assert meets_all(hitting.chosen, cuts)
        assert hitting.at_least <= smallest_size(cuts) <= len(hitting.chosen)
        loose += hitting.at_least < len(hitting.chosen)
    assert loose or steps


def test_a_number_that_another_stands_for_and_a_cut_that_holds_another_do_not_matter() -> None:
    cuts = [frozenset({1, 2}), frozenset({1, 2, 3}), frozenset({2, 4})]
    assert reduced(cuts) == {frozenset({2})}


def test_a_triangle_takes_two_and_no_sum_of_disjoint_cuts_says_so() -> None:
    triangle = [frozenset({1, 2}), frozenset({2, 3}), frozenset({1, 3})]
    assert HittingSearch(PLENTY).smallest(triangle) == (frozenset({1, 2}), 2)

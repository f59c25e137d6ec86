"""A draw that anyone can make again, in which what is reused and was never looked at again weighs most."""

import hashlib
import subprocess
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.audits.inquiries.sampling import Entrant, Standing, draw, entrants, place, weight

populations = st.lists(
    st.builds(Entrant, st.text("ABC./0123456789", min_size=1, max_size=8), st.integers(1, 6)),
    unique_by=lambda one: one.requirement,
    max_size=30,
)
seeds = st.text("0123456789abcdef", min_size=1, max_size=32)


@pytest.mark.parametrize(
    ("reused", "verified_again", "tickets"),
    [(False, True, 1), (False, False, 2), (True, True, 3), (True, False, 6)],
)
def test_what_is_reused_and_was_never_verified_again_weighs_most(
    reused: bool, verified_again: bool, tickets: int
) -> None:
    assert weight(Standing("INS.1", reused, verified_again)) == tickets


def test_a_reuse_by_a_rule_with_a_weak_record_weighs_more_and_says_so() -> None:
    proofs = [Standing("A", True, False, 3), Standing("A", True, False), Standing("B", True, False)]
    doubted, other = entrants(proofs)
    assert (doubted, other) == (Entrant("A", 18), Entrant("B", 6))
    assert doubted.reason == (
        "réemploi, jamais vérifié de nouveau ; une règle de ce réemploi a un bilan faible : poids × 3"
    )
    assert other.reason == "réemploi, jamais vérifié de nouveau"


def test_a_requirement_weighs_as_its_heaviest_proof() -> None:
    proofs = [Standing("A", False, True), Standing("B", False, False), Standing("A", True, False)]
    assert entrants(proofs) == [Entrant("A", 6), Entrant("B", 2)]


def test_the_place_is_the_lowest_ticket_as_sha256sum_gives_it() -> None:
    tickets = [
        subprocess.run(
            ["sha256sum"], input=f"5eed:INS/va1.01:{number}".encode(), capture_output=True, check=True
        )
        for number in (1, 2, 3)
    ]
    lowest = min(int(one.stdout[:16], 16) for one in tickets)
    assert place("5eed", Entrant("INS/va1.01", 3)) == lowest


@given(populations, seeds, st.integers(0, 40))
def test_as_many_are_drawn_as_asked_or_all_and_none_twice(
    population: list[Entrant], seed: str, size: int
) -> None:
    drawn = draw(seed, population, size)
    assert len(drawn) == len(set(drawn)) == min(size, len(population))
    assert set(drawn) <= {one.requirement for one in population}


@given(populations, seeds, st.integers(0, 40))
def test_the_order_of_the_population_changes_nothing(population: list[Entrant], seed: str, size: int) -> None:
    shuffled = sorted(population, key=lambda one: hashlib.sha256(one.requirement.encode()).digest())
    assert draw(seed, shuffled, size) == draw(seed, population, size)


@given(populations, seeds, st.integers(0, 30))
def test_a_larger_sample_goes_on_where_the_smaller_ended(
    population: list[Entrant], seed: str, size: int
) -> None:
    assert draw(seed, population, size + 1)[:size] == draw(seed, population, size)


@given(populations.filter(len), seeds)
def test_more_weight_never_puts_a_requirement_further_back(population: list[Entrant], seed: str) -> None:
    first, *others = population
    heavier = [Entrant(first.requirement, first.weight + 1), *others]
    order, again = (draw(seed, those, len(population)) for those in (population, heavier))
    assert again.index(first.requirement) <= order.index(first.requirement)


def test_over_many_seeds_each_is_drawn_first_as_often_as_its_weight() -> None:
    population = [Entrant("A", 6), Entrant("B", 3), Entrant("C", 1)]
    first = Counter(draw(str(seed), population, 1)[0] for seed in range(10_000))
    for one in population:
        assert abs(first[one.requirement] / 10_000 - one.weight / 10) < 0.02

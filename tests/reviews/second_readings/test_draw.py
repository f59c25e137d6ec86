"""Which findings are read a second time: chance to who does not know the seed, the same for whoever draws again."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.reviews.second_readings.draw import drawn

SEEDS = st.text(max_size=40)
TASKS = st.uuids()


@given(SEEDS, TASKS, st.integers(0, 100))
def test_the_same_seed_draws_the_same(seed: str, task: UUID, rate: int) -> None:
    assert drawn(rate, seed, task) is drawn(rate, seed, UUID(str(task)))


@given(SEEDS, TASKS)
def test_none_is_drawn_at_0_and_all_at_100(seed: str, task: UUID) -> None:
    assert not drawn(0, seed, task)
    assert drawn(100, seed, task)


@given(SEEDS, TASKS, st.integers(0, 99))
def test_what_is_drawn_at_a_rate_is_drawn_at_a_higher_one(seed: str, task: UUID, rate: int) -> None:
    assert drawn(rate + 1, seed, task) or not drawn(rate, seed, task)


@given(SEEDS, st.integers(0, 100))
def test_about_as_many_are_drawn_as_the_rate_says(seed: str, rate: int) -> None:
    """Of 1,000, within six standard deviations."""
    found = sum(drawn(rate, seed, UUID(int=number)) for number in range(1000))
    assert abs(found - 10 * rate) <= 6 * (10 * rate * (100 - rate) / 100) ** 0.5


def test_another_seed_draws_others() -> None:
    tasks = [UUID(int=number) for number in range(1000)]
    assert [drawn(50, "a", one) for one in tasks] != [drawn(50, "b", one) for one in tasks]


@pytest.mark.parametrize("rate", range(0, 101, 5))
def test_anyone_can_draw_again_with_sha256sum(rate: int) -> None:
    """As the first sixteen digits that it prints compare."""
    task = UUID(int=7)
    printed = hashlib.sha256(f"graine:{task}".encode()).hexdigest()[:16]
    assert drawn(rate, "graine", task) is (int(printed, 16) / 2**64 < rate / 100)

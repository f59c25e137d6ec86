"""When a reminder of a complement is due: 5 and 2 working days before, and on the first day late, once each."""

import pytest

from referencing.candidatures.clock.reminders import due, reached


@pytest.mark.parametrize(
    ("days_left", "level"),
    [(15, None), (6, None), (5, 5), (4, 5), (3, 5), (2, 2), (1, 2), (0, 2), (-1, -1), (-30, -1)],
)
def test_a_level_is_reached_by_the_days_left(days_left: int, level: int | None) -> None:
    assert reached(days_left) == level


@pytest.mark.parametrize("told", [None, 5, 2, -1])
@pytest.mark.parametrize("days_left", [15, 6, 5, 3, 2, 0, -1, -30])
def test_what_was_told_is_not_told_again(days_left: int, told: int | None) -> None:
    level = reached(days_left)
    fresh = {None: {5, 2, -1}, 5: {2, -1}, 2: {-1}, -1: set()}[told]
    assert due(days_left, told) == (level in fresh)


def test_day_by_day_each_of_the_three_is_told_once() -> None:
    told: int | None = None
    days = []
    for left in range(15, -10, -1):
        if due(left, told):
            days.append(left)
            told = reached(left)
    assert days == [5, 2, -1]

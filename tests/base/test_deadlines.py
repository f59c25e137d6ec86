"""Last days: warnings, reminders at 5 and 2 working days and on the first day late, and what lists hold."""

from datetime import date, timedelta

import pytest

from referencing.base.deadlines import (
    Alert,
    Due,
    days_left_to_remind_of,
    latest_last_day,
    level_on,
    reached_level,
    warning,
)
from referencing.base.workdays import days_until, working_day_at

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("left", "alert"),
    [
        (15, None),
        (6, None),
        (5, Alert.SOON),
        (3, Alert.SOON),
        (2, Alert.URGENT),
        (1, Alert.URGENT),
        (0, Alert.URGENT),  # due today
        (-1, Alert.OVERDUE),
        (-40, Alert.OVERDUE),
    ],
)
def test_a_warning_is_given_at_five_and_two_days_left_and_when_overdue(
    left: int, alert: Alert | None
) -> None:
    assert warning(left) is alert


@pytest.mark.parametrize(
    ("last_day", "today", "left"),
    [
        ("2026-03-23", "2026-03-02", 15),
        ("2026-03-23", "2026-03-01", 16),  # a Sunday, the day before
        ("2026-03-23", "2026-03-23", 0),
        ("2026-03-23", "2026-03-24", -1),
        ("2026-03-20", "2026-03-22", 0),  # due on Friday; no working day has passed by Sunday
        ("2026-03-20", "2026-03-23", -1),
        ("2026-05-12", "2026-05-18", -3),  # over Ascension: Wednesday, the bridge, Monday
        ("2027-01-04", "2026-12-31", 1),
    ],
)
def test_days_left_are_working_days(last_day: str, today: str, left: int) -> None:
    assert days_until(date.fromisoformat(last_day), date.fromisoformat(today)) == left


@pytest.mark.parametrize(
    ("due", "day"), [(Due.OVERDUE, "2026-03-01"), (Due.IN_2, "2026-03-04"), (Due.IN_5, "2026-03-09")]
)
def test_a_list_is_narrowed_down_to_what_is_due_by_a_day(due: Due, day: str) -> None:
    """What ended on the weekend before a Monday is overdue on that Monday."""
    assert latest_last_day(due, MONDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("days_left", "level"),
    [(15, None), (6, None), (5, 5), (4, 5), (3, 5), (2, 2), (1, 2), (0, 2), (-1, -1), (-30, -1)],
)
def test_a_level_is_reached_by_the_days_left(days_left: int, level: int | None) -> None:
    assert reached_level(days_left) == level
    assert level_on(MONDAY, working_day_at(MONDAY, days_left)) == level


@pytest.mark.parametrize("reminded", [None, 5, 2, -1])
@pytest.mark.parametrize("days_left", [15, 6, 5, 3, 2, 0, -1, -30])
def test_what_was_reminded_of_is_not_reminded_of_again(days_left: int, reminded: int | None) -> None:
    fresh = {None: {5, 2, -1}, 5: {2, -1}, 2: {-1}, -1: set()}[reminded]
    expected = days_left if reached_level(days_left) in fresh else None
    assert days_left_to_remind_of(working_day_at(MONDAY, days_left), reminded, MONDAY) == expected


def test_day_by_day_each_of_the_three_reminders_is_due_once() -> None:
    last_day, reminded, days = date(2026, 4, 1), None, []
    for number in range(40):
        today = MONDAY + timedelta(days=number)
        left = days_left_to_remind_of(last_day, reminded, today)
        if left is not None:
            days.append(left)
            reminded = reached_level(left)
    assert days == [5, 2, -1]


def test_without_a_last_day_there_is_nothing_to_remind_of() -> None:
    assert level_on(MONDAY, None) is None
    assert days_left_to_remind_of(None, None, MONDAY) is None


def test_a_list_of_five_days_holds_whatever_is_to_be_reminded_of() -> None:
    """A last day on a weekend too: with 5 working days left until a Saturday, it is in the list."""
    days = [date(2026, 3, 25) + timedelta(days=number) for number in range(25)]
    for today in days:
        for last_day in days:
            if days_left_to_remind_of(last_day, None, today) is not None:
                assert last_day <= latest_last_day(Due.IN_5, today)


@pytest.mark.parametrize("due", Due)
def test_a_list_holds_what_its_days_left_say_on_any_day(due: Due) -> None:
    """Deadlines and days on weekends and holidays included: 5 April 2026 is Easter."""
    most = {Due.OVERDUE: -1, Due.IN_2: 2, Due.IN_5: 5}[due]
    days = [date(2026, 3, 25) + timedelta(days=number) for number in range(25)]
    for day in days:
        for deadline in days:
            assert (deadline <= latest_last_day(due, day)) is (days_until(deadline, day) <= most)

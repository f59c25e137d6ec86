"""The times that an availability gives: clocks in Paris, whole slots, and no day on which nobody works."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.base.workdays import is_working_day
from referencing.duo.slots.offers import PARIS, QUARTER, quarters, slots

HOUR = timedelta(hours=1)


def starts(
    first: date, last: date, start: time, end: time, length: timedelta = HOUR, *but: date
) -> list[str]:
    return [f"{one.starts_at:%m-%d %H:%M}" for one in slots(first, last, start, end, length, but)]


def test_each_week_at_the_same_hour_in_paris_across_the_change_of_clocks() -> None:
    """29 March 2026, and 25 October: nine o'clock is eight in UTC before, seven after, then eight again."""
    found = starts(date(2026, 3, 25), date(2026, 4, 1), time(9), time(10))
    assert found == ["03-25 08:00", "04-01 07:00"]
    found = starts(date(2026, 10, 21), date(2026, 10, 28), time(9), time(10))
    assert found == ["10-21 07:00", "10-28 08:00"]


def test_what_does_not_make_a_whole_slot_is_left() -> None:
    day = date(2026, 3, 4)
    assert starts(day, day, time(9), time(10, 45), timedelta(minutes=30)) == [
        "03-04 08:00",
        "03-04 08:30",
        "03-04 09:00",
    ]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 5, 1), "1er mai"),
        (date(2026, 4, 6), "lundi de Pâques"),
        (date(2026, 5, 14), "Ascension"),
        (date(2026, 3, 7), "samedi"),
    ],
)
def test_nothing_on_a_day_on_which_nobody_works(day: date, why: str) -> None:
    assert starts(day, day, time(9), time(12)) == [], why


def test_nothing_on_a_day_that_is_excepted() -> None:
    found = starts(date(2026, 3, 4), date(2026, 3, 18), time(9), time(10), HOUR, date(2026, 3, 11))
    assert found == ["03-04 08:00", "03-18 08:00"]


@given(
    first=st.dates(date(2025, 1, 1), date(2030, 1, 1)),
    weeks=st.integers(0, 60),
    start=st.integers(0, 95),
    span=st.integers(1, 40),
    length=st.integers(1, 16),
)
def test_every_slot_is_whole_of_its_length_and_within_the_hours_that_clocks_show(
    first: date, weeks: int, start: int, span: int, length: int
) -> None:
    begins = (datetime.combine(date.min, time()) + start * QUARTER).time()
    ends = (datetime.combine(date.min, time()) + min(start + span, 95) * QUARTER).time()
    last = first + timedelta(weeks=weeks)
    for one in slots(first, last, begins, ends, length * QUARTER):
        shown, until = one.starts_at.astimezone(PARIS), one.ends_at.astimezone(PARIS)
        assert one.ends_at - one.starts_at == length * QUARTER
        assert begins <= shown.time() < until.time() <= ends
        assert shown.date().weekday() == first.weekday()
        assert is_working_day(shown.date())
        assert len(quarters(*one)) == length
        assert one.starts_at.tzinfo is UTC

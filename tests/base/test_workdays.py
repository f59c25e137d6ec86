"""Working days: tables made by hand, and laws against a recount that shares no code with them."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.base.workdays import (
    add_working_days,
    days_until,
    is_working_day,
    paris_day,
    working_day_at,
    working_days,
)
from referencing.candidatures.clock.ledger import Holder, Interval, used
from tests.base.labour_code import recounted_as_worked

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    """Paris time, unless the text says an offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


# --- which days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),  # Thursday
        ("2026-04-03", True),  # Good Friday: closed in Alsace-Moselle only
        ("2026-04-06", False),  # Easter Monday
        ("2026-05-01", False),
        ("2026-05-08", False),
        ("2026-05-14", False),  # Ascension Thursday
        ("2026-05-15", True),  # the bridge after it
        ("2026-05-25", False),  # Whit Monday
        ("2026-07-14", False),
        ("2025-08-15", False),
        ("2024-11-01", False),
        ("2026-11-11", False),
        ("2026-12-25", False),
        ("2025-12-26", True),  # Friday; Saint Stephen's: closed in Alsace-Moselle only
        ("2026-08-17", True),  # Monday; 15 August on a Saturday is not made up for
        ("2026-11-02", True),  # Monday; 1 November on a Sunday is not made up for
        ("2027-05-10", True),  # Monday; 8 May on a Saturday is not made up for
        ("2026-05-22", True),  # abolition of slavery: closed in Martinique only
        ("2028-02-29", True),
        ("2026-03-07", False),  # Saturday
        ("2026-03-08", False),  # Sunday
        ("2026-03-09", True),
    ],
)
def test_a_day_is_worked(day: str, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is works


def test_every_day_of_the_calendar_follows_the_labour_code() -> None:
    day, end = date(2008, 1, 1), date(2101, 1, 1)
    while day < end:
        assert is_working_day(day) is recounted_as_worked(day), day
        day += timedelta(days=1)


def test_a_year_without_a_known_calendar_is_refused_not_counted_without_holidays() -> None:
    with pytest.raises(ValueError, match="2101"):
        is_working_day(date(2101, 12, 26))
    with pytest.raises(ValueError, match="2101"):
        add_working_days(date(2100, 12, 30), 50)


def test_a_datetime_is_not_a_day() -> None:
    with pytest.raises(TypeError):
        is_working_day(at("2026-12-25 10:00"))


# --- between two moments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-03-10 09:00", "2026-03-10 18:00", 0),  # within one day
        ("2026-03-10 23:59", "2026-03-11 00:00", 1),  # a minute, over midnight
        ("2026-03-06 18:00", "2026-03-09 08:00", 1),  # Friday evening to Monday
        ("2026-03-06 18:00", "2026-03-08 23:59", 0),  # Friday evening to Sunday
        ("2026-03-07 10:00", "2026-03-09 10:00", 1),  # from a Saturday: Monday is the day after
        ("2026-03-02 10:00", "2026-03-23 10:00", 15),  # three plain weeks
        ("2026-04-02 10:00", "2026-04-07 10:00", 2),  # Easter: Good Friday, Tuesday
        ("2026-04-30 10:00", "2026-05-11 10:00", 5),  # 1 and 8 May, both Fridays
        ("2026-05-13 10:00", "2026-05-18 10:00", 2),  # Ascension: the bridge, Monday
        ("2026-05-22 10:00", "2026-05-26 10:00", 1),  # Whit Monday
        ("2026-07-13 10:00", "2026-07-15 10:00", 1),  # 14 July
        ("2026-08-14 10:00", "2026-08-17 10:00", 1),  # 15 August on a Saturday
        ("2026-10-30 10:00", "2026-11-02 10:00", 1),  # 1 November on a Sunday
        ("2026-12-24 10:00", "2027-01-04 10:00", 5),  # Christmas and New Year
        ("2024-12-30 10:00", "2026-01-05 10:00", 254),  # 31 December, 251 days of 2025, 2 and 5 January
        ("2028-02-28 10:00", "2028-03-01 10:00", 2),  # 29 February
        ("2026-03-27 17:00", "2026-03-30 09:00", 1),  # over the lost hour
        ("2026-03-29T00:30+01:00", "2026-03-29T23:30+02:00", 0),  # the day of 23 hours
        ("2026-10-23 17:00", "2026-10-26 09:00", 1),  # over the repeated hour
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", 0),  # the repeated hour itself
        ("2026-10-25T22:30Z", "2026-10-25T23:30Z", 1),  # 23:30 in Paris, winter time again, to 0:30
        ("2026-07-06T21:30Z", "2026-07-06T22:30Z", 1),  # Paris is at 23:30, then at 0:30 on Tuesday
        ("2026-07-06T23:30Z", "2026-07-07T21:30Z", 0),  # all of it Tuesday in Paris
        ("2026-01-12T22:30Z", "2026-01-12T23:30Z", 1),  # the same in winter, an hour later
        ("2026-01-12T23:30Z", "2026-01-13T22:30Z", 0),
        ("2026-07-07T11:00+14:00", "2026-07-06T23:00-10:00", 1),  # dates in their own zones run backwards
    ],
)
def test_working_days_between(start: str, end: str, days: int) -> None:
    assert working_days(at(start), at(end)) == days


def test_days_are_not_counted_backwards_or_without_an_offset() -> None:
    noon, naive = at("2026-03-10 12:00"), datetime(2026, 3, 10, 12)  # noqa: DTZ001  the error under test
    with pytest.raises(ValueError, match="before the start"):
        working_days(noon, noon - timedelta(seconds=1))
    for start, end in [(naive, noon), (noon, naive)]:
        with pytest.raises(ValueError, match="offset"):
            working_days(start, end)
        with pytest.raises(ValueError, match="offset"):
            Interval(Holder.AGENCY, start, end)
    with pytest.raises(ValueError, match="offset"):
        used([], naive)
    with pytest.raises(ValueError, match="beyond any calendar"):
        paris_day(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2026-03-06", 1, "2026-03-09"),  # Friday, Monday
        ("2026-03-07", 1, "2026-03-09"),  # Saturday, Monday
        ("2026-03-07", 0, "2026-03-07"),
        ("2026-05-13", 1, "2026-05-15"),  # over Ascension
        ("2026-12-30", 1, "2026-12-31"),  # the last of its year
        ("2026-12-31", 1, "2027-01-04"),
        ("2024-12-30", 254, "2026-01-05"),
    ],
)
def test_add_working_days(day: str, n: int, expected: str) -> None:
    assert add_working_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


def test_days_are_added_forward_only() -> None:
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 3, 6), -1)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2026-03-09", 0, "2026-03-09"),
        ("2026-03-08", 0, "2026-03-06"),  # Sunday: its last working day is Friday
        ("2026-03-09", -1, "2026-03-06"),
        ("2026-03-08", -1, "2026-03-05"),
        ("2026-05-15", -1, "2026-05-13"),  # back over Ascension
        ("2027-01-04", -1, "2026-12-31"),
        ("2026-01-05", -254, "2024-12-30"),
    ],
)
def test_working_days_are_counted_backwards_too(day: str, n: int, expected: str) -> None:
    assert working_day_at(date.fromisoformat(day), n) == date.fromisoformat(expected)


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.integers(-600, 600))
def test_from_that_working_day_so_many_are_counted(day: date, n: int) -> None:
    found = working_day_at(day, n)
    assert is_working_day(found)
    assert days_until(found, day) == n


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.dates(date(2024, 1, 1), date(2034, 1, 1)))
def test_what_is_left_and_what_has_passed_are_one_count(one: date, other: date) -> None:
    assert days_until(one, other) == -days_until(other, one)
    first, last = sorted([one, other])
    days = (first + timedelta(days=n + 1) for n in range((last - first).days))
    assert days_until(last, first) == sum(map(recounted_as_worked, days))

"""How many working days the agency has held a review task, and when its budget is used up.

The answer is derived from a ledger of intervals (who held the ball, from when to when) and from the time
that the caller passes in. Days are dates in Europe/Paris and the clock starts the day after: holding the
ball from Friday evening to Monday morning is one day, holding it from 9:00 to 18:00 is none.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from holidays import country_holidays

PARIS = ZoneInfo("Europe/Paris")


class Holder(StrEnum):
    """Who has to act next."""

    AGENCY = "agency"  # the only one whose days count
    EDITOR = "editor"  # was asked for a complement
    THIRD_PARTY = "third_party"  # e.g. a test platform or a certification counter


@dataclass(frozen=True)
class Interval:
    """The ball in one pair of hands, from `start` to `end`, or still there when `end` is None.

    Times must be aware and are kept in UTC. ValueError for a naive time or an end before the start.
    """

    holder: Holder
    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        # In UTC because Python compares two times of one zone by their wall clocks, which in the hour
        # that October repeats puts later before earlier.
        object.__setattr__(self, "start", _instant(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", _instant(self.end))
            if self.end < self.start:
                raise ValueError(f"an interval ends ({self.end}) before it starts ({self.start})")


def is_working_day(day: date) -> bool:
    """Whether `day` is a Monday to Friday and no public holiday of metropolitan France.

    The holidays are those of Code du travail, art. L3133-1; not the two more of Alsace-Moselle
    (art. L3134-13), not those of overseas, and none is moved when it falls on a weekend.
    ValueError for a year without a known calendar (before 1803, after 2100). TypeError for a datetime: which
    day that is depends on the time zone.
    """
    days = _working_days_of(day.year)
    place = bisect_left(days, day)
    return place < len(days) and days[place] == day


def working_days(start: datetime, end: datetime) -> int:
    """The number of working days d with start.date < d <= end.date, the dates being those in Paris.

    ValueError for a naive time, an end before the start, or a year without a known calendar.
    """
    if _instant(end) < _instant(start):
        raise ValueError(f"the end ({end}) is before the start ({start})")
    return days_until(paris_day(end), paris_day(start))


def days_until(last: date, day: date) -> int:
    """The working days d with day < d <= last; as many below zero when `last` has passed.

    ValueError for a year without a known calendar.
    """
    if last < day:
        return -days_until(day, last)
    whole_years = sum(len(_working_days_of(year)) for year in range(day.year, last.year))
    return whole_years + _rank(last) - _rank(day)


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day`; `day` itself, working or not, when n is 0.

    ValueError when n is negative or the answer falls in a year without a known calendar.
    """
    if n < 0:
        raise ValueError(f"working days are added forward only, not {n}")
    return working_day_at(day, n) if n else day


def working_day_at(day: date, n: int) -> date:
    """The working day from which `days_until` counts `n` at `day`: in the past when n is negative.

    For n = 0 the last working day that is not after `day`. ValueError as `add_working_days`, but for n < 0.
    """
    year, place = day.year, _rank(day) + n
    while place > len(_working_days_of(year)):
        place -= len(_working_days_of(year))
        year += 1
    while place < 1:
        year -= 1
        place += len(_working_days_of(year))
    return _working_days_of(year)[place - 1]


def paris_day(moment: datetime) -> date:
    """The date in Paris at `moment`. ValueError for a naive time."""
    return _instant(moment).astimezone(PARIS).date()


def used(intervals: Sequence[Interval], now: datetime) -> int:
    """The working days that the agency has held the ball until `now`, over all its intervals.

    `intervals` is the whole ledger in order of time; gaps are allowed, and nobody's. What it says after `now`
    has not happened yet: a later interval counts nothing, one that ends later counts until `now`.
    ValueError for a naive `now`, or intervals that overlap or are out of order.
    """
    return sum(_days(interval, now) for interval in _held_by_agency(_known(intervals, now)))


def days_left(budget: int, intervals: Sequence[Interval], now: datetime) -> int:
    """The working days that remain of `budget` at `now`; negative when it is overrun by so many.

    It stands still while the agency does not hold the ball. Errors as `used`, and for a negative budget.
    """
    return _budget(budget) - used(intervals, now)


def due_on(budget: int, intervals: Sequence[Interval], now: datetime) -> date | None:
    """The Paris date on which `budget` working days are used up if the ball stays where it is at `now`.

    None while the agency does not hold the ball. A budget that is used up already answers with the day when
    that happened, in the past. A budget of 0 is used up on the day when the agency first gets the ball,
    working day or not. Errors as `used`, for a negative budget, and for a date without a known calendar.
    """
    left = _budget(budget)
    known = _known(intervals, now)
    if not known or known[-1].end is not None or known[-1].holder != Holder.AGENCY:
        return None
    *earlier, current = _held_by_agency(known)
    for interval in earlier:
        days = _days(interval, now)
        if days >= left:
            return add_working_days(paris_day(interval.start), left)
        left -= days
    return add_working_days(paris_day(current.start), left)


def _known(intervals: Sequence[Interval], now: datetime) -> list[Interval]:
    """The ledger as it stood at `now`: only its last interval can be open."""
    for one, following in pairwise(intervals):
        if following.start < one.start:
            raise ValueError(f"intervals out of order: {following.start} is listed after {one.start}")
        if one.end is None or following.start < one.end:
            until = "still open" if one.end is None else f"held until {one.end}"
            raise ValueError(f"intervals overlap: one starts at {following.start}, the one before is {until}")
    moment = _instant(now)
    return [
        replace(interval, end=None) if interval.end is not None and interval.end > moment else interval
        for interval in intervals
        if interval.start <= moment
    ]


def _held_by_agency(intervals: list[Interval]) -> list[Interval]:
    return [interval for interval in intervals if interval.holder == Holder.AGENCY]


def _days(interval: Interval, now: datetime) -> int:
    return working_days(interval.start, now if interval.end is None else interval.end)


def _budget(days: int) -> int:
    if days < 0:
        raise ValueError(f"a budget of working days is not negative: {days}")
    return days


def _instant(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"a time needs its UTC offset: {moment}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"a time beyond any calendar: {moment}") from None


def _rank(day: date) -> int:
    """How many working days its year has up to and including `day`."""
    return bisect_right(_working_days_of(day.year), day)


@cache
def _working_days_of(year: int) -> tuple[date, ...]:
    """The working days of a year, in order. A year costs a millisecond once, then a lookup."""
    # Without a subdivision the library lists metropolitan France without Alsace-Moselle; outside the years
    # that it knows it lists nothing, which would silently make 25 December a working day.
    closed = country_holidays("FR", years=year)
    if not closed:
        raise ValueError(f"the public holidays of the year {year} are not known")
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1))
    return tuple(day for day in days if day.weekday() < 5 and day not in closed)

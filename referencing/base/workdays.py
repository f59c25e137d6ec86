"""Working days in France: which they are, how many lie between two days, which is the n-th; and times as written. Pure.

Days are dates in Europe/Paris, and counting starts the day after: from Friday evening to Monday morning is one
working day, from 9:00 to 18:00 is none.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

PARIS = ZoneInfo("Europe/Paris")
#: A day of the programme lies between these: years such as 0026, 2206 and 9999 are slips of the hand.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


def of_the_programme(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


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
    if in_utc(end) < in_utc(start):
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
    return in_utc(moment).astimezone(PARIS).date()


def in_utc(moment: datetime) -> datetime:
    """`moment` in UTC. ValueError for a naive time, or one beyond any calendar."""
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


def instant(at: datetime) -> str:
    """RFC 3339 in UTC: `2026-03-02T09:00:00.120000Z`, with no fraction where there is none. `at` knows its offset."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"

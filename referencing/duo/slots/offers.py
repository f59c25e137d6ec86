"""The times that an availability gives: slots cut out of its days, by clocks in Paris. Pure."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from referencing.base.workdays import is_working_day

PARIS = ZoneInfo("Europe/Paris")
WEEK = timedelta(days=7)
QUARTER = timedelta(minutes=15)

#: How long before it begins a slot may still be booked, and a session be cancelled by its editor.
NOTICE = timedelta(hours=24)
#: How long before its time a session may be entered and opened, and after it, somebody is waited for.
EARLY = timedelta(minutes=30)
WAITED_FOR = timedelta(minutes=15)
#: How long a slot is kept while an agenda is prepared.
HELD_FOR = timedelta(minutes=20)


class Times(NamedTuple):
    """When a slot begins and ends, in UTC."""

    starts_at: datetime
    ends_at: datetime


def slots(
    first_day: date,
    last_day: date,
    starts_at: time,
    ends_at: time,
    length: timedelta,
    excepted: Collection[date] = (),
) -> Iterator[Times]:
    """Each week on the weekday of `first_day`, until `last_day` included; what does not make a whole slot is left.

    Not on weekends, public holidays or days that are excepted. A slot that the clocks skip or repeat, in the nights
    when they change, is not offered: nobody could say when it is.
    """
    day = first_day
    while day <= last_day:
        if day not in excepted and is_working_day(day):
            yield from _of_day(day, starts_at, ends_at, length)
        day += WEEK


def _of_day(day: date, starts_at: time, ends_at: time, length: timedelta) -> Iterator[Times]:
    start, end = datetime.combine(day, starts_at), datetime.combine(day, ends_at)
    while start + length <= end:
        begins, ends = _instant(start), _instant(start + length)
        if begins is not None and ends is not None and ends - begins == length:
            yield Times(begins, ends)
        start += length


def _instant(wall: datetime) -> datetime | None:
    """The moment at which clocks in Paris show this, or None when they never do, or do twice."""
    first, second = (wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first if first == second else None


def quarters(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """The quarters of an hour that a time takes, whole ones."""
    taken = []
    moment = starts_at
    while moment < ends_at:
        taken.append(moment)
        moment += QUARTER
    return taken


def next_quarter(moment: datetime) -> datetime:
    """The first quarter of an hour that begins at a moment or after it."""
    begun = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return begun if begun == moment else begun + QUARTER

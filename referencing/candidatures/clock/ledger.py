"""How many working days the agency has held a piece of work, and when its budget is used up. Pure.

The answer is derived from a ledger of intervals (who held the ball, from when to when) and from the time that the
caller passes in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from referencing.base.workdays import add_working_days, in_utc, paris_day, working_days


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
        object.__setattr__(self, "start", in_utc(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", in_utc(self.end))
            if self.end < self.start:
                raise ValueError(f"an interval ends ({self.end}) before it starts ({self.start})")


def used(intervals: Sequence[Interval], now: datetime) -> int:
    """The working days that the agency has held the ball until `now`, over all its intervals.

    `intervals` is the whole ledger in order of time; gaps are allowed, and nobody's. What it says after `now`
    has not happened yet: a later interval counts nothing, one that ends later counts until `now`.
    ValueError for a naive `now`, or intervals that overlap or are out of order.
    """
    return sum(_days(interval, now) for interval in _held_by_agency(_until(intervals, now)))


def days_left(budget: int, intervals: Sequence[Interval], now: datetime) -> int:
    """The working days that remain of `budget` at `now`; negative when it is overrun by so many.

    It stands still while the agency does not hold the ball. ValueError as `used`, and for a negative budget.
    """
    return _budget(budget) - used(intervals, now)


def due_on(budget: int, intervals: Sequence[Interval], now: datetime) -> date | None:
    """The Paris date on which `budget` working days are used up if the ball stays where it is at `now`.

    None while the agency does not hold the ball. A budget that is used up already answers with the day when
    that happened, in the past. A budget of 0 is used up on the day when the agency first gets the ball,
    working day or not. ValueError as `used`, for a negative budget, and for a date without a known calendar.
    """
    left = _budget(budget)
    turns = _until(intervals, now)
    if not turns or turns[-1].end is not None or turns[-1].holder != Holder.AGENCY:
        return None
    *earlier, current = _held_by_agency(turns)
    for interval in earlier:
        days = _days(interval, now)
        if days >= left:
            return add_working_days(paris_day(interval.start), left)
        left -= days
    return add_working_days(paris_day(current.start), left)


def _until(intervals: Sequence[Interval], now: datetime) -> list[Interval]:
    """The ledger as it stood at `now`: only its last interval can be open. ValueError as `used`."""
    for interval, following in pairwise(intervals):
        if following.start < interval.start:
            raise ValueError(f"intervals out of order: {following.start} is listed after {interval.start}")
        if interval.end is None or following.start < interval.end:
            until = "still open" if interval.end is None else f"held until {interval.end}"
            raise ValueError(f"intervals overlap: one starts at {following.start}, the one before is {until}")
    moment = in_utc(now)
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

"""Days that are expected as bands on one line of time: from today to the median, then to nine in ten. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

#: Units of the picture's width.
WIDTH = 1000


class Band(NamedTuple):
    """`median` and `p90` are places on the line of time; none where the day is too far to tell."""

    name: str
    median_on: date | None
    p90_on: date | None
    median: float | None
    p90: float | None


class Bands(NamedTuple):
    """`last` is the day at the right end."""

    lines: Sequence[Band]
    last: date


def dated(days: Mapping[str, str | None]) -> dict[str, date | None]:
    """Days that are kept as texts."""
    return {name: date.fromisoformat(text) if text else None for name, text in days.items()}


def bands(day: date, expected: Iterable[tuple[str, Mapping[str, date | None]]]) -> Bands:
    """A band for each name, to one scale: from a day to the last one that is named."""
    read = [(name, days["median_on"], days["p90_on"]) for name, days in expected]
    named = [one for _, *days in read for one in days if one is not None]
    last = max(named, default=day)
    whole = max((last - day).days, 1)

    def place(on: date | None) -> float | None:
        return None if on is None else round(WIDTH * (on - day).days / whole, 1)

    return Bands([Band(name, median, p90, place(median), place(p90)) for name, median, p90 in read], last)

"""Spans of time, joined where they overlap, and how available a platform was by month. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from referencing.base.workdays import PARIS, paris_day

#: From a moment to another; without an end it goes on.
Span = tuple[datetime, datetime | None]
Closed = tuple[datetime, datetime]


def joined(spans: Iterable[Span], now: datetime) -> list[Closed]:
    """The time that any of these spans covers until `now`, in order, none touching another."""
    together: list[Closed] = []
    for start, end in sorted((start, min(end or now, now)) for start, end in spans):
        if end <= start:
            continue
        if together and start <= together[-1][1]:
            together[-1] = (together[-1][0], max(together[-1][1], end))
        else:
            together.append((start, end))
    return together


@dataclass(frozen=True, slots=True)
class Month:
    """How a platform stood in a month, in minutes that do not overlap; `first_day` is that of the month in Paris.

    `available` is the share of the time without planned maintenance in which it was not down; None without such time.
    """

    first_day: date
    watched: int
    down: int
    degraded: int
    maintenance: int

    @property
    def available(self) -> float | None:
        expected = self.watched - self.maintenance
        return round(1 - self.down / expected, 5) if expected > 0 else None


def months(
    down: Sequence[Span],
    maintenance: Sequence[Span],
    degraded: Sequence[Span],
    since: datetime,
    now: datetime,
) -> list[Month]:
    """The last twelve months, the latest first, none before `since`."""
    layers = [joined(spans, now) for spans in (down, (*down, *maintenance), (*down, *maintenance, *degraded))]
    rows = []
    for start, end in _last_months(now):
        begun, ended = max(start, since), min(end, now)
        if end <= since:
            break
        if begun == ended:
            continue
        of_down, with_maintenance, with_all = (_minutes(layer, begun, ended) for layer in layers)
        watched = _minutes([(begun, ended)], begun, ended)
        rows.append(
            Month(paris_day(start), watched, of_down, with_all - with_maintenance, with_maintenance - of_down)
        )
    return rows


def first_month(now: datetime) -> datetime:
    """The beginning of the earliest month that `months` tells of."""
    return list(_last_months(now))[-1][0]


def _last_months(now: datetime) -> Iterator[Closed]:
    first = paris_day(now).replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    for _ in range(12):
        yield _midnight(first), _midnight(following)
        first, following = (first - timedelta(days=1)).replace(day=1), first


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, PARIS)


def _minutes(spans: Iterable[Closed], begun: datetime, ended: datetime) -> int:
    """The whole minutes of spans that lie between two moments."""
    inside = (min(end, ended).timestamp() - max(start, begun).timestamp() for start, end in spans)
    return int(sum(seconds for seconds in inside if seconds > 0) // 60)

"""What was answered in a group of tasks, added up from counts by the time between two bounds. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil

from .periods import Period, midnight


@dataclass(frozen=True, slots=True)
class Bounds:
    """The moments at which a week begins, or the period begins or ends: between two of them all counts alike."""

    mondays: Sequence[date]
    over: Period

    @property
    def moments(self) -> list[datetime]:
        return sorted({self.over.start, self.over.end, *map(midnight, self.mondays)})

    def week_of(self, moment: datetime) -> date | None:
        """The Monday of the last one of these weeks that has begun; None before them."""
        begun = bisect_right([midnight(monday) for monday in self.mondays], moment)
        return self.mondays[begun - 1] if begun else None

    def in_period(self, moment: datetime) -> bool:
        return self.over.start <= moment < self.over.end


@dataclass
class Tally:
    """Tasks answered by week; in the period, by the days used where they are known, and what settled items needed."""

    weeks: Counter[date] = field(default_factory=Counter)
    closed: int = 0
    days: Counter[int] = field(default_factory=Counter)
    settled: int = 0
    verdicts: int = 0

    def add(
        self,
        bounds: Bounds,
        bucket: int,
        days_used: int | None,
        tasks: int,
        settled: int = 0,
        verdicts: int = 0,
    ) -> None:
        """Add tasks that used so many days, answered after so many of the bounds.

        `settled` of them ended with so many verdicts in all.
        """
        since = bounds.moments[bucket - 1]
        monday = bounds.week_of(since)
        if monday is not None:
            self.weeks[monday] += tasks
        if not bounds.in_period(since):
            return
        self.closed += tasks
        if days_used is not None:
            self.days[days_used] += tasks
        self.settled += settled
        self.verdicts += verdicts

    @property
    def average_days(self) -> float | None:
        total = self.days.total()
        return sum(days * tasks for days, tasks in self.days.items()) / total if total else None

    @property
    def p90_days(self) -> int | None:
        """The days that nine tasks in ten took, or fewer, by nearest rank."""
        rank, tasks = ceil(0.9 * self.days.total()), 0
        for days in sorted(self.days):
            tasks += self.days[days]
            if tasks >= rank:
                return days
        return None

    @property
    def rounds_per_item(self) -> float | None:
        return self.verdicts / self.settled if self.settled else None

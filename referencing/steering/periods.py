"""The days between which the queues are looked at: bands of working days, weeks, a period. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from referencing.base.workdays import PARIS

#: How many ISO weeks the throughput is told for, the one that runs included.
WEEKS = 12

#: Working days since a task was opened, from the first of these to the second, both included.
AGES: dict[str, tuple[int, int | None]] = {
    "0-2": (0, 2),
    "3-5": (3, 5),
    "6-10": (6, 10),
    "11-15": (11, 15),
    ">15": (16, None),
}
#: Working days that are left of its budget.
DAYS_LEFT: dict[str, tuple[int | None, int | None]] = {
    "overdue": (None, -1),
    "0-2": (0, 2),
    "3-5": (3, 5),
    "6-10": (6, 10),
    ">10": (11, None),
}


def band_of(bands: Mapping[str, tuple[int | None, int | None]], days: int) -> str:
    """The band in which so many days are. StopIteration where they are in none."""
    return next(
        name
        for name, (fewest, most) in bands.items()
        if (fewest is None or fewest <= days) and (most is None or days <= most)
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Paris, both included."""

    starts_on: date
    ends_on: date

    @property
    def start(self) -> datetime:
        return midnight(self.starts_on)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return midnight(self.ends_on + timedelta(days=1))


def midnight(day: date) -> datetime:
    """The moment at which `day` begins in Paris."""
    return datetime.combine(day, time(), PARIS)


def weeks(today: date) -> list[date]:
    """The Mondays of the last weeks, the present one included, the oldest first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def week_name(monday: date) -> str:
    """The name of a week in ISO 8601, such as 2026-W10."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"

"""Last days: warnings and reminders as they come near, and what a list of due things is narrowed down to. Pure.

Days left are working days: 0 on the last day, negative once it has passed. Any day may be a last day: what ends on a
weekend is overdue on Monday.
"""

from datetime import date, timedelta
from enum import StrEnum

from .workdays import add_working_days, days_until, working_day_at

#: Working days left from which a warning is given and a reminder is due; -1 is the first day late.
LEVELS = SOON, URGENT, OVERDUE = 5, 2, -1


class Alert(StrEnum):
    SOON = "soon"  # 5 working days or fewer are left
    URGENT = "urgent"  # 2 or fewer
    OVERDUE = "overdue"  # the last day has passed


class Due(StrEnum):
    """What a list can be narrowed down to."""

    OVERDUE = "overdue"
    IN_2 = "2"
    IN_5 = "5"


_ALERTS = {SOON: Alert.SOON, URGENT: Alert.URGENT, OVERDUE: Alert.OVERDUE}
_MOST_LEFT = {Due.OVERDUE: OVERDUE, Due.IN_2: URGENT, Due.IN_5: SOON}


def reached_level(days_left: int) -> int | None:
    """The last level that has come; None while more days than the first are left."""
    return min((level for level in LEVELS if days_left <= level), default=None)


def warning(days_left: int) -> Alert | None:
    """The warning that is given with so many days left."""
    level = reached_level(days_left)
    return None if level is None else _ALERTS[level]


def level_on(today: date, last_day: date | None) -> int | None:
    """The level that `last_day` has reached `today`: whoever sets a day so near is not reminded of it at once."""
    return None if last_day is None else reached_level(days_until(last_day, today))


def days_left_to_remind_of(last_day: date | None, reminded: int | None, today: date) -> int | None:
    """The days left until `last_day` when a reminder is due `today`, else None.

    `reminded` is the level of the last reminder, None before the first. Levels that were skipped are never made up.
    """
    level = level_on(today, last_day)
    if last_day is None or level is None or (reminded is not None and level >= reminded):
        return None
    return days_until(last_day, today)


def latest_last_day(due: Due, today: date) -> date:
    """The latest last day, working or not, of what `due` asks for `today`."""
    return add_working_days(working_day_at(today, _MOST_LEFT[due]), 1) - timedelta(days=1)

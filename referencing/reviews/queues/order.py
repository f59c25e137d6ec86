"""Why a task stands where it stands in its queue, and when it becomes worrying. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from referencing.candidatures.clock.workdays import days_until, working_day_at
from referencing.equivalence.engine.explanation import in_french


class Alert(StrEnum):
    SOON = "soon"  # 5 working days or fewer are left
    URGENT = "urgent"  # 2 or fewer
    OVERDUE = "overdue"  # the due date has passed


#: From how many working days left on a warning is given.
SOON, URGENT = 5, 2


class Due(StrEnum):
    """The days left to which a list can be narrowed down."""

    OVERDUE = "overdue"
    IN_2 = "2"
    IN_5 = "5"


_MOST_LEFT = {Due.OVERDUE: -1, Due.IN_2: URGENT, Due.IN_5: SOON}


@dataclass(frozen=True, slots=True)
class Priority:
    """A lead's boost: what it names, why, and until which day (included)."""

    queue: str | None
    chapter: str | None
    dispositif: str | None
    vague: int | None
    candidature: UUID | None
    reason: str
    ends_on: date


def days_left(last_day: date, today: date) -> int:
    """Working days left of a task's budget while the agency holds the ball; negative once it is overrun."""
    return days_until(last_day, today)


def latest(due: Due, today: date) -> date:
    """The latest `last_day` of the tasks that `due` asks for."""
    return working_day_at(today, _MOST_LEFT[due])


def warning(left: int) -> Alert | None:
    """The alert for so many working days left, negative ones included; None while more than five are."""
    if left < 0:
        return Alert.OVERDUE
    if left <= URGENT:
        return Alert.URGENT
    return Alert.SOON if left <= SOON else None


def explain(left: int, priority: Priority | None) -> str:
    """One French line: « 5 jours ouvrés restants ; priorité : DPI, vague 2, jusqu'au 30 juin 2027 (afflux) »."""
    if priority is None:
        return _left(left)
    return (
        f"{_left(left)} ; priorité : {_names_of(priority)}, jusqu'au {in_french(priority.ends_on)} "
        f"({priority.reason})"
    )


def _left(days: int) -> str:
    if days < 0:
        return f"en retard de {_working_days(-days)}"
    return f"{_working_days(days)} restant{'s' if days > 1 else ''}"


def _working_days(days: int) -> str:
    return f"{days} jours ouvrés" if days > 1 else f"{days} jour ouvré"


def _names_of(priority: Priority) -> str:
    names = [
        priority.queue and f"file {priority.queue}",
        priority.dispositif,
        priority.vague and f"vague {priority.vague}",
        priority.chapter and f"chapitre {priority.chapter}",
        priority.candidature and "cette candidature",
    ]
    return ", ".join(one for one in names if one)

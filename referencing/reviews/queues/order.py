"""Why a task stands where it stands in its queue, in words. Pure."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referencing.base.french import counted
from referencing.candidatures.tasks.names import QUEUES
from referencing.equivalence.engine.explanation import in_french


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
        return f"en retard de {counted(-days, 'jour ouvré', 'jours ouvrés')}"
    return counted(days, "jour ouvré restant", "jours ouvrés restants")


def _names_of(priority: Priority) -> str:
    names = [
        priority.queue and f"file « {QUEUES[priority.queue]} »",
        priority.dispositif,
        priority.vague and f"vague {priority.vague}",
        priority.chapter and f"chapitre {priority.chapter}",
        priority.candidature and "cette candidature",
    ]
    return ", ".join(one for one in names if one)

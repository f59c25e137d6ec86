"""What is written of an audit: all of it in its own stream, which no editor reads; what the editor is told, in the
timeline of its dossier as well. And the step of a thing along its table.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.candidatures.clock.workdays import add_working_days, days_until
from referencing.journal.operations import Author, record

from .life import (
    A,
    AuditState,
    ForbiddenStep,
    NonconformityState,
    PlanState,
    S,
    SanctionState,
    Table,
    allowed,
    follow,
)
from .models import Audit

#: What a person reads for a state.
SAID: Mapping[Any, str] = {
    AuditState.PLANNED: "en préparation",
    AuditState.IN_PROGRESS: "en cours",
    AuditState.CONTRADICTORY: "en phase contradictoire",
    AuditState.FOLLOW_UP: "en suivi des plans d'actions",
    AuditState.CLOSED: "clos",
    AuditState.ABANDONED: "abandonné",
    NonconformityState.OPEN: "ouverte",
    NonconformityState.LIFTED: "levée",
    NonconformityState.WITHDRAWN: "retirée",
    PlanState.PROPOSED: "proposé",
    PlanState.ACCEPTED: "accepté",
    PlanState.CARRIED_OUT: "réalisé, à vérifier",
    PlanState.VERIFIED: "vérifié",
    PlanState.REFUSED: "refusé",
    PlanState.WITHDRAWN: "retiré",
    SanctionState.ANNOUNCED: "annoncée",
    SanctionState.ANSWERED: "suivie d'observations",
    SanctionState.APPLIED: "appliquée",
    SanctionState.DROPPED: "abandonnée",
}
#: No deadline is further away, in working days.
LONGEST = 500


def stepped(what: str, table: Table[S, A], state: S, action: A) -> S:
    """The state after an action; `what` is how a person calls the thing. Raises Conflict, with what is possible."""
    try:
        return follow(table, state, action)
    except ForbiddenStep as error:
        possible = ", ".join(sorted(one.value for one in allowed(table, state))) or "aucune"
        raise Conflict(
            f"{what} est à l'état « {SAID[state]} » : « {action.value} » n'est pas possible. "
            f"Actions possibles : {possible}."
        ) from error


def tell(
    session: Session,
    author: Author,
    audit: Audit,
    action: str,
    detail: Mapping[str, Any],
    shown: Mapping[str, Any] | None = None,
) -> None:
    """`shown` is what the editor is told; nothing before the audit is announced."""
    record(session, author, action, f"audit:{audit.id}", detail)
    if shown is not None and audit.opened_at is not None:
        told = {"audit": str(audit.id), **shown}
        record(session, author, action, f"candidature:{audit.candidature_id}", told)


def day_of(session: Session, on: date | None, working_days: int | None, place: str = "/due_on") -> date:
    """The day that somebody named, or so many working days from now. Raises Invalid for one that has passed."""
    day = today(session)
    if on is None:
        return add_working_days(day, working_days or 0)
    if on < day:
        raise Invalid("Cette date est passée.", [FieldError(place, "Donnez un jour à venir.")])
    if on.year > day.year + 3 or days_until(on, day) > LONGEST:
        raise Invalid("Cette date est trop lointaine.", [FieldError(place, "Donnez un jour plus proche.")])
    return on

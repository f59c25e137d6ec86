"""Taking back a rulebook that was published for a later day, before that day."""

from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.states import RULEBOOK, RulebookAction
from referencing.journal.operations import record

from . import queries
from .models import Rulebook


def withdraw_rulebook(session: Session, actor: Actor, rulebook_id: UUID, reason: str) -> Rulebook:
    """Make a published rulebook a draft again. Raises Conflict when it waits for no day, or its day has come."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = queries.rulebook(session, rulebook_id, lock=True)
    day = rulebook.first_day
    if rulebook.scheduled_at is None or day is None:
        raise Conflict("Ce référentiel de règles n'attend aucun jour : il n'y a rien à retirer.")
    if not RULEBOOK.allows(rulebook.phase, RulebookAction.WITHDRAW) or day <= today(session):
        raise Conflict(
            f"Ce référentiel de règles s'applique depuis le {day:%d/%m/%Y} et ne se retire plus : "
            "publiez-en un autre à sa place."
        )
    rulebook.scheduled_at = rulebook.first_day = None
    session.flush()
    detail = {"reason": reason, "valid_from": day.isoformat()}
    record(session, actor, "rulebook.withdrawn", f"rulebook:{rulebook.id}", detail)
    return rulebook

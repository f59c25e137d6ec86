"""Which session somebody asks about, and what they are in it."""

from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import Forbidden
from referencing.base.permissions import Actor, Right

from . import queries
from .models import LiveSession, Participant


def attended(session: Session, actor: Actor, session_id: UUID) -> tuple[LiveSession, Participant]:
    """The session, and the actor as its participant. Raises NotFound, Forbidden for who is not expected in it."""
    live = queries.live_session(session, actor, session_id, Right.TAKE_PART)
    own = next((one for one in live.participants if one.account_id == actor.account_id), None)
    if own is None:
        raise Forbidden("C'est aux personnes attendues dans la séance de le demander : entrez-y d'abord.")
    return live, own

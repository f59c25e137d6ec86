"""Which session somebody asks about, and what they are in it."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.permissions import Actor, Right, authorise, reveal
from referencing.candidatures.models import Candidature
from referencing.catalogue.models import DsrVersion
from referencing.errors import NotFound
from referencing.solutions.models import Configuration

from .models import LiveSession, Participant

UNKNOWN = "Cette séance n'existe pas, ou n'est pas la vôtre."


def followed(session: Session, actor: Actor, session_id: UUID) -> LiveSession:
    """For who follows its dossier: the agency, and the editors of its organisation. Raises NotFound."""
    authorise(actor, Right.FOLLOW_CANDIDATURES)
    live = session.scalar(
        sa.select(LiveSession)
        .where(LiveSession.id == session_id)
        .options(
            joinedload(LiveSession.organisation),
            joinedload(LiveSession.candidature).joinedload(Candidature.version).joinedload(DsrVersion.dsr),
            joinedload(LiveSession.candidature)
            .joinedload(Candidature.configuration)
            .joinedload(Configuration.solution),
            selectinload(LiveSession.participants).joinedload(Participant.account),
        )
    )
    if live is None:
        raise NotFound(UNKNOWN)
    reveal(actor, live.organisation_id, UNKNOWN)
    return live


def attended(session: Session, actor: Actor, session_id: UUID) -> tuple[LiveSession, Participant]:
    """For who is expected in it, and nobody else. Raises NotFound."""
    live = followed(session, actor, session_id)
    own = next((one for one in live.participants if one.account_id == actor.account_id), None)
    if own is None:
        raise NotFound(UNKNOWN)
    return live, own


def hold(session: Session, live: LiveSession) -> LiveSession:
    """The session as it is now, and nobody changes it until the end of the transaction."""
    return session.get_one(LiveSession, live.id, with_for_update=True, populate_existing=True)

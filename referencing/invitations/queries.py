"""Invitations by who may see to them: a lead all of them, a mandataire those of the organisation."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import before, now
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise

from .models import Invitation
from .states import InvitationState, state_at


class Standing(NamedTuple):
    """An invitation, and how it stands now."""

    invitation: Invitation
    state: InvitationState


def standing(session: Session, invitation: Invitation) -> Standing:
    moments = invitation.accepted_at, invitation.revoked_at, invitation.expires_at
    return Standing(invitation, state_at(now(session), *moments))


def invitations(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    organisation: UUID | None = None,
) -> Sequence[Standing]:
    """The invitations that the actor sees to, the latest first; those of one organisation where it is named."""
    wanted = _managed(actor)
    if organisation is not None:
        wanted = wanted.where(Invitation.organisation_id == organisation)
    rows = session.scalars(before(wanted, Invitation.id, cursor).limit(limit))
    return [standing(session, row) for row in rows]


def invitation(session: Session, actor: Actor, invitation_id: UUID, *, lock: bool = False) -> Standing:
    """An invitation that the actor sees to. Raises NotFound."""
    wanted = _managed(actor).where(Invitation.id == invitation_id)
    existing = session.scalar(wanted.with_for_update(of=Invitation) if lock else wanted)
    if existing is None:
        raise NotFound(
            "Cette invitation n'existe pas, ou n'est pas de votre organisation : relisez la liste."
        )
    return standing(session, existing)


def with_token(session: Session, token_digest: str, *, lock: bool = False) -> Standing:
    """The invitation whose link carries this token. Raises NotFound."""
    wanted = _told(sa.select(Invitation)).where(Invitation.token_digest == token_digest)
    existing = session.scalar(wanted.with_for_update(of=Invitation) if lock else wanted)
    if existing is None:
        raise NotFound(
            "Ce lien n'ouvre aucune invitation : ouvrez celui du dernier message reçu, entier, ou demandez à être "
            "invité de nouveau."
        )
    return standing(session, existing)


def sent_within(session: Session, organisation_id: UUID | None, period: timedelta) -> int:
    """How many letters were asked for of the invitations of an organisation that were last sent in this period."""
    recent = sa.select(sa.func.sum(Invitation.sendings)).where(
        Invitation.organisation_id.is_not_distinct_from(organisation_id),
        Invitation.asked_at > now(session) - period,
    )
    return session.scalar(recent) or 0


def _managed(actor: Actor) -> sa.Select[Invitation]:
    authorise(actor, Right.MANAGE_PEOPLE)
    own = actor.own_organisation
    every = _told(sa.select(Invitation))
    return every if own is None else every.where(Invitation.organisation_id == own)


def _told(select: sa.Select[Invitation]) -> sa.Select[Invitation]:
    return select.options(joinedload(Invitation.organisation), joinedload(Invitation.inviter))

"""Inviting somebody by their address, again, and no longer."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.operations import function_of, organisation_named
from referencing.accounts.people.operations import place_of, refuse_wider
from referencing.accounts.sessions.operations import digest
from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, FieldError, Invalid, TooMany
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Function, Role
from referencing.journal.operations import Author, record
from referencing.mail.models import Outcome

from . import queries
from .models import Invitation
from .queries import Standing
from .states import INVITATION, InvitationAction

#: Letters of one organisation in a day: whoever does not want them is not flooded.
MOST_LETTERS = 200
DAY = timedelta(days=1)
_PROGRAM = "Une intégration est un programme, qui ne lit pas de courriel : ouvrez son compte."


@dataclass(frozen=True, slots=True)
class Terms:
    """How long an invitation is good for, and whether it goes by e-mail or its link is handed over by who invites."""

    valid: timedelta
    by_mail: bool


def invite(
    session: Session,
    actor: Actor,
    terms: Terms,
    address: str,
    role: Role,
    function: Function | None = None,
    organisation: str | None = None,
) -> tuple[Standing, str | None]:
    """Invite whoever reads this address; answer the invitation, and its token where no e-mail is sent.

    Nothing is said of whether somebody of this address is known already. Raises Forbidden outside the actor's walls
    and for a key that opens less than the account, Invalid, Conflict where the address is invited there already,
    TooMany.
    """
    where = place_of(session, actor, role, organisation, function)
    if role is Role.INTEGRATION:
        raise Invalid(_PROGRAM, [FieldError("/role", _PROGRAM)])
    function = function_of(role, where, function)
    owner = organisation_named(session, actor, where) if where is not None else None
    invitation = Invitation(
        id=new_id(), address=address, role=role, function=function, organisation=owner, sendings=0
    )
    token = _send(session, actor, terms, invitation)
    session.add(invitation)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            "Cette adresse est déjà invitée ici : renvoyez son invitation, ou révoquez-la."
        ) from error
    _record(session, actor, "invitation.made", invitation)
    return queries.standing(session, invitation), token


def resend(session: Session, actor: Actor, terms: Terms, invitation_id: UUID) -> tuple[Standing, str | None]:
    """Send another link, the one before serves no more; from now on the actor is who invites.

    Raises as `revoke` does, Forbidden for a key that opens less than the account, TooMany.
    """
    invitation = _to_change(session, actor, invitation_id, InvitationAction.RESEND)
    token = _send(session, actor, terms, invitation)
    _record(session, actor, "invitation.resent", invitation)
    return queries.standing(session, invitation), token


def revoke(session: Session, actor: Actor, invitation_id: UUID) -> Standing:
    """From now on its link opens nothing.

    Raises NotFound, Forbidden for one of a mandataire by delegation, Conflict for one that was accepted or revoked.
    """
    invitation = _to_change(session, actor, invitation_id, InvitationAction.REVOKE)
    invitation.revoked_at = now(session)
    _record(session, actor, "invitation.revoked", invitation)
    return queries.standing(session, invitation)


def refuse_outside(session: Session, actor: Actor, invitation: Invitation) -> None:
    """Raises Forbidden where the actor may open no account such as is given by the invitation."""
    owner = invitation.organisation.name if invitation.organisation else None
    place_of(session, actor, invitation.role, owner, invitation.function)


def new_token(invitation: Invitation) -> str:
    """The token of a new link to an invitation, which keeps its digest."""
    token = secrets.token_urlsafe(32)
    invitation.token_digest = digest(token)
    return token


def _to_change(session: Session, actor: Actor, invitation_id: UUID, action: InvitationAction) -> Invitation:
    invitation, state = queries.invitation(session, actor, invitation_id, lock=True)
    refuse_outside(session, actor, invitation)
    INVITATION.follow("L'invitation", state, action, actor)
    return invitation


def _send(session: Session, actor: Actor, terms: Terms, invitation: Invitation) -> str | None:
    """Have a letter sent; where no e-mail is, answer the token for who invites to hand over.

    Raises Forbidden for a key that opens less than the account, TooMany.
    """
    refuse_wider(actor, invitation.role, invitation.function)
    owner = invitation.organisation.id if invitation.organisation else None
    if terms.by_mail and queries.sent_within(session, owner, DAY) >= MOST_LETTERS:
        raise TooMany(
            "Trop d'invitations sont parties aujourd'hui : continuez demain.", int(DAY.total_seconds())
        )
    invitation.inviter = session.get_one(Account, actor.account_id)
    invitation.asked_at = now(session)
    invitation.expires_at = now(session) + terms.valid
    invitation.sendings += 1
    invitation.attempts = 0
    if not terms.by_mail:
        invitation.outcome = Outcome.NO_SERVER
        return new_token(invitation)
    invitation.outcome, invitation.token_digest = Outcome.WAITING, None
    sending = str(invitation.sendings)
    enqueue(session, "send_invitation", invitation_id=str(invitation.id), sending=sending)
    return None


def _record(session: Session, author: Author, action: str, invitation: Invitation) -> None:
    """The journal, which is for ever, holds neither the address nor the link."""
    detail = {
        "role": invitation.role.value,
        "function": invitation.function and invitation.function.value,
        "organisation": invitation.organisation and invitation.organisation.name,
    }
    record(session, author, action, f"invitation:{invitation.id}", detail)

"""Sending the letter of an invitation. The token of its link exists in the letter alone."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.jobs import enqueue
from referencing.mail.message import Words
from referencing.mail.models import Outcome
from referencing.mail.operations import PAUSES, hand_over
from referencing.mail.relay import Relay

from . import letter
from .models import Invitation
from .operations import new_token
from .queries import standing
from .states import InvitationState


def send_invitation(
    session: Session, invitation_id: str, sending: str, *, relay: Relay | None, public_url: str | None
) -> None:
    """Give the letter to the SMTP server, unless the invitation is no longer open or another letter was asked for.

    Each attempt has a link of its own: of two letters that arrive after a failure, the later one serves.
    """
    invitation = session.scalar(
        sa.select(Invitation).where(Invitation.id == UUID(invitation_id)).with_for_update()
    )
    if invitation is None or invitation.sendings != int(sending) or invitation.outcome is not Outcome.WAITING:
        return
    if standing(session, invitation).state is not InvitationState.OPEN:
        invitation.outcome = Outcome.ABANDONED
    elif relay is None or public_url is None:
        invitation.outcome = Outcome.NO_SERVER
    else:
        outcome = hand_over(relay, _words(session, invitation, relay, public_url))
        invitation.outcome = outcome or _try_again_later(session, invitation)


def _try_again_later(session: Session, invitation: Invitation) -> Outcome:
    if invitation.attempts >= len(PAUSES):
        return Outcome.ABANDONED
    enqueue(
        session,
        "send_invitation",
        delay=PAUSES[invitation.attempts],
        invitation_id=str(invitation.id),
        sending=str(invitation.sendings),
    )
    invitation.attempts += 1
    return Outcome.WAITING


def _words(session: Session, invitation: Invitation, relay: Relay, public_url: str) -> Words:
    place = invitation.organisation.name if invitation.organisation else "l'agence"
    post = letter.post(invitation.role, invitation.function)
    address = letter.link(public_url, new_token(invitation))
    return Words(
        letter_id=new_id(),
        written_at=now(session),
        sender=relay.sender,
        recipient=invitation.address,
        name="",
        subject=letter.SUBJECT,
        text=letter.text(invitation.inviter.name, place, post, invitation.expires_at, address),
    )

"""The life of an invitation. Pure."""

from datetime import datetime
from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class InvitationState(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class InvitationAction(StrEnum):
    ACCEPT = "accept"  # by whoever has the link
    RESEND = "resend"  # with another link; the one before serves no more
    REVOKE = "revoke"


INVITATION = Lifecycle(
    {
        (InvitationState.OPEN, InvitationAction.ACCEPT): InvitationState.ACCEPTED,
        (InvitationState.OPEN, InvitationAction.RESEND): InvitationState.OPEN,
        (InvitationState.EXPIRED, InvitationAction.RESEND): InvitationState.OPEN,
        (InvitationState.OPEN, InvitationAction.REVOKE): InvitationState.REVOKED,
        (InvitationState.EXPIRED, InvitationAction.REVOKE): InvitationState.REVOKED,
    },
    {
        InvitationState.OPEN: "en cours",
        InvitationState.EXPIRED: "expirée",
        InvitationState.ACCEPTED: "acceptée",
        InvitationState.REVOKED: "révoquée",
    },
    {InvitationAction.RESEND: "renvoyer", InvitationAction.REVOKE: "révoquer"},
    {InvitationAction.RESEND: Right.MANAGE_PEOPLE, InvitationAction.REVOKE: Right.MANAGE_PEOPLE},
)


def state_at(
    moment: datetime, accepted_at: datetime | None, revoked_at: datetime | None, expires_at: datetime
) -> InvitationState:
    """How an invitation stands at a moment, by the moments of its life."""
    if accepted_at is not None:
        return InvitationState.ACCEPTED
    if revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.OPEN if moment < expires_at else InvitationState.EXPIRED

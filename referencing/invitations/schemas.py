"""Invitations as the API takes and shows them."""

from marshmallow import fields

from referencing.accounts.people.schemas import OrganisationOut, PostIn
from referencing.accounts.people.states import beyond_delegation, beyond_key
from referencing.accounts.schemas import Mailbox
from referencing.base.permissions import Actor, Function, Role
from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.mail.models import Outcome
from referencing.web.pages import PageArguments

from .queries import Standing
from .states import INVITATION, InvitationAction, InvitationState


class ColleagueIn(Schema):
    address = Mailbox(required=True)
    function = one_of(Function, required=True)


class InvitationIn(PostIn):
    address = Mailbox(required=True)


class AcceptanceIn(Schema):
    name = text(200)


def _hindered(standing: Standing, reader: Actor, action: InvitationAction) -> bool:
    """Whether what is invited to is beyond its reader's delegation, or a new link to it beyond their key."""
    role, function = standing.invitation.role, standing.invitation.function
    return beyond_delegation(reader, function) or (
        action is InvitationAction.RESEND and beyond_key(reader, role, function)
    )


class InvitationOut(Schema):
    id = fields.UUID(attribute="invitation.id")
    address = fields.String(attribute="invitation.address")
    role = one_of(Role, attribute="invitation.role")
    function = one_of(
        Function,
        attribute="invitation.function",
        allow_none=True,
        metadata={"description": "of an editor's person; else null"},
    )
    organisation = fields.Nested(
        OrganisationOut,
        attribute="invitation.organisation",
        allow_none=True,
        metadata={"description": "null for the agency"},
    )
    state = one_of(InvitationState)
    letter = one_of(
        Outcome,
        attribute="invitation.outcome",
        metadata={"description": "what became of the last letter; `no_server` where the link is handed over"},
    )
    invited_by = fields.String(attribute="invitation.inviter.name")
    created_at = time(attribute="invitation.created_at")
    expires_at = time(attribute="invitation.expires_at")
    accepted_at = time(attribute="invitation.accepted_at", allow_none=True)
    revoked_at = time(attribute="invitation.revoked_at", allow_none=True)
    account = fields.UUID(
        attribute="invitation.account_id", allow_none=True, metadata={"description": "that was taken by it"}
    )
    actions = possible_actions(
        INVITATION,
        "/invitations/{invitation}",
        {"resend": "POST /sending", "revoke": "POST /revocation"},
        hindered=_hindered,
    )


class SentInvitationOut(InvitationOut):
    """With its link, where no e-mail is sent: who invites hands it over."""

    link = fields.String(
        allow_none=True,
        metadata={
            "description": "shown this once; null where a letter carries it, and to a repeated request"
        },
    )


class InvitationsArguments(PageArguments):
    organisation = fields.UUID(load_default=None)

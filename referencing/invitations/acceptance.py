"""Taking the account that one is invited to: by a name of one's own, or as who an issuer says that one is.

The link is the proof: an issuer may know its person by another address.
"""

from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.openid.claims import Identity
from referencing.accounts.openid.operations import welcome
from referencing.accounts.operations import actor_of, open_account, set_email
from referencing.accounts.sessions.operations import digest
from referencing.base.db import now
from referencing.base.errors import Conflict, Forbidden, Gone
from referencing.journal.operations import record

from .models import Invitation
from .operations import refuse_outside
from .queries import with_token
from .states import InvitationState

#: Why a link opens nothing any more, and what to do instead.
_ENDED = {
    InvitationState.EXPIRED: "Cette invitation a expiré : demandez à qui vous a invité de la renvoyer.",
    InvitationState.ACCEPTED: "Cette invitation a déjà servi : connectez-vous. Si ce n'était pas vous, dites-le à qui "
    "vous a invité.",
    InvitationState.REVOKED: "Cette invitation a été retirée : adressez-vous à qui vous a invité.",
}
_INVITER_LEFT = (
    "Qui vous a invité ne gère plus les comptes : demandez une nouvelle invitation à votre organisation "
    "ou à l'agence."
)


def invited(session: Session, token: str, *, lock: bool = False) -> Invitation:
    """The open invitation whose link carries this token.

    Raises NotFound, Gone, Conflict once its author left or may open no such account any more.
    """
    invitation, state = with_token(session, digest(token), lock=lock)
    if state in _ENDED:
        raise Gone(_ENDED[state])
    if invitation.inviter.disabled_at is not None:
        raise Conflict(_INVITER_LEFT)
    try:
        refuse_outside(session, actor_of(session, invitation.inviter), invitation)
    except Forbidden as error:
        raise Conflict(_INVITER_LEFT) from error
    return invitation


def accept_by_name(session: Session, token: str, name: str) -> tuple[Account, str]:
    """Take the account by a name; answer it and its first key. Raises as `invited` does, Conflict for a taken name."""
    invitation = invited(session, token, lock=True)
    author = actor_of(session, invitation.inviter)
    place = invitation.organisation.name if invitation.organisation else None
    account, key = open_account(session, author, name, invitation.role, place, invitation.function)
    _accept(session, invitation, account)
    return account, key


def accept_by_identity(session: Session, token: str, who: Identity) -> Account:
    """Take the account as who an issuer vouches for. Raises as `invited` does, Conflict where they have one there."""
    invitation = invited(session, token, lock=True)
    author = actor_of(session, invitation.inviter)
    account = welcome(session, author, who, invitation.role, invitation.organisation, invitation.function)
    _accept(session, invitation, account)
    return account


def _accept(session: Session, invitation: Invitation, account: Account) -> None:
    """The address is where the account's letters go from now on: whoever has the link reads what is sent there."""
    invitation.accepted_at, invitation.account_id = now(session), account.id
    who = actor_of(session, account)
    set_email(session, who, invitation.address)
    record(session, who, "invitation.accepted", f"invitation:{invitation.id}", {"account": str(account.id)})

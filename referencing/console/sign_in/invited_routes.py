"""What the link of an invitation opens: who invites, to what, and the way in."""

from flask import Blueprint
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, Forbidden
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.invitations import letter
from referencing.invitations.acceptance import accept_by_name, invited
from referencing.invitations.schemas import AcceptanceIn
from referencing.web.requests import transaction

from .entering import trusted_issuers

blueprint = Blueprint("invited", __name__)


@blueprint.get("/invitation/<token>")
def show(token: str) -> Response:
    """How it is accepted: at an issuer where one is trusted, else by a name. Raises as `invited` does."""
    return _page(token, BLANK)


@blueprint.post("/invitation/<token>")
def accept(token: str) -> Response:
    """Open the account, and show its first key, this once."""
    try:
        if trusted_issuers():
            raise Forbidden("Acceptez cette invitation avec votre identité professionnelle.")
        name = load(AcceptanceIn(), words("name"))["name"]
        with transaction() as session:
            account, secret = accept_by_name(session, token, name)
            return page("people/shown_once.html", 201, reader=None, account=account, secret=secret)
    except DomainError as error:
        return _page(token, refused(error), error.status)


def _page(token: str, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        invitation = invited(session, token)
        return page(
            "sign_in/invited.html",
            status,
            reader=None,
            invitation=invitation,
            post=letter.post(invitation.role, invitation.function),
            token=token,
            issuers=trusted_issuers(),
            typed=typed,
        )

"""Who is invited by e-mail, for leads and for the mandataire of their organisation."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts.people.states import beyond_delegation
from referencing.base.errors import DomainError
from referencing.base.permissions import Role
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.invitations import letter, operations, queries
from referencing.invitations.queries import Standing
from referencing.invitations.routes import shown_link, terms
from referencing.invitations.schemas import InvitationIn
from referencing.invitations.states import INVITATION, InvitationAction
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from .routes import roles_for

blueprint = Blueprint("invitations", __name__)

#: How many are on a page.
MOST = 50


@blueprint.get("/personnes/invitations")
def show_invitations() -> Response:
    """The invitations, the latest first, and the form of another one."""
    return _page(BLANK)


@blueprint.post("/personnes/invitations")
def invite() -> Response:
    """Invite an address."""
    try:
        # The form offers a function that counts for a person of an editor alone.
        function = ["function"] if request.form.get("role") == Role.EDITOR else []
        said = load(InvitationIn(), words("address", "role", "organisation", *function))
        with transaction() as session:
            return _sent(*operations.invite(session, actor(), terms(), **said))
    except DomainError as error:
        return _page(refused(error), error.status)


@blueprint.post("/personnes/invitations/<uuid:invitation>/envoi")
def resend(invitation: UUID) -> Response:
    """Send it again, with another link."""
    try:
        with transaction() as session:
            return _sent(*operations.resend(session, actor(), terms(), invitation))
    except DomainError as error:
        return _page(refused(error), error.status)


@blueprint.post("/personnes/invitations/<uuid:invitation>/fin")
def revoke(invitation: UUID) -> Response:
    """Take it back."""
    try:
        with transaction() as session:
            operations.revoke(session, actor(), invitation)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for(".show_invitations", fait="fin"), 303)


def _sent(standing: Standing, token: str | None) -> Response:
    """The list; or the link, this once, for who hands it over."""
    if token is None:
        return redirect(url_for(".show_invitations", fait="envoi"), 303)
    address = standing.invitation.address
    return page("people/link_once.html", 201, address=address, link=shown_link(token))


def _page(typed: Typed, status: int = 200) -> Response:
    asked = listed(MOST)
    with transaction() as session:
        rows = queries.invitations(session, actor(), id_cursor(asked), MOST + 1)
        kept, following = asked.of(rows, lambda row: [row.invitation.id])
        return page(
            "people/invitations.html",
            status,
            invitations=[(row, _open_to_reader(row)) for row in kept],
            states=INVITATION.states,
            post=letter.post,
            by_mail=terms().by_mail,
            roles=[role for role in roles_for(actor()) if role is not Role.INTEGRATION],
            following=following and url_for(".show_invitations", cursor=following),
            typed=typed,
        )


def _open_to_reader(standing: Standing) -> list[InvitationAction]:
    beyond = beyond_delegation(actor(), standing.invitation.function)
    return INVITATION.open_to(actor(), standing.state, lambda _: beyond)

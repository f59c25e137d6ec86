"""Who waits to be accepted, for leads and for the mandataire of their organisation."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts.openid import operations, queries
from referencing.accounts.openid.schemas import NewcomerAcceptanceIn, NewcomerRefusalIn
from referencing.accounts.people.queries import colleagues
from referencing.base.errors import DomainError
from referencing.base.permissions import Role
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from .routes import roles_for

blueprint = Blueprint("newcomers", __name__)

#: How many are on a page, and how many accounts are offered to be linked.
MOST, OFFERED = 50, 200


@blueprint.get("/personnes/en-attente")
def show_newcomers() -> Response:
    """Who signed in and has no account yet."""
    asked = listed(MOST)
    with transaction() as session:
        rows = queries.newcomers(session, actor(), id_cursor(asked), MOST + 1)
        kept, following = asked.of(rows, lambda row: [row.id])
        more = following and url_for(".show_newcomers", cursor=following)
        return page("people/newcomers.html", newcomers=kept, following=more)


@blueprint.get("/personnes/en-attente/<uuid:newcomer>")
def show_newcomer(newcomer: UUID) -> Response:
    """Somebody who waits, and what they can be given."""
    return _page(newcomer, BLANK)


@blueprint.post("/personnes/en-attente/<uuid:newcomer>/accueil")
def accept(newcomer: UUID) -> Response:
    """Open an account for them, or give them one that is there."""
    try:
        said = load(NewcomerAcceptanceIn(), words(*_acceptance_fields()))
        with transaction() as session:
            operations.accept(session, actor(), newcomer, **said)
    except DomainError as error:
        return _page(newcomer, refused(error), error.status)
    return redirect(url_for("console.newcomers.show_newcomers", fait="accueil"), 303)


@blueprint.post("/personnes/en-attente/<uuid:newcomer>/refus")
def refuse(newcomer: UUID) -> Response:
    """Say no, and why."""
    try:
        reason = load(NewcomerRefusalIn(), words("reason"))["reason"]
        with transaction() as session:
            operations.refuse(session, actor(), newcomer, reason)
    except DomainError as error:
        return _page(newcomer, refused(error), error.status)
    return redirect(url_for("console.newcomers.show_newcomers", fait="refus"), 303)


def _acceptance_fields() -> tuple[str, ...]:
    """The fields of the form that count: with an account that is there, its defaults for a new one do not."""
    if request.form.get("account"):
        return "account", "role"
    return "name", "role", "function", "organisation"


def _page(newcomer: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        waiting = queries.newcomer(session, actor(), newcomer)
        organisation = queries.organisation_of(session, waiting.siren)
        return page(
            "people/newcomer.html",
            status,
            newcomer=waiting,
            organisation=organisation,
            roles=[role for role in roles_for(actor()) if (role is Role.INTEGRATION) == waiting.machine],
            accounts=colleagues(session, actor(), waiting.siren, OFFERED),
            typed=typed,
        )

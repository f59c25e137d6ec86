"""The accounts and organisations that one manages: a lead all of them, a mandataire those of the organisation."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts.keys.queries import keys
from referencing.accounts.people import operations, queries
from referencing.accounts.people.schemas import (
    AccountIn,
    AccountsArguments,
    DelegationIn,
    FunctionIn,
    SirenIn,
)
from referencing.accounts.sessions.queries import sessions_of
from referencing.base.db import today
from referencing.base.errors import DomainError, Invalid
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Right, Role, authorise, may
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, mistaken, narrowing, refused, words
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("people", __name__)

#: How many accounts, organisations or keys are on a page, and how many browsers are shown.
MOST = 50


@blueprint.get("/personnes")
def find() -> Response:
    """The accounts that one manages, those that are open where nothing else is asked for."""
    chosen = {
        **narrowing("q", "role", "organisation"),
        "closed": request.args.get("closed", "false"),  # empty for all
    }
    try:
        narrowed = load(AccountsArguments(), chosen)
    except Invalid as error:
        return _list(chosen, {"closed": False}, mistaken(chosen, error), 422)
    return _list(chosen, {name: narrowed[name] for name in ("q", "role", "organisation", "closed")}, BLANK)


def _list(chosen: dict[str, Any], narrowed: dict[str, Any], typed: Typed, status: int = 200) -> Response:
    asked = listed(MOST)
    with transaction() as session:
        rows = queries.accounts(session, actor(), id_cursor(asked), MOST + 1, **narrowed)
        kept, following = asked.of(rows, lambda row: [row.id])
        named = narrowed.get("organisation")
        return page(
            "people/list.html",
            status,
            accounts=kept,
            following=following and url_for(".find", cursor=following, **chosen),
            chosen=chosen,
            organisation=named and queries.organisation(session, actor(), named),
            roles=roles_for(actor()),
            typed=typed,
        )


@blueprint.get("/personnes/organisations")
def list_organisations() -> Response:
    """The organisations, in the order in which they came."""
    asked = listed(MOST)
    with transaction() as session:
        rows = queries.organisations(session, actor(), id_cursor(asked), MOST + 1)
        kept, following = asked.of(rows, lambda row: [row.id])
        more = following and url_for(".list_organisations", cursor=following)
        return page("people/organisations.html", organisations=kept, following=more)


@blueprint.get("/personnes/organisations/<uuid:organisation>")
def show_organisation(organisation: UUID) -> Response:
    """An organisation, and its SIREN."""
    return _organisation_page(organisation, BLANK)


@blueprint.post("/personnes/organisations/<uuid:organisation>/siren")
def set_siren(organisation: UUID) -> Response:
    """Say its SIREN, once it was checked."""
    try:
        siren = load(SirenIn(), words("siren"))["siren"]
        with transaction() as session:
            operations.set_siren(session, actor(), organisation, siren)
    except DomainError as error:
        return _organisation_page(organisation, refused(error), error.status)
    return redirect(url_for(".show_organisation", organisation=organisation, fait="siren"), 303)


def _organisation_page(organisation: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        existing = queries.organisation(session, actor(), organisation)
        return page("people/organisation.html", status, organisation=existing, typed=typed)


@blueprint.get("/personnes/nouveau")
def show_opening() -> Response:
    """The form of a new account."""
    return _opening_page(BLANK)


@blueprint.post("/personnes/nouveau")
def open_account() -> Response:
    """Open an account, and show its first key, this once."""
    try:
        # The form offers a function that counts for a person of an editor alone.
        function = ["function"] if request.form.get("role") == Role.EDITOR else []
        said = load(AccountIn(), words("name", "role", "organisation", *function))
        with transaction() as session:
            account, secret = operations.open_account(session, actor(), **said)
            return page("people/shown_once.html", 201, account=account, secret=secret)
    except DomainError as error:
        return _opening_page(refused(error), error.status)


def _opening_page(typed: Typed, status: int = 200) -> Response:
    authorise(actor(), Right.MANAGE_PEOPLE)
    return page("people/opening.html", status, roles=roles_for(actor()), typed=typed)


def roles_for(reader: Actor) -> list[Role]:
    """The roles that this reader may give."""
    return [role for role in Role if reader.of_agency or role in OF_AN_ORGANISATION]


@blueprint.get("/personnes/<uuid:account>")
def show(account: UUID) -> Response:
    """An account: what it is, its keys and its browsers."""
    return account_page(account, BLANK)


@blueprint.post("/personnes/<uuid:account>/fonction")
def change_function(account: UUID) -> Response:
    """Give them another function."""
    try:
        said = load(FunctionIn(), words("function", "reason"))
        with transaction() as session:
            operations.change_function(session, actor(), account, **said)
    except DomainError as error:
        return account_page(account, refused(error), error.status)
    return redirect(url_for(".show", account=account, fait="fonction"), 303)


@blueprint.post("/personnes/<uuid:account>/delegation")
def delegate(account: UUID) -> Response:
    """Let them manage the people of the organisation for a time."""
    try:
        said = load(DelegationIn(), words("starts_on", "ends_on"))
        with transaction() as session:
            operations.delegate(session, actor(), account, **said)
    except DomainError as error:
        return account_page(account, refused(error), error.status)
    return redirect(url_for(".show", account=account, fait="delegation"), 303)


@blueprint.post("/personnes/<uuid:account>/delegation/fin")
def end_delegation(account: UUID) -> Response:
    """End that before its last day."""
    try:
        with transaction() as session:
            operations.end_delegation(session, actor(), account)
    except DomainError as error:
        return account_page(account, refused(error), error.status)
    return redirect(url_for(".show", account=account, fait="fin"), 303)


@blueprint.post("/personnes/<uuid:account>/fermeture")
def close(account: UUID) -> Response:
    """Close it for good, once it was said that this is meant."""
    try:
        if not request.form.get("meant"):
            raise Invalid("Cochez la case : un compte fermé ne se rouvre pas.")
        with transaction() as session:
            operations.close_account(session, actor(), account)
    except DomainError as error:
        return account_page(account, refused(error), error.status)
    return redirect(url_for(".show", account=account, fait="fermeture"), 303)


@blueprint.post("/personnes/<uuid:account>/sessions/<uuid:browser>/fin")
def end_session(account: UUID, browser: UUID) -> Response:
    """Sign one of their browsers out."""
    with transaction() as session:
        operations.end_session(session, actor(), account, browser)
    return redirect(url_for(".show", account=account, fait="session"), 303)


def account_page(account: UUID, typed: Typed, status: int = 200) -> Response:
    """The page of an account that one manages. Raises NotFound."""
    asked = listed(MOST)
    with transaction() as session:
        managed = queries.account(session, actor(), account)
        rows = keys(session, managed.id, id_cursor(asked), MOST + 1)
        kept, following = asked.of(rows, lambda row: [row.id])
        return page(
            "people/account.html",
            status,
            account=managed,
            keys=kept,
            following=following and url_for("console.people.show", account=account, cursor=following),
            browsers=sessions_of(session, managed.id, None, MOST),
            today=today(session),
            may_delegate=may(actor(), Right.DELEGATE),
            may_erase=may(actor(), Right.ERASE_PEOPLE),
            typed=typed,
        )

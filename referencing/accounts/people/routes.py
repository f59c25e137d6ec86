"""Accounts, organisations and keys over HTTP, for those who manage them, and one's own keys."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.accounts.keys import queries as keys
from referencing.accounts.keys import schemas as key_schemas
from referencing.accounts.models import Account
from referencing.accounts.sessions.queries import sessions_of
from referencing.accounts.sessions.schemas import BrowserSessionOut
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, answer_once, transaction

from . import operations, queries, schemas

blueprint = Blueprint("people", __name__, url_prefix="/api/v1", description="People, organisations and keys")

_WITHHELD = (
    "Cette clé a été faite et montrée une seule fois, à la première demande : si vous ne l'avez pas reçue, "
    "révoquez-la et faites-en une autre."
)

_organisation = shape(schemas.OrganisationOut)
_key = shape(key_schemas.KeyOut)
_session = shape(BrowserSessionOut)


@blueprint.route("/organisations")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.OrganisationOut))
def list_organisations(arguments: dict[str, Page]) -> Response:
    """The organisations: for a lead all of them, for a mandataire one's own."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.organisations(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([_organisation(row) for row in shown], following)


@blueprint.route("/organisations/<uuid:organisation>/siren", methods=["PUT"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(schemas.SirenIn)
@blueprint.response(200, schemas.OrganisationOut)
def set_siren(words: dict[str, str], organisation: UUID) -> Response:
    """Say the SIREN of an organisation, whose last digit is checked: for the agency alone."""
    with transaction() as session:
        return answer(_organisation(operations.set_siren(session, actor(), organisation, words["siren"])))


@blueprint.route("/accounts")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(schemas.AccountsArguments, location="query")
@blueprint.response(200, page_of(schemas.AccountOut))
def list_accounts(arguments: dict[str, Any]) -> Response:
    """The accounts that one manages, closed ones included."""
    page: Page = arguments["page"]
    narrowed = {name: arguments[name] for name in ("q", "role", "organisation", "closed")}
    with transaction() as session:
        rows = queries.accounts(session, actor(), id_cursor(page), page.limit + 1, **narrowed)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([_account(row) for row in shown], following)


@blueprint.route("/accounts", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@tells(LOCATION)
@blueprint.arguments(schemas.AccountIn)
@blueprint.response(201, schemas.NewAccountOut)
def open_account(words: dict[str, Any]) -> Response:
    """Open an account; its first key is in this answer, and nowhere else."""
    with transaction() as session:
        account, key = operations.open_account(session, actor(), **words)
        location = {"Location": f"/api/v1/accounts/{account.id}"}
        return _with_key(_account(account), key, location)


@blueprint.route("/accounts/<uuid:account>")
@needs(Right.MANAGE_PEOPLE)
@blueprint.response(200, schemas.AccountOut)
def read_account(account: UUID) -> Response:
    """One of the accounts that one manages."""
    with transaction() as session:
        return answer(_account(queries.account(session, actor(), account)))


@blueprint.route("/accounts/<uuid:account>/function", methods=["PUT"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(schemas.FunctionIn)
@blueprint.response(200, schemas.AccountOut)
def change_function(words: dict[str, Any], account: UUID) -> Response:
    """Give an editor's person another function; a lead says why. Their browsers are signed out."""
    with transaction() as session:
        return answer(_account(operations.change_function(session, actor(), account, **words)))


@blueprint.route("/accounts/<uuid:account>/delegation", methods=["PUT"])
@needs(Right.DELEGATE)
@blueprint.arguments(schemas.DelegationIn)
@blueprint.response(200, schemas.AccountOut)
def delegate(words: dict[str, Any], account: UUID) -> Response:
    """Let somebody of one's organisation manage its people for a time, which ends by itself."""
    with transaction() as session:
        return answer(_account(operations.delegate(session, actor(), account, **words)))


@blueprint.route("/accounts/<uuid:account>/delegation", methods=["DELETE"])
@needs(Right.DELEGATE)
@blueprint.response(204)
def end_delegation(account: UUID) -> Response:
    """End a delegation before its last day, at once."""
    with transaction() as session:
        operations.end_delegation(session, actor(), account)
        return Response(status=204)


@blueprint.route("/accounts/<uuid:account>/closing", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.response(200, schemas.AccountOut)
def close_account(account: UUID) -> Response:
    """Close an account for good: its access ends at once, what it did stays in its name."""
    with transaction() as session:
        return answer(_account(operations.close_account(session, actor(), account)))


@blueprint.route("/accounts/<uuid:account>/keys")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(key_schemas.KeyOut))
def list_keys_of_account(arguments: dict[str, Page], account: UUID) -> Response:
    """The keys of an account that one manages, revoked ones included."""
    return _keys(arguments["page"], account)


@blueprint.route("/accounts/<uuid:account>/keys", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(key_schemas.KeyIn)
@blueprint.response(201, key_schemas.NewKeyOut)
def add_key_of_account(words: dict[str, Any], account: UUID) -> Response:
    """Make a key for an account that one manages; its words are in this answer, and nowhere else."""
    return _added(account, words)


@blueprint.route("/accounts/<uuid:account>/keys/<uuid:key>", methods=["PATCH"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(key_schemas.KeyNameIn)
@blueprint.response(200, key_schemas.KeyOut)
def rename_key_of_account(words: dict[str, str], account: UUID, key: UUID) -> Response:
    """Give a key another name."""
    return _renamed(account, key, words["name"])


@blueprint.route("/accounts/<uuid:account>/keys/<uuid:key>", methods=["DELETE"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.response(204)
def revoke_key_of_account(account: UUID, key: UUID) -> Response:
    """Revoke a key at once; the browsers that came in with it are signed out."""
    return _revoked(account, key)


@blueprint.route("/accounts/<uuid:account>/sessions")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(BrowserSessionOut))
def list_sessions_of_account(arguments: dict[str, Page], account: UUID) -> Response:
    """The browsers in which somebody whom one manages is signed in."""
    page = arguments["page"]
    with transaction() as session:
        managed = operations.manageable(session, actor(), account)
        rows = sessions_of(session, managed.id, id_cursor(page), page.limit + 1)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([_session(row) for row in shown], following)


@blueprint.route("/accounts/<uuid:account>/sessions/<uuid:browser>", methods=["DELETE"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.response(204)
def end_session_of_account(account: UUID, browser: UUID) -> Response:
    """Sign one of these browsers out, at once."""
    with transaction() as session:
        operations.end_session(session, actor(), account, browser)
        return Response(status=204)


@blueprint.route("/me/keys")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(key_schemas.KeyOut))
def list_own_keys(arguments: dict[str, Page]) -> Response:
    """One's own keys, revoked ones included."""
    return _keys(arguments["page"], actor().account_id)


@blueprint.route("/me/keys", methods=["POST"])
@blueprint.arguments(key_schemas.KeyIn)
@blueprint.response(201, key_schemas.NewKeyOut)
def add_own_key(words: dict[str, Any]) -> Response:
    """Make a key of one's own, for no more than the one that asks; its words are in this answer, and nowhere else."""
    return _added(actor().account_id, words)


@blueprint.route("/me/keys/<uuid:key>", methods=["PATCH"])
@blueprint.arguments(key_schemas.KeyNameIn)
@blueprint.response(200, key_schemas.KeyOut)
def rename_own_key(words: dict[str, str], key: UUID) -> Response:
    """Give one of one's own keys another name."""
    return _renamed(actor().account_id, key, words["name"])


@blueprint.route("/me/keys/<uuid:key>", methods=["DELETE"])
@blueprint.response(204)
def revoke_own_key(key: UUID) -> Response:
    """Revoke one of one's own keys at once; the browsers that came in with it are signed out."""
    return _revoked(actor().account_id, key)


def _account(account: Account) -> dict[str, Any]:
    return shape(schemas.AccountOut)(account, actor())


def _keys(page: Page, account: UUID) -> Response:
    with transaction() as session:
        managed = operations.manageable(session, actor(), account)
        rows = keys.keys(session, managed.id, id_cursor(page), page.limit + 1)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([_key(row) for row in shown], following)


def _added(account: UUID, words: dict[str, Any]) -> Response:
    with transaction() as session:
        key, secret = operations.add_key(session, actor(), account, **words)
        return _with_key(_key(key), secret)


def _with_key(view: dict[str, Any], secret: str, headers: dict[str, str] | None = None) -> Response:
    shown = {**view, "key": secret, "withheld": None}
    return answer_once(shown, {**view, "key": None, "withheld": _WITHHELD}, 201, headers)


def _renamed(account: UUID, key: UUID, name: str) -> Response:
    with transaction() as session:
        return answer(_key(operations.rename_key(session, actor(), account, key, name)))


def _revoked(account: UUID, key: UUID) -> Response:
    with transaction() as session:
        operations.revoke_key(session, actor(), account, key)
        return Response(status=204)

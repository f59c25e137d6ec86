"""Keys: one's own, and those of the accounts that one manages."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts import queries as accounts
from referencing.accounts.keys import queries
from referencing.accounts.keys.schemas import KeyIn
from referencing.accounts.people import operations
from referencing.base.errors import DomainError
from referencing.base.permissions import MAY, Right
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from .routes import MOST, account_page

blueprint = Blueprint("keys", __name__)

#: What a key is for that only reads: to open what a conflict of interest closes is an act.
READING = [
    right for right in Right if right.value.startswith("read_") and right is not Right.READ_IN_CONFLICT
]


@blueprint.get("/compte/cles")
def show_own() -> Response:
    """One's own keys."""
    return _own_page(BLANK)


@blueprint.post("/compte/cles")
def add_own() -> Response:
    """Make a key of one's own, and show it, this once."""
    return _add(actor().account_id, _own_page)


@blueprint.post("/compte/cles/<uuid:key>/fin")
def revoke_own(key: UUID) -> Response:
    """Revoke one of one's own keys, at once."""
    return _revoke(actor().account_id, key, url_for(".show_own", fait="fin"))


@blueprint.post("/personnes/<uuid:account>/cles")
def add(account: UUID) -> Response:
    """Make a key for an account that one manages, and show it, this once."""
    return _add(account, partial(account_page, account))


@blueprint.post("/personnes/<uuid:account>/cles/<uuid:key>/fin")
def revoke(account: UUID, key: UUID) -> Response:
    """Revoke a key of an account that one manages, at once."""
    return _revoke(account, key, url_for("console.people.show", account=account, fait="cle"))


def _add(account: UUID, again: Callable[[Typed, int], Response]) -> Response:
    try:
        with transaction() as session:
            owner = operations.manageable(session, actor(), account)
            reading = [right.value for right in READING if owner.role in MAY[right]]
            rights = reading if request.form.get("reading") else None
            said = load(KeyIn(), {**words("name", "last_day"), "rights": rights})
            _, secret = operations.add_key(session, actor(), account, **said)
            return page("people/shown_once.html", 201, account=owner, secret=secret)
    except DomainError as error:
        return again(refused(error), error.status)


def _revoke(account: UUID, key: UUID, then: str) -> Response:
    with transaction() as session:
        operations.revoke_key(session, actor(), account, key)
    return redirect(then, 303)


def _own_page(typed: Typed, status: int = 200) -> Response:
    asked = listed(MOST)
    with transaction() as session:
        rows = queries.keys(session, actor().account_id, id_cursor(asked), MOST + 1)
        kept, following = asked.of(rows, lambda row: [row.id])
        return page(
            "account/keys.html",
            status,
            account=accounts.account(session, actor()),
            keys=kept,
            following=following and url_for(".show_own", cursor=following),
            typed=typed,
        )

"""One's own account: where one is written to, and one's letters; the browsers are a page of the sign-in."""

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response

from referencing.accounts import operations, queries
from referencing.accounts.schemas import EmailIn
from referencing.accounts.sessions.queries import elsewhere
from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.mail.queries import letters
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, parts, transaction

blueprint = Blueprint("account", __name__)

#: How many letters are on a page.
MOST = 20


@blueprint.get("/compte")
def show() -> Response:
    """Who one is, where one is written to, and what one was written."""
    return _page(BLANK)


@blueprint.post("/compte/adresse")
def set_email() -> Response:
    """Say where one wants to be written to."""
    try:
        address = load(EmailIn(), words("address"))["address"]
        with transaction() as session:
            operations.set_email(session, actor(), address)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.account.show", fait="adresse"), 303)


@blueprint.post("/compte/adresse/fin")
def remove_email() -> Response:
    """Be written to no more."""
    with transaction() as session:
        operations.remove_email(session, actor())
    return redirect(url_for("console.account.show", fait="fin"), 303)


def _page(typed: Typed, status: int = 200) -> Response:
    asked = listed(MOST)
    written = may(actor(), Right.RECEIVE_MAIL)
    with transaction() as session:
        rows = letters(session, actor(), id_cursor(asked), MOST + 1) if written else []
        kept, following = asked.of(rows, lambda row: [row.id])
        return page(
            "account/page.html",
            status,
            account=queries.account(session, actor()),
            address=queries.email_address(session, actor().account_id),
            elsewhere=elsewhere(session, g.browser),
            is_sent=parts().settings.smtp_url is not None,
            written=written,
            letters=kept,
            following=following and url_for(".show", cursor=following),
            typed=typed,
        )

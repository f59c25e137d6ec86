"""The form of the sign-in, and the session that whoever comes in is given."""

from contextlib import suppress

from flask import Response as Answer
from flask import current_app, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.accounts.openid.settings import Issuer
from referencing.accounts.operations import identify_browser
from referencing.accounts.sessions import operations as sessions
from referencing.accounts.sessions.elsewhere import SignedInElsewhere
from referencing.base.errors import Unauthenticated
from referencing.base.permissions import Actor
from referencing.console import cookies
from referencing.console.guard import AGAIN
from referencing.console.pages import page
from referencing.console.typed import Typed
from referencing.web.requests import parts, transaction


def come_in(who: Actor, elsewhere: SignedInElsewhere | None = None, wanted: str | None = None) -> Response:
    """A session with a new identifier; the one that the browser came with is ended."""
    with transaction() as session:
        _end_carried(session)
        token = sessions.open_session(session, who, request.user_agent.string, elsewhere)
    return cookies.give(redirect(within_reach(wanted) if wanted else onward(), 303), token)


def _end_carried(session: Session) -> None:
    with suppress(Unauthenticated):
        before, browser = identify_browser(session, cookies.carried() or "")
        sessions.end_session(session, before, browser)


def onward() -> str:
    """Where one was going, when that is a page of ours."""
    return within_reach(request.values.get("vers", ""))


def within_reach(wanted: str) -> str:
    """An address, when it is of a page of ours; else My work.

    A browser reads past tabs and line ends: with one between them, two slashes lead elsewhere as well.
    """
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if local else url_for("console.work.show")


def trusted_issuers() -> list[Issuer]:
    """Who may vouch for those who come in."""
    return [provider.issuer for provider in current_app.extensions["issuers"].values()]


def form(typed: Typed, status: int = 200) -> Answer:
    """The sign-in: by trusted issuers, with a key where people have any, as one of the demonstration's cast."""
    return page(
        "sign_in/form.html",
        status,
        typed=typed,
        cast=current_app.extensions.get("cast", ()),
        issuers=trusted_issuers(),
        by_key=parts().settings.keys_for_people,
        onward=request.values.get("vers", ""),
        again=request.values.get(AGAIN),
    )

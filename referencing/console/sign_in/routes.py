"""Coming in with a key, going out, and the browsers in which one is signed in."""

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask import Response as Answer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.accounts.operations import identify, identify_browser
from referencing.accounts.sessions import operations as sessions
from referencing.accounts.sessions import queries
from referencing.base.errors import Forbidden, Unauthenticated
from referencing.base.permissions import Actor
from referencing.console import cookies
from referencing.console.guard import signed_in
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed
from referencing.web.requests import actor, guarded, transaction

blueprint = Blueprint("sign_in", __name__)

#: How many of one's browsers are listed.
MOST = 100


@blueprint.get("/connexion")
def show() -> Response:
    """The form for a key; in the demonstration, the cast as well."""
    if signed_in():
        return redirect(onward())
    return _form(BLANK)


@blueprint.post("/connexion")
def sign_in() -> Response:
    """Open a session for who has this key."""
    try:
        key = request.form.get("key", "").strip()
        with guarded(key), transaction() as session:
            who = identify(session, key, request.remote_addr)
        refuse_narrow(who)
    except (Unauthenticated, Forbidden) as error:
        return _form(Typed(wrong={"key": error.detail}), error.status)
    return come_in(who)


def refuse_narrow(who: Actor) -> None:
    """Raises Forbidden for a key that is for less than its account may do: a browser does all of it."""
    if who.scope is not None:
        raise Forbidden("Cette clé a une portée réduite, pour un programme : connectez-vous avec une autre.")


@blueprint.post("/deconnexion")
def sign_out() -> Response:
    with transaction() as session:
        sessions.end_session(session, actor(), g.browser)
    return cookies.take_back(redirect(url_for("console.sign_in.show"), 303))


@blueprint.get("/sessions")
def list_sessions() -> Response:
    """The browsers in which one is signed in."""
    with transaction() as session:
        browsers = queries.own_sessions(session, actor(), None, MOST)
        return page("sign_in/sessions.html", browsers=browsers, here=g.browser)


@blueprint.post("/sessions/<uuid:browser>/fin")
def end_session(browser: UUID) -> Response:
    """Sign one of them out."""
    if browser == g.browser:
        return sign_out()
    with transaction() as session:
        sessions.end_session(session, actor(), browser)
    return redirect(url_for("console.sign_in.list_sessions"), 303)


def come_in(who: Actor) -> Response:
    """A session with a new identifier; the one that the browser came with is ended."""
    with transaction() as session:
        _end_carried(session)
        token = sessions.open_session(session, who, request.user_agent.string)
    return cookies.give(redirect(onward(), 303), token)


def _end_carried(session: Session) -> None:
    with suppress(Unauthenticated):
        before, browser = identify_browser(session, cookies.carried() or "")
        sessions.end_session(session, before, browser)


def onward() -> str:
    """Where one was going, when that is a page of ours."""
    wanted = request.values.get("vers", "")
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if local else url_for("console.work.show")


def _form(typed: Typed, status: int = 200) -> Answer:
    cast = current_app.extensions.get("cast", ())
    return page("sign_in/form.html", status, typed=typed, cast=cast, onward=request.values.get("vers", ""))

"""Coming in with a key, going out, and the browsers in which one is signed in."""

from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts.operations import identify
from referencing.accounts.sessions import operations as sessions
from referencing.accounts.sessions import queries
from referencing.base.errors import Forbidden, Unauthenticated
from referencing.base.permissions import Actor
from referencing.console.guard import AGAIN, signed_in
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed
from referencing.web.requests import KEYS_ARE_FOR_PROGRAMS, actor, guarded, parts, transaction

from .entering import come_in, form, onward
from .issuer_routes import farewell

blueprint = Blueprint("sign_in", __name__)

#: How many of one's browsers are listed.
MOST = 100


@blueprint.get("/connexion")
def show() -> Response:
    """The form for a key; in the demonstration, the cast as well; `encore` for who is to sign in again."""
    if signed_in() and AGAIN not in request.args:
        return redirect(onward())
    return form(BLANK)


@blueprint.post("/connexion")
def sign_in() -> Response:
    """Open a session for who has this key."""
    if not parts().settings.keys_for_people:
        return form(Typed(problem=KEYS_ARE_FOR_PROGRAMS), 403)
    try:
        key = request.form.get("key", "").strip()
        with guarded(key), transaction() as session:
            who = identify(session, key, request.remote_addr)
        refuse_narrow(who)
    except (Unauthenticated, Forbidden) as error:
        return form(Typed(wrong={"key": error.detail}), error.status)
    return come_in(who)


def refuse_narrow(who: Actor) -> None:
    """Raises Forbidden for a key that is for less than its account may do: a browser does all of it."""
    if who.scope is not None:
        raise Forbidden("Cette clé a une portée réduite, pour un programme : connectez-vous avec une autre.")


@blueprint.post("/deconnexion")
def sign_out() -> Response:
    with transaction() as session:
        left = sessions.end_session(session, actor(), g.browser)
    return farewell(left)


@blueprint.get("/sessions")
def list_sessions() -> Response:
    """The browsers in which one is signed in."""
    with transaction() as session:
        browsers = queries.sessions_of(session, actor().account_id, None, MOST)
        return page("sign_in/sessions.html", browsers=browsers, here=g.browser)


@blueprint.post("/sessions/autres/fin")
def end_others() -> Response:
    """Sign out all browsers but this one: a key or a machine was lost."""
    with transaction() as session:
        sessions.end_own_sessions(session, actor(), but=g.browser)
    return redirect(url_for("console.sign_in.list_sessions"), 303)


@blueprint.post("/sessions/<uuid:browser>/fin")
def end_session(browser: UUID) -> Response:
    """Sign one of them out."""
    if browser == g.browser:
        return sign_out()
    with transaction() as session:
        sessions.end_session(session, actor(), browser)
    return redirect(url_for("console.sign_in.list_sessions"), 303)

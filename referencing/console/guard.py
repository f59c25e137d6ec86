"""Who may pass in a browser: nobody without a session, no change from another site, no content from elsewhere."""

import ipaddress
from datetime import timedelta
from urllib.parse import SplitResult, quote, urlsplit

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from referencing.accounts.operations import identify_browser
from referencing.accounts.sessions.queries import authenticated_at
from referencing.base.db import now, transaction
from referencing.base.errors import Forbidden, Unauthenticated
from referencing.base.permissions import Actor
from referencing.console.pages import page
from referencing.web.requests import count_request, parts, refuse_long_body

#: Endpoints that answer without a session; every other one of the console leads to the sign-in.
PUBLIC = frozenset(
    {
        "console.static",
        "console.theme",
        "console.declaration",
        "console.platforms.find",
        "console.platforms.show",
        "console.register.find",
        "console.register.show",
        "console.reporting.show",
        "console.reporting.report",
        "console.reporting.read_status",
        "console.sign_in.show",
        "console.sign_in.sign_in",
        "console.invited.show",
        "console.invited.accept",
        "console.issuers.leave",
        "console.issuers.arrive",
        "console.issuers.wait",
        "cast.sign_in_as",
    }
)
#: The parameter of what a page asks for by itself, which keeps no session open.
BY_ITSELF = "auto"
#: The parameter by which who is signed in is asked to sign in again, at their issuer too.
AGAIN = "encore"
#: A form that brings words and no files: what was typed is kept while its writer signs in again.
WORDS = "application/x-www-form-urlencoded"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What somebody at a browser that was left open may not do: who sent it signs in again first, where that was long ago.
GRAVE = frozenset(
    {
        "console.account.remove_email",
        "console.account.set_email",
        "console.alike.revoke",
        "console.catalogue.publish",
        "console.components.revoke",
        "console.invitations.invite",
        "console.invitations.resend",
        "console.keys.add",
        "console.keys.add_own",
        "console.newcomers.accept",
        "console.people.change_function",
        "console.people.delegate",
        "console.people.end_session",
        "console.people.open_account",
        "console.people.set_siren",
        "console.personal_data.erase",
        "console.publications.publish",
        "console.publications.reinstate",
        "console.publications.withdraw",
        "console.revocations.revoke",
        "console.sign_in.end_others",
        "console.sign_in.end_session",
        "console.takeovers.take_back",
        "console.webhooks.change",
        "console.webhooks.make",
        "console.webhooks.rotate",
    }
)
#: How long a sign-in is good for what is grave.
FRESH = timedelta(minutes=30)
#: What a page of ours may load, and where it may send: here, and nothing written into the page itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; frame-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FOREIGN = (
    "Cette demande ne vient pas d'une page de la console : rien n'a été fait. Rouvrez la page et recommencez."
)
_NEVER_FRESH = (
    "Cette action demande une identification récente, et votre service d'identification ne dit pas quand vous vous "
    "êtes identifié (« auth_time ») : rien n'a été fait. Passez par un autre de vos accès, ou demandez à l'agence de "
    "la faire pour vous ; qui administre ce service d'identification peut y mettre fin."
)


def admit() -> BaseResponse | None:
    """Deny by default: runs before every request of a browser, and lets pass only what is public or signed in."""
    if request.method not in SAFE:
        refuse_foreign()
    if request.endpoint == "console.static":
        return None
    recognise()
    if "actor" in g:
        count_request(g.actor)
        return _sign_in_again() if request.endpoint in GRAVE else None
    refuse_long_body()
    if request.endpoint in PUBLIC:
        return None
    if request.method == "POST" and request.mimetype == WORDS and request.form:
        return _kept("Votre session a pris fin", _sign_in())
    if "HX-Request" in request.headers:  # a part of a page: the whole of it goes to the sign-in
        return Response(headers={"HX-Redirect": _sign_in(_split(request.headers.get("HX-Current-URL", "")))})
    return redirect(_sign_in(), 303)


def _sign_in_again() -> BaseResponse | None:
    """The page that keeps what was written, unless its writer has just signed in.

    Raises Forbidden where their issuer does not say when they did: signing in once more would not show it either.
    """
    with transaction(parts().sessions) as session:
        proved_at, moment = authenticated_at(session, g.browser), now(session)
    if proved_at is None:
        raise Forbidden(_NEVER_FRESH)
    if proved_at >= moment - FRESH:
        return None
    return _kept("Confirmez que c'est vous", f"{url_for('console.sign_in.show')}?{AGAIN}=1")


def _kept(title: str, sign_in: str) -> BaseResponse:
    """What was written, to be sent again after a sign-in in another tab."""
    typed = list(request.form.items(multi=True))
    return page("sign_in/ended.html", 401, title=title, typed=typed, sign_in=sign_in)


def _sign_in(shown: SplitResult | None = None) -> str:
    """The sign-in, which leads back to the page that is `shown`: else the one that is asked for, or was left."""
    if shown is None:
        shown = _split(request.full_path if request.method == "GET" else request.referrer or "")
    wanted = shown._replace(scheme="", netloc="", fragment="").geturl().rstrip("?")
    onward = f"?vers={quote(wanted)}" if wanted not in {"", "/"} else ""
    return url_for("console.sign_in.show") + onward


def _split(address: str) -> SplitResult:
    """What a browser says an address is; that of no page where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def recognise() -> None:
    """Note who the cookie speaks for, when its session stands."""
    token = request.cookies.get(cookie_name())
    if not token:
        return
    try:
        with transaction(parts().sessions) as session:
            who, browser = identify_browser(session, token, used=BY_ITSELF not in request.args)
    except Unauthenticated:
        return
    if who.key_id is None or parts().settings.keys_for_people:
        g.actor, g.browser = who, browser


def signed_in() -> Actor | None:
    who: Actor | None = g.get("actor")
    return who


def refuse_foreign() -> None:
    """Raises Forbidden for a change that a page of another site, or no page at all, asks for."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = _split(request.headers.get("Origin", ""))
    if site != "same-origin" or (origin.scheme, origin.netloc) != (request.scheme, request.host):
        raise Forbidden(_FOREIGN)


def cookie_name() -> str:
    """The prefix binds the cookie to this host and to TLS; a browser takes it on no other terms."""
    return "__Host-session" if secure() else "session"


def secure() -> bool:
    """Whether cookies are for TLS only: everywhere but where the browser and the server are one machine."""
    return request.is_secure or not _is_loopback(_split(f"//{request.host}").hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def protect(response: Response) -> Response:
    """What a page adds to the headers of every answer (web/headers); a file brings a policy of its own."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    return response

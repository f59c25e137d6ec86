"""Coming in by an issuer of OpenID Connect, choosing for whom one works, and going out there as well."""

import logging
from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts.openid import operations, queries, tokens
from referencing.accounts.openid.claims import Identity, identity
from referencing.accounts.openid.provider import Provider, Signed
from referencing.accounts.openid.tokens import Untrue
from referencing.accounts.operations import actor_of
from referencing.accounts.sessions.elsewhere import SignedInElsewhere
from referencing.accounts.sessions.queries import elsewhere
from referencing.base.db import now
from referencing.base.errors import DomainError, NotFound, Unauthenticated
from referencing.console import cookies
from referencing.console.guard import AGAIN, signed_in
from referencing.console.pages import page
from referencing.console.typed import Typed
from referencing.invitations.acceptance import accept_by_identity
from referencing.web.requests import guarded, transaction

from . import departures
from .entering import come_in, form, onward, within_reach

log = logging.getLogger(__name__)
blueprint = Blueprint("issuers", __name__)

_AGAIN = "L'identification n'a pas abouti : recommencez. Si cela se répète, prévenez l'agence."
#: What a browser says of a visit that a page of another site asked for.
_ELSEWHERE = frozenset({"cross-site", "same-site"})
_DECLINED = "Vous n'avez pas terminé l'identification : recommencez."


@blueprint.get("/connexion/aupres/<issuer>")
@blueprint.get("/invitation/<token>/aupres/<issuer>")  # an address that proxies do not log
def leave(issuer: str, token: str = "") -> Response:
    """To the issuer, with what its answer is checked by, and the token of the invitation that is accepted there.

    Another site sends nobody there: who came by its link is shown the button.
    """
    provider = _provider(issuer)
    if request.headers.get("Sec-Fetch-Site") in _ELSEWHERE:
        here = url_for("console.invited.show", token=token) if token else url_for("console.sign_in.show")
        return redirect(here, 303)
    again, reader = AGAIN in request.args, signed_in()
    account = str(reader.account_id) if again and reader else ""
    departure = departures.depart(issuer, within_reach(request.args.get("vers", "")), token, account)
    try:
        address = provider.authorisation(
            _way_back(issuer),
            departure.state,
            departure.nonce,
            departure.verifier,
            again=again,
        )
    except DomainError as error:
        return form(Typed(problem=error.detail), error.status)
    return departures.give(redirect(address, 303), departure)


@blueprint.get("/connexion/aupres/<issuer>/retour")
def arrive(issuer: str) -> Response:
    """Back from the issuer: a session for whom it vouches for, or the waiting room."""
    provider, departure = _provider(issuer), departures.returned(issuer)
    if departure is None or "code" not in request.args:
        declined = departure is not None and "error" in request.args
        return departures.take_back(form(Typed(problem=_DECLINED if declined else _AGAIN), 403))
    try:
        with guarded(departure.state):
            signed = _signed(provider, departure)
    except DomainError as error:
        return departures.take_back(form(Typed(problem=error.detail), error.status))
    if departure.invitation:
        return departures.take_back(_invited(provider, signed, departure.invitation))
    return departures.take_back(_recognised(provider, signed, departure))


@blueprint.get("/connexion/en-attente")
def wait() -> Response:
    """Somebody is known to an issuer, and to nobody here."""
    return page("sign_in/waiting.html")


@blueprint.get("/comptes")
def choose() -> Response:
    """For which organisation one works now, of those that one works for."""
    with transaction() as session:
        here = elsewhere(session, g.browser)
        accounts = queries.accounts_of(session, here.issuer, here.subject) if here else []
        return page("sign_in/accounts.html", accounts=accounts, onward=onward())


@blueprint.post("/comptes/<uuid:account>")
def change(account: UUID) -> Response:
    """Work for another organisation: a session of its own, with a new identifier."""
    with transaction() as session:
        here = elsewhere(session, g.browser)
        accounts = queries.accounts_of(session, here.issuer, here.subject) if here else []
        chosen = next((one for one in accounts if one.id == account), None)
        if chosen is None:
            raise NotFound("Ce compte n'est pas à vous, ou il est fermé : relisez la liste.")
        who = actor_of(session, chosen)
    return come_in(who, here)


def farewell(left: SignedInElsewhere | None) -> Response:
    """The sign-in, or the page that leads to the end of the session at the issuer.

    A form may not lead to another site (form-action): the page does.
    """
    provider = next((one for one in _providers().values() if left and one.issuer.url == left.issuer), None)
    here = url_for("console.sign_in.show", _external=True)
    address = provider.logout(left.id_token, here) if provider and left else None
    if address is None or provider is None:
        return cookies.take_back(redirect(here, 303))
    label = provider.issuer.label
    return cookies.take_back(page("sign_in/farewell.html", reader=None, address=address, label=label))


def _signed(provider: Provider, departure: departures.Departure) -> Signed:
    """What the issuer says of who comes. Raises Unauthenticated, Unavailable."""
    with transaction() as session:
        moment = int(now(session).timestamp())
    try:
        provider.refuse_mixed_up(request.args.get("iss"))
        way_back = _way_back(departure.issuer)
        return provider.claims(request.args["code"], way_back, departure.nonce, departure.verifier, moment)
    except Untrue as error:
        log.warning("a sign-in at %s is refused: %s", departure.issuer, error)
        raise Unauthenticated(_AGAIN) from None


def _recognised(provider: Provider, signed: Signed, departure: departures.Departure) -> Response:
    """A session for who is known; of several accounts they go on with theirs, or choose."""
    who = identity(provider.issuer, signed.claims)
    with transaction() as session:
        accounts = operations.recognise(session, who)
        refusal = None if accounts else operations.refusal_of(session, who)
        actors = [actor_of(session, account) for account in accounts]
    if refusal:
        return form(Typed(problem=refusal), 403)
    if not actors:
        return redirect(url_for("console.issuers.wait"), 303)
    came_by, wanted = _came_by(who, signed), departure.onward
    kept = next((one for one in actors if str(one.account_id) == departure.account), None)
    if kept is None and len(actors) > 1:
        wanted = url_for("console.issuers.choose", vers=wanted)
    return come_in(kept or actors[0], came_by, wanted)


def _invited(provider: Provider, signed: Signed, token: str) -> Response:
    """A session for the account that an invitation gives."""
    who = identity(provider.issuer, signed.claims)
    try:
        with transaction() as session:
            given = actor_of(session, accept_by_identity(session, token, who))
    except DomainError as error:
        return form(Typed(problem=error.detail), error.status)
    return come_in(given, _came_by(who, signed))


def _came_by(who: Identity, signed: Signed) -> SignedInElsewhere:
    return SignedInElsewhere(who.issuer, who.subject, signed.id_token, tokens.authenticated_at(signed.claims))


def _provider(name: str) -> Provider:
    provider = _providers().get(name)
    if provider is None:
        raise NotFound("Ce service d'identification n'est pas connu ici : revenez à la page de connexion.")
    return provider


def _providers() -> Mapping[str, Provider]:
    known: Mapping[str, Provider] = current_app.extensions["issuers"]
    return known


def _way_back(issuer: str) -> str:
    return url_for("console.issuers.arrive", issuer=issuer, _external=True)

"""Who asks, one transaction for each request, plain answers and preconditions."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
import orjson
import sqlalchemy as sa
from flask import Flask, Request, Response, after_this_request, current_app, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import LengthRequired

from referencing.base import db, errors
from referencing.base.outgoing.replica import Replica
from referencing.base.permissions import Actor, Entrance, Role, authorise, may
from referencing.base.schemas import Schema
from referencing.base.vault import Vault
from referencing.config import Settings

from .forms import read_json
from .rates import Rates, network_of
from .streams import HEADERS, Observation, Subscription

log = logging.getLogger(__name__)

#: Endpoints of libraries that answer without a key; those of ours say so where they stand (`asks_no_key`).
PUBLIC = frozenset({"api-docs.openapi_json", "swagger_ui.show"})
#: An ETag of what people edit: its revision, alone or with the digest of how it was read; quotes may miss.
_VERSION = re.compile(r'(?:W/)?"?(\d{1,18})(?:\.[0-9a-f]{32})?"?', re.ASCII)
#: Methods of what changes something: a body says what, and who sends it again may say so by a key.
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: Bytes of a JSON body that is read before it is asked who sends it.
SHORT_BODY = 64 * 1024
#: Bytes of a JSON body at the most: twenty thousand rules of reuse take six million.
LARGEST_JSON = 8 * 1024**2
#: Bytes that who has shown no key may send.
BODY_OF_A_STRANGER = 128 * 1024
KEYS_ARE_FOR_PROGRAMS = (
    "Les clés servent ici aux programmes seuls : connectez-vous avec votre identité professionnelle."
)
#: Blueprints that browsers come to: they say by themselves who may pass, and refuse by default as well.
OF_BROWSERS = frozenset({"console", "cast"})
#: Where the environment of a request says what its client watches (`pushed`).
SUBSCRIPTION = "referencing.subscription"
#: Where it says which headers let a page of another origin read the answer, for who writes one past the application.
ALLOWED_ORIGIN = "referencing.allowed-origin"


@dataclass(frozen=True, slots=True)
class Parts:
    """What create_app wired together; `direct` is for locks and channels, which belong to one connection.

    `replica` is a standby for reads that may lag, where there is one.
    """

    settings: Settings
    engine: sa.Engine
    direct: sa.Engine
    sessions: db.Sessions
    vault: Vault
    rates: Rates = field(default_factory=Rates)
    replica: Replica | None = None

    @property
    def pools(self) -> list[sa.Engine]:
        return [self.engine, self.direct, *([self.replica.standby] if self.replica else [])]

    @contextmanager
    def lagging(self) -> Iterator[Session]:
        """A transaction that only reads, of the replica where it is hardly behind, else of the database itself."""
        standby = self.replica.connection() if self.replica else None
        if standby is None:
            with db.transaction(self.sessions) as session:
                yield session
            return
        with standby, self.sessions(bind=standby) as session:
            yield session


def parts() -> Parts:
    wired: Parts = current_app.extensions["referencing"]
    return wired


def actor() -> Actor:
    who: Actor = g.actor
    return who


def actor_if_any() -> Actor | None:
    """Who asks, at an endpoint that answers without a key as well."""
    who: Actor | None = g.get("actor")
    return who


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction; inside a repeatable request, the one that also keeps its answer."""
    if "session" in g:
        yield g.session
        return
    with first_transaction() as session:
        yield session


@contextmanager
def first_transaction() -> Iterator[Session]:
    """The transaction that identified the actor; a new one when that has ended."""
    session: Session = g.pop("asking", None) or parts().sessions()
    with session:
        yield session
        session.commit()


@contextmanager
def lagging() -> Iterator[Session]:
    """As `Parts.lagging`, for what tells how things stand to who looks on.

    Never for who has to find what they have just done.
    """
    if parts().replica is None or "session" in g:
        with transaction() as session:
            yield session
        return
    end_asking()
    with parts().lagging() as session:
        yield session


def authenticate(identify: Callable[[Session, str, str | None], Actor]) -> None:
    """Deny by default: runs before every request, and lets pass only what is public or carries a good key.

    `identify` answers whose key it is, and raises Unauthenticated for one that is nobody's, Forbidden for one of
    somebody who has no account yet.
    """
    if request.blueprints and request.blueprints[-1] in OF_BROWSERS:
        return
    if request.endpoint is None or _asks_no_key(request.endpoint):
        refuse_long_body()
        return
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise errors.Unauthenticated("Envoyez votre clé dans l'en-tête « Authorization: Bearer CLÉ ».")
    arrived = _has_arrived()
    g.asking = parts().sessions()
    try:
        with guarded(key.strip()):
            g.actor = identify(g.asking, key.strip(), request.remote_addr)
            refuse_key_of_person(g.actor)
    except errors.Forbidden:  # it is known who asks, and they wait to be accepted: that is kept
        g.asking.commit()
        raise
    if not arrived:
        end_asking()
    count_request(g.actor)
    if request.is_json:
        request.max_content_length = min(LARGEST_JSON, request.max_content_length or LARGEST_JSON)


def _asks_no_key(endpoint: str) -> bool:
    """Whether an endpoint answers this request without a key; one that comes is asked for where the view hears it."""
    view = current_app.view_functions.get(endpoint)
    if "Authorization" in request.headers and getattr(view, "hears_key", False):
        return False
    return endpoint in PUBLIC or getattr(view, "asks_no_key", False)


def refuse_without_right() -> None:
    """Raises Forbidden for who has none of the rights that the view takes (`needs`), whatever the request says.

    The verb that it calls asks once more, for whoever comes by another way.
    """
    rights = getattr(current_app.view_functions.get(request.endpoint or ""), "rights", ())
    if rights and not any(may(actor(), right) for right in rights):
        authorise(actor(), rights[0])


@contextmanager
def guarded(key: str) -> Iterator[None]:
    """A key is looked up inside: one that is none is counted. Raises TooMany where too many were tried."""
    place = network_of(request.remote_addr)
    parts().rates.refuse_guessing(place, key)
    try:
        yield
    except errors.Unauthenticated:
        log.warning("a key that is none")  # from where is nobody's business but the counter's
        parts().rates.count_failure(place, key)
        raise


def refuse_key_of_person(who: Actor) -> None:
    """Raises Forbidden for a person who comes with a key, where keys are for programs alone."""
    if who.key_id and who.role is not Role.INTEGRATION and not parts().settings.keys_for_people:
        raise errors.Forbidden(KEYS_ARE_FOR_PROGRAMS)


def count_request(actor: Actor) -> None:
    """Count a request by whose it is, and have the answer tell what is left. Raises TooMany."""
    told = parts().rates.count_request(actor)
    if told:
        after_this_request(lambda response: response.headers.update(told) or response)


def refuse_long_body() -> None:
    """Who has shown no key sends a short body and says how short: no thread waits for what a stranger may send.

    Raises LengthRequired; what is read of the request raises RequestEntityTooLarge.
    """
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired
    request.max_content_length = BODY_OF_A_STRANGER


def end_asking(_: BaseException | None = None) -> None:
    """End the transaction that identified the actor, where no other work has gone on in it."""
    session: Session | None = g.pop("asking", None)
    if session is not None:
        session.close()


def _has_arrived() -> bool:
    """Whether all of the request is here, a short JSON body read: no transaction waits for what a client sends."""
    if "Transfer-Encoding" in request.headers:
        return False
    length = request.content_length or 0
    if request.is_json and length <= SHORT_BODY:
        request.get_data()
        return True
    return not length


class Json(JSONProvider):
    """orjson: UUIDs, dates and times as the API writes them."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # noqa: ARG002 - Flask's signature
        return orjson.dumps(obj, default=str, option=orjson.OPT_UTC_Z).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ARG002 - Flask's signature
        return orjson.loads(s)


class Arguments(FlaskParser):
    """A body of another media type is refused (415), not taken for none; orjson bounds depth and numbers.

    No body at all, of no type or announced as JSON, is an object without fields: the schema says which ones are
    missing. A parameter that an address does not know, or that is given twice, is refused: passed over, a list would
    answer what nobody asked.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}  # noqa: RUF012

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - webargs' signature
        if (req.is_json or not req.mimetype) and not req.get_data():
            return ma.missing
        if not req.is_json:
            return req.get_json()  # refuses the media type
        return read_json(req.get_data(), "Le corps de la demande")

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        arguments = super().load_querystring(req, schema)
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        twice = [name for name in twice if name not in arguments.multiple_keys]
        if twice:
            raise ma.ValidationError({name: ["Donnez ce paramètre une seule fois."] for name in twice})
        return arguments


Blueprint.ARGUMENTS_PARSER = Arguments()  # of every feature


def refuse_unread(app: Flask, below: str) -> None:
    """Refuse parameters and bodies at the addresses below one that read none, as the others refuse unknown ones.

    A body without fields says nothing, and is taken.
    """
    views = {
        rule.endpoint: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(below)
    }
    without_parameters = {name for name, view in views.items() if not _takes(view, "query")}
    without_body = {name for name, view in views.items() if not _takes(view, "json") and not _streams(view)}

    def refuse() -> None:
        if request.args and request.endpoint in without_parameters:
            Blueprint.ARGUMENTS_PARSER.parse(Schema(), request, location="query")
        if request.endpoint in without_body and request.method in CHANGES and _brings_body():
            Blueprint.ARGUMENTS_PARSER.parse(Schema(), request, location="json")

    app.before_request(refuse)


def _takes(view: Callable[..., object], location: str) -> bool:
    described = getattr(view, "_apidoc", {}).get("arguments", {})
    return any(argument.get("in") == location for argument in described.get("parameters", []))


def _streams(view: Callable[..., object]) -> bool:
    """Whether a view reads its body by itself, and describes it."""
    return "requestBody" in getattr(view, "_apidoc", {}).get("manual_doc", {})


def _brings_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A body that is already plain values: large answers leave without a pass through marshmallow."""
    dumped = orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z)
    return Response(dumped, status=status, headers=headers, content_type="application/json")


class ShownOnce(Response):
    """An answer with a secret; `kept` is what stands for it where answers are kept for requests that are repeated."""

    kept: bytes


def answer_once(
    shown: Mapping[str, Any],
    kept: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> ShownOnce:
    """A body with a secret, and the one that a repeated request is answered, without it."""
    once, again = (answer(body, status, headers) for body in (shown, kept))
    response = ShownOnce(once.get_data(), status, once.headers)
    response.kept = again.get_data()
    return response


def last_event(after: int) -> int:
    """The number of the last event that a client has: what it says as it comes back, else `after`."""
    number = request.headers.get("Last-Event-ID", "").strip()
    if not number:
        return after
    if not number.isdecimal() or len(number) > 9:
        raise errors.Malformed("L'en-tête Last-Event-ID n'est pas lisible : envoyez le dernier numéro reçu.")
    return int(number)


def entrance(session: Session) -> Entrance:
    """By what who asks came in, to watch from now on."""
    who = actor()
    return Entrance(who.account_id, db.now(session), who.key_id, g.get("browser"), who.ends_at)


def pushed(follows: Subscription | Observation, kept_here: Iterator[bytes]) -> Response:
    """A stream of events: the server hands the connection over where it can, and else it is `kept_here`."""
    if request.method == "GET":
        request.environ[SUBSCRIPTION] = follows
    return Response(kept_here, headers=HEADERS)


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def expected_version() -> int:
    """The version that the client read, from If-Match. Raises PreconditionRequired or Stale."""
    header = request.headers.get("If-Match")
    if header is None:
        raise errors.PreconditionRequired(
            "Envoyez l'en-tête If-Match avec l'ETag de ce que vous avez lu, ou sa « revision », pour ne rien "
            "écraser."
        )
    named = _VERSION.fullmatch(header.strip())
    if named is None:
        raise errors.Stale("Cet ETag n'est pas connu : relisez la ressource et recommencez.")
    return int(named[1])

"""What every route shares: who asks, one transaction, plain answers, pages and preconditions."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import marshmallow as ma
import orjson
import sqlalchemy as sa
from flask import Request, Response, current_app, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser

from referencing import db, errors
from referencing.accounts.operations import identify
from referencing.accounts.permissions import Actor
from referencing.config import Settings
from referencing.schemas import Schema
from referencing.streams import HEADERS, Read, Subscription, followed
from referencing.vault import Vault

#: Endpoints that answer without a key; every other one is refused before its view is looked at.
PUBLIC = frozenset(
    {
        "health.alive",
        "health.ready",
        "api-docs.openapi_json",
        "swagger_ui.show",
        "signals.report",
        "signals.read_status",
        "register.read_register",
    }
)
#: Of these, those where a key says who asks, when one comes.
WITH_OR_WITHOUT_KEY = frozenset({"signals.report"})
MAX_PAGE = 500
SHEET = "text/csv"
#: Where the environment of a request says what its client watches (`pushed`).
SUBSCRIPTION = "referencing.subscription"


@dataclass(frozen=True, slots=True)
class Parts:
    """What create_app wired together."""

    settings: Settings
    engine: sa.Engine
    sessions: db.Sessions
    vault: Vault


def parts() -> Parts:
    found: Parts = current_app.extensions["referencing"]
    return found


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
    with db.transaction(parts().sessions) as session:
        yield session


def authenticate() -> None:
    """Deny by default: runs before every request, and lets pass only what is public or carries a good key."""
    keyless = "Authorization" not in request.headers or request.endpoint not in WITH_OR_WITHOUT_KEY
    if request.endpoint is None or (request.endpoint in PUBLIC and keyless):
        return
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise errors.Unauthenticated("Envoyez votre clé dans l'en-tête « Authorization: Bearer CLÉ ».")
    with db.transaction(parts().sessions) as session:
        g.actor = identify(session, key.strip())


class Json(JSONProvider):
    """orjson: UUIDs, dates and times as the API writes them."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # noqa: ARG002 - Flask's signature
        return orjson.dumps(obj, default=str).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ARG002 - Flask's signature
        return orjson.loads(s)


class Arguments(FlaskParser):
    """A body of another media type is refused (415), not taken for none; orjson bounds depth and numbers.

    No body at all, of no type, is an object without fields: the schema says which ones are missing.
    """

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - webargs' signature
        if not req.mimetype and not req.get_data():
            return ma.missing
        return req.get_json()


Blueprint.ARGUMENTS_PARSER = Arguments()  # of every feature


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A body that is already plain values: large answers leave without a pass through marshmallow."""
    dumped = orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z)
    return Response(dumped, status=status, headers=headers, content_type="application/json")


@dataclass(frozen=True, slots=True)
class Page:
    """`after` holds the keys of the last row seen, as text, or None at the beginning."""

    limit: int
    after: tuple[str, ...] | None

    def of(
        self, rows: Sequence[Any], keys: Callable[[Any], Sequence[Any]]
    ) -> tuple[Sequence[Any], str | None]:
        """The rows of the page out of `limit + 1`, and the cursor of the next page, if there is one."""
        if len(rows) <= self.limit:
            return rows, None
        shown = rows[: self.limit]
        return shown, _cursor(keys(shown[-1]))

    def onward(self, rows: Sequence[Any], keys: Callable[[Any], Sequence[Any]], start: Sequence[Any]) -> str:
        """The cursor of what may come after these rows; `start` holds the keys before the first one of all."""
        return _cursor(keys(rows[-1]) if rows else self.after or start)


class PageArguments(Schema):
    limit = ma.fields.Integer(
        load_default=100, validate=ma.validate.Range(1, MAX_PAGE, error="De {min} à {max}.")
    )
    cursor = ma.fields.String(load_default=None, metadata={"description": "as given in `next`"})

    @ma.post_load
    def page(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        page = Page(values.pop("limit"), _keys(values.pop("cursor")))
        return values | {"page": page}


def _cursor(keys: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([str(key) for key in keys])).decode().rstrip("=")


def _keys(cursor: str | None) -> tuple[str, ...] | None:
    if cursor is None:
        return None
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        keys = None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise errors.Malformed("Le curseur n'est pas lisible : reprenez la liste depuis le début.")
    return tuple(keys)


def key_as(kind: Callable[[str], Any], text: str) -> Any:
    """A cursor's key in its own type; a cursor that was tampered with is refused."""
    try:
        return kind(text)
    except ValueError as error:
        raise errors.Malformed("Le curseur n'est pas lisible : reprenez la liste depuis le début.") from error


def id_cursor(page: Page) -> tuple[UUID] | None:
    return None if page.after is None else (key_as(UUID, page.after[0]),)


def listing(items: Sequence[Any], following: str | None) -> Response:
    """A page of a list: `{"items": [...], "next": CURSOR|null}`, with a Link header (RFC 8288)."""
    response = answer({"items": items, "next": following})
    if following is not None:
        response.headers["Link"] = next_page(following)
    return response


def prefers_sheet() -> bool:
    """Whether the Accept header would rather have a sheet than JSON."""
    return request.accept_mimetypes.best_match(["application/json", SHEET]) == SHEET


def sheet(name: str, written: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(written, headers=headers, content_type=f"{SHEET}; charset=utf-8; header=present")


def next_page(following: str) -> str:
    """A Link header (RFC 8288)."""
    query = urlencode({**request.args.to_dict(), "cursor": following})
    return f'<{request.path}?{query}>; rel="next"'


def last_event(after: int) -> int:
    """The number of the last event that a client has: what it says as it comes back, else `after`."""
    given = request.headers.get("Last-Event-ID", "").strip()
    if not given:
        return after
    if not given.isdecimal() or len(given) > 9:
        raise errors.Malformed("L'en-tête Last-Event-ID n'est pas lisible : envoyez le dernier numéro reçu.")
    return int(given)


def pushed(read: Read, subscription: Subscription) -> Response:
    """A stream of events: the server hands the connection over where it can, and else keeps it here."""
    if request.method == "GET":
        request.environ[SUBSCRIPTION] = subscription
    return Response(followed(read, subscription), headers=HEADERS)


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def expected_version() -> int:
    """The version that the client read, from If-Match. Raises PreconditionRequired or Stale."""
    given = request.headers.get("If-Match")
    if given is None:
        raise errors.PreconditionRequired(
            "Envoyez l'en-tête If-Match avec l'ETag de ce que vous avez lu, pour ne rien écraser."
        )
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 18:
        raise errors.Stale("Cet ETag n'est pas connu : relisez la ressource et recommencez.")
    return int(text)

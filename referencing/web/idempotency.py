"""What may be sent twice: with an Idempotency-Key, the second time gets the first answer.

It holds for every request of the API that changes something (`CHANGES`): a creation, a claim, a verdict, a decision;
not for the pieces of an upload, which have their offset. What the request does and what it answered commit together,
in one transaction that begins once all of the request has come: no transaction is open while a file streams in. An
error, or a crash, leaves nothing of the key. A secret that is shown once is not kept: the second answer says that it
was made, and what to do for who did not receive it. Who sends a request again is asked for the right again.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from typing import ParamSpec

import orjson
import sqlalchemy as sa
from flask import Flask, Response, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from referencing.base import errors
from storage.content import digest_of

from .forms import CHUNK
from .headers import REPLAYED
from .models import RepeatableRequest
from .requests import CHANGES, ShownOnce, actor, first_transaction, parts

P = ParamSpec("P")

#: Below which address the requests are those of the API.
API = "/api/v1/"
#: Characters of a key, which may come in quotes, as a string of RFC 9651.
_KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,200})"|([^"]{1,200})')


def repeat_changes(app: Flask) -> None:
    """Make every change by the API answer a repeated request as it did the first time."""
    for rule in app.url_map.iter_rules():
        view = app.ensure_sync(app.view_functions[rule.endpoint])
        if rule.rule.startswith(API) and CHANGES & (rule.methods or set()) and not sees_to_repeats(view):
            app.view_functions[rule.endpoint] = _repeatable(view)


def repeats_itself(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Mark a view that calls `once` by itself: it first asks whether who sends the request again still may."""
    view.repeats_itself = True  # type: ignore[attr-defined]
    return view


def sees_to_repeats(view: Callable[..., object]) -> bool:
    return hasattr(view, "repeats_itself")


def _repeatable(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A view that answers once where the whole request is in a body, or in a form, that is held here."""

    @wraps(view)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        received = _held() if request.method in CHANGES else None
        if "actor" not in g or received is None or key_of_request() is None:
            return view(*args, **kwargs)
        effect = partial(view, *args, **kwargs)
        response = once(received(), effect)
        if REPLAYED in response.headers and response.get_data():  # what says nothing tells nobody anything
            _refuse_without_right(effect)
        return response

    return repeated


def _refuse_without_right(effect: Callable[[], ResponseReturnValue]) -> None:
    """Ask the right again, by doing again what was done, in a transaction that is given up.

    Raises Forbidden, and NotFound for who sees but what they are allowed on. Whatever else it raises comes of what was
    done before.
    """
    with parts().sessions() as session:
        g.session = session
        try:
            effect()
        except (errors.DomainError, HTTPException, sa.exc.IntegrityError) as error:
            lost = isinstance(error, errors.NotFound) and actor().by_permission
            if lost or isinstance(error, errors.Forbidden):
                raise
        finally:
            g.pop("session")


def _held() -> Callable[[], Sequence[str]] | None:
    """What reads the request whole, None for one whose bytes its view takes in by itself."""
    if request.is_json or not request.mimetype:
        return body
    return _form if request.mimetype == "multipart/form-data" else None


def body() -> Sequence[str]:
    """A body that is held in memory, as `once` takes it."""
    return [hashlib.sha256(request.get_data()).hexdigest()]


def _form() -> Sequence[str]:
    """A form with a table, as `once` takes it: its fields, and its files with their names and SHA-256."""
    received = [part for field in request.form.items(multi=True) for part in field]
    for field, file in request.files.items(multi=True):
        received += [field, file.filename or "", digest_of(iter(partial(file.stream.read, CHUNK), b""))]
        file.stream.seek(0)
    return received


@contextmanager
def unless_answered() -> Iterator[None]:
    """A check before files come: what the state forbids now was done before, when the key has its answer."""
    try:
        yield
    except errors.Conflict:
        key = key_of_request()
        if key is None:
            raise
        with first_transaction() as session:
            if session.get(RepeatableRequest, (actor().account_id, key)) is None:
                raise


def once(received: Sequence[str], effect: Callable[[], ResponseReturnValue]) -> Response:
    """Answer what `effect` answers, or answered when the same was received with the same key before.

    `received` is what makes two requests to one address the same: of files, their names and SHA-256.
    The key is written first, in the transaction of the effect: a twin that comes meanwhile is refused.
    """
    key = key_of_request()
    if key is None or "session" in g:  # which is there once the key is claimed
        return make_response(effect())
    with first_transaction() as session:
        earlier = _claim_key(session, key, _fingerprint(received))
        if earlier is not None:
            return Response(earlier.body, earlier.status, {**(earlier.headers or {}), REPLAYED: "true"})
        g.session = session
        try:
            response = make_response(effect())
        finally:
            g.pop("session")
        session.execute(
            sa.update(RepeatableRequest)
            .where(RepeatableRequest.account_id == actor().account_id, RepeatableRequest.key == key)
            .values(
                status=response.status_code,
                headers={
                    name: response.headers[name]
                    for name in ("Content-Type", "Location", "ETag")
                    if name in response.headers
                },
                body=response.kept if isinstance(response, ShownOnce) else response.get_data(),
            )
        )
    return response


def key_of_request() -> str | None:
    """The request's Idempotency-Key. Raises Malformed for one that is too long."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    written = _KEY.fullmatch(key)
    if written is None:
        raise errors.Malformed(
            "L'en-tête Idempotency-Key doit avoir de 1 à 200 caractères, entre guillemets ou sans."
        )
    return written[1] or written[2]


def _claim_key(session: Session, key: str, fingerprint: str) -> RepeatableRequest | None:
    """Claim the key, or answer what it stands for already.

    Raises UnderWay while a twin is at work: who has sent it again asks once more, and no thread waits meanwhile.
    """
    earlier = session.get(RepeatableRequest, (actor().account_id, key))
    if earlier is None:
        if not _alone(session, key):
            raise errors.UnderWay(
                "La même demande est en cours : renvoyez-la dans un instant, avec la même clé."
            )
        claim = insert(RepeatableRequest).values(
            account_id=actor().account_id, key=key, fingerprint=fingerprint
        )
        if session.execute(claim.on_conflict_do_nothing().returning(RepeatableRequest.key)).first():
            return None
        earlier = session.get_one(RepeatableRequest, (actor().account_id, key))
    if earlier.fingerprint != fingerprint:
        raise errors.Invalid(
            "Cette Idempotency-Key a déjà servi à une autre demande : prenez-en une nouvelle."
        )
    return earlier


def _alone(session: Session, key: str) -> bool:
    """Whether no twin is at work, until this transaction ends: its lock is tried, never waited for."""
    name = sa.func.hashtextextended(f"{actor().account_id} {key}", 0)
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(name))))


def _fingerprint(received: Sequence[str]) -> str:
    asked = request.full_path if request.query_string else request.path
    return hashlib.sha256(orjson.dumps([request.method, asked, *received])).hexdigest()

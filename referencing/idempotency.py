"""Creations that may be sent twice: with an Idempotency-Key, the second time gets the first answer."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import sqlalchemy as sa
from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing import db, errors
from referencing.accounts.models import RepeatableRequest
from referencing.http import actor, parts

P = ParamSpec("P")


def repeatable(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """The key is written first, in the transaction of the creation: a twin waits for it, an error forgets it."""

    @wraps(view)
    def once(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        if not 1 <= len(key) <= 200:
            raise errors.Malformed("L'en-tête Idempotency-Key doit avoir de 1 à 200 caractères.")
        with db.transaction(parts().sessions) as session:
            known = _first_time(session, key)
            if known is not None:
                return Response(
                    known.body, known.status, {**(known.headers or {}), "Idempotent-Replayed": "true"}
                )
            g.session = session
            try:
                response = make_response(view(*args, **kwargs))
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
                    body=response.get_data(),
                )
            )
        return response

    return once


def _first_time(session: Session, key: str) -> RepeatableRequest | None:
    """Claim the key, or answer what it stands for already."""
    fingerprint = _fingerprint()
    claimed = session.execute(
        insert(RepeatableRequest)
        .values(account_id=actor().account_id, key=key, fingerprint=fingerprint)
        .on_conflict_do_nothing()
        .returning(RepeatableRequest.key)
    ).first()
    if claimed:
        return None
    known = session.get_one(RepeatableRequest, (actor().account_id, key))
    if known.fingerprint != fingerprint:
        raise errors.Invalid(
            "Cette Idempotency-Key a déjà servi à une autre demande : prenez-en une nouvelle."
        )
    return known


def _fingerprint() -> str:
    """What makes two requests the same; a form's body is streamed, so its length stands for it."""
    streamed = request.mimetype == "multipart/form-data"
    body = str(request.content_length).encode() if streamed else request.get_data()
    return hashlib.sha256(b"\n".join([request.method.encode(), request.path.encode(), body])).hexdigest()

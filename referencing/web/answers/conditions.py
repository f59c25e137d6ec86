"""What its reader has already is not sent again: every answer to a GET has an ETag (RFC 9110, 13.1.2).

It is the digest of what is answered. Where people edit, the revision stands before it (`"3.5f1c..."`): a change names
what it is made on by either, and what else has changed since does not refuse it.
Where the database says cheaply that nothing has changed, a view asks `unless_known` before it reads the rest.
"""

from collections.abc import Iterable
from hashlib import sha256

from flask import Response, abort, g, request

from referencing.base.permissions import Actor

#: Characters of a digest that make an ETag: two answers do not share it by chance.
LENGTH = 32
#: A program asks again by the ETag that it has; what is kept by others, or for who has no key, says so by itself.
ASKED_AGAIN = "private, no-cache"


def unless_known(actor: Actor | None, *mark: object) -> None:
    """End the request with 304 where the client has what these values stand for, else have the answer carry their ETag.

    They change with all that the view reads, but for who asks and the address, which are added.
    """
    who = (actor.account_id, actor.role, actor.function, actor.key_id) if actor else ()
    g.mark = _digest([*map(str, who), request.full_path, request.headers.get("Accept", ""), *map(str, mark)])
    if request.if_none_match.contains_weak(g.mark):
        abort(Response(status=304))


def withhold_known(response: Response) -> Response:
    """Have the answer to a GET carry its ETag; 304 without a body for who has it already."""
    if (
        request.method not in {"GET", "HEAD"}
        or response.status_code not in {200, 304}
        or response.is_streamed
    ):
        return response
    mark = g.get("mark")
    if mark or response.get_data():
        revision, _ = response.get_etag()
        tag = mark or _digest([response.get_data()])
        named = f"{revision}.{tag}" if revision else tag
        response.set_etag(named)
        if "actor" in g:
            response.headers.setdefault("Cache-Control", ASKED_AGAIN)
        if request.if_none_match.contains_weak(named):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Length"]
    return response


def _digest(parts: Iterable[str | bytes]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:LENGTH]

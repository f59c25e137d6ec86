"""Pages of a list: their arguments, their cursors, and the same list as a sheet."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Response, request
from sqlalchemy.orm import Session

from referencing.base import db, errors
from referencing.base.schemas import Schema
from referencing.web.requests import answer, lagging, parts, transaction

MAX_PAGE = 500
SHEET = "text/csv"
UNREADABLE = "Le curseur n'est pas lisible : reprenez la liste depuis le début."


@dataclass(frozen=True, slots=True)
class Page:
    """`after` holds the keys of the last row seen, as text, or None at the beginning."""

    limit: int
    after: tuple[str, ...] | None

    def keys(self, *kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
        """The keys of the last row seen, each read by its kind; None at the beginning. Raises Malformed."""
        if self.after is None:
            return None
        try:
            return tuple(kind(key) for kind, key in zip(kinds, self.after, strict=True))
        except ValueError as error:
            raise errors.Malformed(UNREADABLE) from error

    def of(
        self, rows: Sequence[Any], keys: Callable[[Any], Sequence[Any]]
    ) -> tuple[Sequence[Any], str | None]:
        """The rows of the page out of `limit + 1`, and the cursor of the next page, if there is one."""
        if len(rows) <= self.limit:
            return rows, None
        page = rows[: self.limit]
        return page, _cursor(keys(page[-1]))

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
        raise errors.Malformed(UNREADABLE)
    return tuple(keys)


def id_cursor(page: Page) -> tuple[Any, ...] | None:
    """The place in a list that is ordered by ids. Raises Malformed."""
    return page.keys(UUID)


def listing(items: Sequence[Any], following: str | None) -> Response:
    """A page of a list: `{"items": [...], "next": CURSOR|null}`, with a Link header (RFC 8288)."""
    response = answer({"items": items, "next": following})
    if following is not None:
        response.headers["Link"] = next_page(following)
    return response


def prefers_sheet() -> bool:
    """Whether the Accept header would rather have a sheet than JSON."""
    return request.accept_mimetypes.best_match(["application/json", SHEET]) == SHEET


def sheet(name: str, written: str | Iterable[str]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(written, headers=headers, content_type=f"{SHEET}; charset=utf-8; header=present")


def whole_sheet(
    name: str,
    written: Callable[[Session, Sequence[Any] | None], tuple[str, Sequence[Any]]],
    keys: Callable[[Any], Sequence[Any]],
    most: int,
    *,
    may_lag: bool = False,
) -> Response:
    """A list as one sheet, a page of `most` lines and a short transaction after the other.

    `written` answers the text of the page after a line's `keys`, and its lines; nothing of the request is there any
    more when it is asked for the second one. What `may_lag` is read as `lagging` reads.
    """
    wired = parts()

    def pages(text: str, lines: Sequence[Any]) -> Iterator[str]:
        yield text
        while len(lines) == most:
            with wired.lagging() if may_lag else db.transaction(wired.sessions) as session:
                text, lines = written(session, keys(lines[-1]))
            yield text

    # What is refused is refused before anything is written.
    with lagging() if may_lag else transaction() as session:
        first = written(session, None)
    return sheet(name, pages(*first))


def next_page(following: str) -> str:
    """A Link header (RFC 8288)."""
    query = urlencode({**request.args.to_dict(), "cursor": following})
    return f'<{request.path}?{query}>; rel="next"'

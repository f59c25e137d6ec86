"""The problems of an operation, each status with its kinds, as the description tells them."""

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

import marshmallow as ma

from referencing.base.errors import DomainError, PreconditionRequired, RangeNotSatisfiable, Stale, Unconfirmed
from referencing.web.problems import UPSTREAM, ConfirmationSchema, ProblemSchema

MEDIA_TYPE = "application/problem+json"
#: Whatever is asked: also a value that no column holds, what is not there or not yet, a database that is silent.
ALWAYS = frozenset({400, 404, 409, 422, 429, 500, 503})
#: Wherever it is asked who comes.
OF_THE_KNOWN = frozenset({401, 403})
OF_CHANGES = frozenset({408, 411, 413, 415})
OF_A_VERSION = Stale.status, PreconditionRequired.status
OF_A_RANGE = RangeNotSatisfiable.status
_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After", "RateLimit", "RateLimit-Policy")}


def kinds() -> dict[int, tuple[str, ...]]:
    """The last words of the types of problems, by status."""
    of_domain: list[type[DomainError]] = [DomainError, *_below(DomainError)]
    named = {error.kind: error.status for error in of_domain} | {f"http-{code}": code for code in UPSTREAM}
    by_status: dict[int, list[str]] = {}
    for kind, status in sorted(named.items()):
        by_status.setdefault(status, []).append(kind)
    return {status: tuple(of_status) for status, of_status in by_status.items()}


def _below(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for further in error.__subclasses__():
        if further.__module__.startswith("referencing."):
            yield further
            yield from _below(further)


@cache
def name_of(status: int) -> str:
    """How the description calls the problems of a status: as HTTP does, tus for its own 460."""
    return HTTPStatus(status).name if status in set(HTTPStatus) else f"PROBLEM_{status}"


def described_problems() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each status by its name, with the shape of its problems."""
    for status, of_status in kinds().items():
        words = ", ".join(f"`{kind}`" for kind in of_status)
        described = {
            "description": f"Problem: {words}",
            "content": {MEDIA_TYPE: {"schema": _schema(status, of_status)}},
        }
        if status in _HEADERS:
            described["headers"] = {header: header for header in _HEADERS[status]}
        yield name_of(status), described


def _schema(status: int, of_status: tuple[str, ...]) -> type[ma.Schema]:
    types = [f"urn:referencing:problem:{kind}" for kind in of_status]
    shared = ConfirmationSchema if Unconfirmed.kind in of_status else ProblemSchema
    words = {name: shared._declared_fields[name].metadata for name in ("type", "status")}  # noqa: SLF001 - marshmallow's
    return type(
        f"Problem{status}",
        (shared,),
        {
            "type": ma.fields.String(validate=ma.validate.OneOf(types), metadata=words["type"]),
            "status": ma.fields.Integer(validate=ma.validate.OneOf([status]), metadata=words["status"]),
        },
    )


def statuses(*, changes: bool, known: bool, versioned: bool, ranged: bool) -> set[int]:
    """The statuses of the problems that an operation of the API may answer."""
    return {
        *ALWAYS,
        *(OF_THE_KNOWN if known else ()),
        *(OF_CHANGES if changes else ()),
        *(OF_A_VERSION if versioned else ()),
        *((OF_A_RANGE,) if ranged else ()),
    }

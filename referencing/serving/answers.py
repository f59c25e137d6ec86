"""Answers that are written to a connection without the application: of life, and refusals of what is no request."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Flask
from gunicorn.http import errors

from referencing.web.headers import ALWAYS, DATA
from referencing.web.problems import http_view

ALIVE = "/healthz"
READY = "/readyz"


def rendered(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """An answer after which the connection ends."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _document(status: int, kind: str, content: object) -> bytes:
    body = orjson.dumps(content)
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        "Content-Security-Policy": DATA,
        **ALWAYS,
    }
    return rendered(status, headers, body)


def refusal(status: int) -> bytes:
    """A problem (RFC 9457) for what never became a request."""
    return _document(status, "application/problem+json", http_view(status))


#: To who asks whether a server is ready that is about to stop.
STOPPING = _document(503, "application/json", {"serving": "stopping"})


def life(application: Flask) -> bytes:
    """What the application answers to who asks whether it is alive, which asks nothing of any of its parts."""
    answer = application.test_client().get(ALIVE)
    return rendered(answer.status_code, dict(answer.headers), answer.data)


def status_of(error: Exception) -> int:
    """The status for what gunicorn cannot read; 500 for an error that is not the client's."""
    by_kind = {
        errors.LimitRequestLine: 414,
        errors.LimitRequestHeaders: 431,
        errors.UnsupportedTransferCoding: 501,
        errors.ExpectationFailed: 417,
        TimeoutError: 408,
        errors.ParseException: 400,
    }
    return next((status for kind, status in by_kind.items() if isinstance(error, kind)), 500)

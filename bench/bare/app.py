"""Bare Flask views at the addresses of the API: psycopg, orjson, and no more than the rows that an answer needs.

What the application is measured against. They read and write the same rows, each request in one transaction that
also says who asks, and neither check a right nor a state nor what was sent.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request
from psycopg.rows import DictRow, dict_row

from . import filing, reads, reviews

Cursor = psycopg.Cursor[DictRow]
View = Callable[..., Any]

_DOSSIER = "/candidatures/<uuid:dossier>"
VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/me", reads.me),
    ("GET", _DOSSIER, reads.dossier),
    ("GET", f"{_DOSSIER}/items", reads.items),
    ("GET", f"{_DOSSIER}/equivalence", reads.equivalence),
    ("GET", f"{_DOSSIER}/items/<path:code>/explanation", reads.explanation),
    ("GET", "/events", reads.events),
    ("GET", "/queues/<queue>/tasks", reads.tasks),
    ("POST", "/candidatures", filing.draft),
    ("POST", f"{_DOSSIER}/items/<path:code>/proofs", filing.upload),
    ("POST", f"{_DOSSIER}/submission", filing.submit),
    ("POST", f"{_DOSSIER}/admissibility", filing.admit),
    ("POST", "/queues/<queue>/claims", reviews.claim_next),
    ("POST", "/tasks/<uuid:task>/verdict", reviews.give_verdict),
)
_ACCOUNT = (
    "SELECT account.* FROM account_key JOIN account ON account.id = account_key.account_id "
    "WHERE key_digest = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) "
    "AND disabled_at IS NULL"
)
_thread = threading.local()


def create_app() -> Flask:
    """On the database that BENCH_DATABASE_URL names."""
    app = Flask("bare")
    for method, path, view in VIEWS:
        app.add_url_rule(f"/api/v1{path}", view.__name__, _answering(view), methods=[method])
    return app


def _answering(view: View) -> Callable[..., Response]:
    def answered(**words: Any) -> Response:
        key = request.headers["Authorization"].removeprefix("Bearer ")
        with _connection().transaction(), _connection().cursor() as cursor:
            cursor.execute(_ACCOUNT, [hashlib.sha256(key.encode()).hexdigest()])
            body = view(cursor, cursor.fetchone(), **words)
        return Response(orjson.dumps(body), content_type="application/json")

    return answered


def _connection() -> psycopg.Connection[DictRow]:
    """The thread's own."""
    if not hasattr(_thread, "connection"):
        url, options = os.environ["BENCH_DATABASE_URL"], "-c jit=off -c timezone=UTC"
        _thread.connection = psycopg.connect(url, row_factory=dict_row, autocommit=True, options=options)
    found: psycopg.Connection[DictRow] = _thread.connection
    return found

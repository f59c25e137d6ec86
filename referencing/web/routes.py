"""Whether the application is alive, and whether what it needs can be reached."""

import sqlalchemy as sa
from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.exc import SQLAlchemyError

from referencing.base.clamd import Clamd, ScannerUnavailable
from referencing.base.jobs import reach
from referencing.base.schemas import Schema
from storage.port import Unavailable

from .requests import answer, parts

blueprint = Blueprint("health", __name__, description="For those who run it")


class Alive(Schema):
    status = fields.String()


class Ready(Schema):
    database = fields.String(metadata={"description": "ok or unavailable"})
    storage = fields.String(metadata={"description": "ok or unavailable"})
    broker = fields.String(metadata={"description": "ok or unavailable; absent where none is configured"})
    scanner = fields.String(metadata={"description": "ok or unavailable; absent where none is configured"})


@blueprint.route("/healthz")
@blueprint.response(200, Alive)
def alive() -> Response:
    """Alive."""
    return answer({"status": "ok"})


@blueprint.route("/readyz")
@blueprint.response(200, Ready)
@blueprint.alt_response(503, schema=Ready)
def ready() -> Response:
    """Ready: database and storage answer. 503 and the name of the part that does not."""
    checks = {"database": "ok", "storage": "ok"}
    try:
        with parts().engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        checks["database"] = "unavailable"
    try:
        parts().vault.storage.check()
    except Unavailable:
        checks["storage"] = "unavailable"
    broker = parts().settings.broker_url
    if broker is not None:
        checks["broker"] = _broker(broker)
    scanner = parts().vault.scanner
    if scanner is not None:
        checks["scanner"] = _scanner(scanner)
    return answer(checks, 200 if set(checks.values()) == {"ok"} else 503)


def _broker(url: str) -> str:
    try:
        reach(url)
    except OSError:
        return "unavailable"
    return "ok"


def _scanner(scanner: Clamd) -> str:
    try:
        scanner.ping()
    except ScannerUnavailable:
        return "unavailable"
    return "ok"

"""Whether the application is alive, and whether what it needs can be reached."""

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from referencing.base.schemas import Schema

from .readiness import readiness
from .requests import answer, parts

blueprint = Blueprint("health", __name__, description="For those who run it")


class Alive(Schema):
    status = fields.String()


class Ready(Schema):
    serving = fields.String(metadata={"description": "stopping, alone, while the server ends; else absent"})
    database = fields.String(metadata={"description": "ok or unavailable"})
    storage = fields.String(metadata={"description": "ok or unavailable"})
    schema = fields.String(
        metadata={
            "description": "where it is not this version's: `0025, newer than 0024` serves, an older one does not"
        }
    )
    broker = fields.String(metadata={"description": "ok or degraded; absent where none is configured"})
    scanner = fields.String(metadata={"description": "ok or degraded; absent where none is configured"})


@blueprint.route("/healthz")
@blueprint.response(200, Alive)
def alive() -> Response:
    """Alive."""
    return answer({"status": "ok"})


@blueprint.route("/readyz")
@blueprint.response(200, Ready)
@blueprint.alt_response(503, schema=Ready)
def ready() -> Response:
    """Ready: database and storage answer, the schema fits.

    503 and the name of the part that does not; what can wait is `degraded`.
    """
    states, is_ready = readiness(parts())
    return answer(states, 200 if is_ready else 503)

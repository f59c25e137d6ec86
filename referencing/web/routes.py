"""Whether the application is alive, whether what it needs can be reached, and whom to tell of a weakness."""

from datetime import timedelta

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from referencing.base.db import utc_now
from referencing.base.errors import NotFound
from referencing.base.schemas import Schema, optional

from .descriptions import asks_no_key, refuses
from .readiness import readiness
from .requests import answer, parts

blueprint = Blueprint("health", __name__, description="For those who run it")

#: For how long the address of a contact may be relied on; RFC 9116 advises less than a year.
CONTACT_STANDS = timedelta(days=180)


class Alive(Schema):
    status = fields.String()


class Ready(Schema):
    serving = optional(fields.String(metadata={"description": "stopping, alone, while the server ends"}))
    database = optional(fields.String(metadata={"description": "ok or unavailable"}))
    storage = optional(fields.String(metadata={"description": "ok or unavailable"}))
    schema = optional(
        fields.String(
            metadata={
                "description": "where it is not this version's: `0025, newer than 0024` serves, an older one does not"
            }
        )
    )
    broker = optional(fields.String(metadata={"description": "ok or degraded, where one is configured"}))
    scanner = optional(fields.String(metadata={"description": "ok or degraded, where one is configured"}))


@blueprint.route("/healthz")
@asks_no_key()
@blueprint.response(200, Alive)
def read_health() -> Response:
    """Alive."""
    return answer({"status": "ok"})


@blueprint.route("/readyz")
@asks_no_key()
@blueprint.response(200, Ready)
@blueprint.alt_response(503, schema=Ready)
def read_readiness() -> Response:
    """Ready: database and storage answer, the schema fits.

    503 and the name of the part that does not; what can wait is `degraded`.
    """
    states, is_ready = readiness(parts())
    return answer(states, 200 if is_ready else 503)


@blueprint.route("/.well-known/security.txt")
@asks_no_key()
@refuses(NotFound)
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
def read_security_contact() -> Response:
    """Whom to tell of a weakness (RFC 9116); 404 where no `SECURITY_CONTACT` is set."""
    settings = parts().settings
    if settings.security_contact is None:
        raise NotFound("Aucun contact de sécurité n'est indiqué ici : écrivez à l'agence.")
    until = utc_now() + CONTACT_STANDS
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
    ]
    if settings.public_url is not None:
        lines.append(f"Canonical: {settings.public_url.rstrip('/')}/.well-known/security.txt")
    return Response("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")

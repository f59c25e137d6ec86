"""Webhooks over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.outgoing.receivers import Reach
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, answer_once, etag, expected_version, parts, transaction

from . import operations, queries, schemas
from .keys import service_key
from .models import Webhook

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/v1", description="Who is told of what happens")

_WITHHELD = (
    "Ce secret a été fait par cette demande et montré une seule fois : si vous ne l'avez pas reçu, renouvelez-le "
    "(POST /api/v1/webhooks/{webhook}/rotation)."
)
_shape = shape(schemas.WebhookOut)
_delivery = shape(schemas.DeliveryOut)


def reach() -> Reach:
    """Where an address may lead, as the settings say."""
    return Reach(parts().settings.webhook_networks)


def _answer(webhook: Webhook, status: int = 200) -> Response:
    return answer(_shape(webhook, actor()), status, etag(webhook.revision))


def _answer_secret(webhook: Webhook, secret: str, status: int = 200) -> Response:
    view = _shape(webhook, actor())
    shown = {**view, "secret": secret, "withheld": None}
    return answer_once(shown, {**view, "secret": None, "withheld": _WITHHELD}, status, etag(webhook.revision))


@blueprint.route("/webhooks")
@needs(Right.MANAGE_WEBHOOKS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.WebhookOut))
def list_webhooks(arguments: dict[str, Page]) -> Response:
    """The webhooks of one's organisation, or for a lead those of the agency, in the order in which they were made."""
    page = arguments["page"]
    with transaction() as session:
        webhooks = queries.webhooks(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(webhooks, lambda webhook: [webhook.id])
        return listing([_shape(webhook, actor()) for webhook in on_page], following)


@blueprint.route("/webhooks", methods=["POST"])
@needs(Right.MANAGE_WEBHOOKS)
@tells(ETAG)
@blueprint.arguments(schemas.WebhookIn)
@blueprint.response(201, schemas.NewSecretOut)
def make_webhook(words: dict[str, Any]) -> Response:
    """Have an address told of what happens from now on, after Standard Webhooks; its secret is shown this once.

    Fifty of each organisation at the most (docs/webhooks.md).
    """
    key = service_key(parts().settings)
    with transaction() as session:
        return _answer_secret(*operations.make(session, actor(), key, reach(), words), 201)


@blueprint.route("/webhooks/<uuid:webhook>")
@needs(Right.MANAGE_WEBHOOKS)
@tells(ETAG)
@blueprint.response(200, schemas.WebhookOut)
def read_webhook(webhook: UUID) -> Response:
    """One webhook, with its ETag."""
    with transaction() as session:
        return _answer(queries.webhook(session, actor(), webhook))


@blueprint.route("/webhooks/<uuid:webhook>", methods=["PATCH"])
@needs(Right.MANAGE_WEBHOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.WebhookChangeIn)
@blueprint.response(200, schemas.WebhookOut)
def change_webhook(words: dict[str, Any], webhook: UUID) -> Response:
    """Change what is given (If-Match: its revision); deliveries go on from where they are."""
    with transaction() as session:
        return _answer(operations.change(session, actor(), webhook, expected_version(), reach(), words))


@blueprint.route("/webhooks/<uuid:webhook>", methods=["DELETE"])
@needs(Right.MANAGE_WEBHOOKS)
@reads(IF_MATCH)
@blueprint.response(204)
def remove_webhook(webhook: UUID) -> Response:
    """Remove a webhook with its log (If-Match: its revision)."""
    with transaction() as session:
        operations.remove(session, actor(), webhook, expected_version())
        return Response(status=204)


@blueprint.route("/webhooks/<uuid:webhook>/rotation", methods=["POST"])
@needs(Right.MANAGE_WEBHOOKS)
@tells(ETAG)
@blueprint.response(200, schemas.NewSecretOut)
def rotate_secret(webhook: UUID) -> Response:
    """A new secret, shown this once, and a new public key; for a day the ones before sign as well."""
    key = service_key(parts().settings)
    with transaction() as session:
        return _answer_secret(*operations.rotate(session, actor(), key, webhook))


@blueprint.route("/webhooks/<uuid:webhook>/test", methods=["POST"])
@needs(Right.MANAGE_WEBHOOKS)
@tells(ETAG)
@blueprint.response(202, schemas.WebhookOut)
def test_webhook(webhook: UUID) -> Response:
    """Ask for a delivery of the event `webhook.test` within seconds, whether it is on or off; the log tells of it."""
    with transaction() as session:
        return _answer(operations.test(session, actor(), webhook), 202)


@blueprint.route("/webhooks/<uuid:webhook>/activation", methods=["POST"])
@needs(Right.MANAGE_WEBHOOKS)
@tells(ETAG)
@blueprint.response(200, schemas.WebhookOut)
def switch_webhook_on(webhook: UUID) -> Response:
    """Switch it on again: it is told, in order, all that came meanwhile."""
    with transaction() as session:
        return _answer(operations.switch_on(session, actor(), webhook))


@blueprint.route("/webhooks/<uuid:webhook>/deactivation", methods=["POST"])
@needs(Right.MANAGE_WEBHOOKS)
@tells(ETAG)
@blueprint.response(200, schemas.WebhookOut)
def switch_webhook_off(webhook: UUID) -> Response:
    """Switch it off; what comes meanwhile is told once it is on again."""
    with transaction() as session:
        return _answer(operations.switch_off(session, actor(), webhook))


@blueprint.route("/webhooks/<uuid:webhook>/deliveries")
@needs(Right.MANAGE_WEBHOOKS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.DeliveryOut))
def list_deliveries(arguments: dict[str, Page], webhook: UUID) -> Response:
    """The attempts of the last thirty days, the latest first."""
    page = arguments["page"]
    with transaction() as session:
        attempts = queries.deliveries(session, actor(), webhook, id_cursor(page), page.limit + 1)
        on_page, following = page.of(attempts, lambda delivery: [delivery.id])
        return listing([_delivery(delivery) for delivery in on_page], following)

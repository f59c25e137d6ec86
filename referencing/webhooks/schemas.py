"""Webhooks and their log as the API takes and shows them."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.outgoing.receivers import LONGEST_ADDRESS
from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.journal.events.table import EVENTS, REGISTER

from .models import DeliveryOutcome
from .states import WEBHOOK, WebhookState

#: What is told of, with its sentences: dossiers, as `/api/v1/events` has them, platforms and the public list.
TOLD: Mapping[str, str] = {
    action: event.sentence
    for kind in ("candidature", "platform", REGISTER)
    for action, event in EVENTS[kind].items()
}
_ALL = "all but those of the public list (`register.*`)"


def _events(**options: Any) -> fields.List[Any]:
    event = fields.String(
        validate=ma.validate.OneOf(tuple(TOLD), error="Cet événement n'existe pas : voyez docs/events.md.")
    )
    every = f"those that are told; {_ALL}, and those to come, where the list is empty"
    return fields.List(event, metadata={"description": every}, **options)


class WebhookIn(Schema):
    label = text(100, metadata={"description": "what it is for, so that one knows it again"})
    address = text(
        LONGEST_ADDRESS, metadata={"description": "https, on port 443 or 8443, without user and password"}
    )
    events = _events(load_default=list)


class WebhookChangeIn(Schema):
    """What is not given stays."""

    label = text(100, required=False)
    address = text(LONGEST_ADDRESS, required=False)
    events = _events()


class WebhookOut(Schema):
    id = fields.UUID()
    label = fields.String()
    address = fields.String()
    events = fields.List(fields.String(), metadata={"description": f"{_ALL} where the list is empty"})
    state = one_of(WebhookState)
    created_at = time()
    revision = fields.Integer(metadata={"description": "its ETag"})
    public_key = fields.String(metadata={"description": "of ed25519, for the signatures `v1a`"})
    overlap_until = time(
        allow_none=True, metadata={"description": "until then the secret before signs as well"}
    )
    failures = fields.Integer(metadata={"description": "in a row, of the event that is next"})
    due_at = time(metadata={"description": "not before then is the next event tried"})
    delivered_at = time(allow_none=True, metadata={"description": "the last delivery that was taken"})
    test_asked_at = time(allow_none=True, metadata={"description": "of a test that is still to be delivered"})
    actions = possible_actions(
        WEBHOOK,
        "/webhooks/{webhook}",
        {
            "change": "PATCH",
            "remove": "DELETE",
            "rotate": "POST /rotation",
            "switch_off": "POST /deactivation",
            "switch_on": "POST /activation",
            "test": "POST /test",
        },
    )


class NewSecretOut(WebhookOut):
    secret = fields.String(
        allow_none=True,
        metadata={"description": "for the signatures `v1`; shown this once; null to a repeated request"},
    )
    withheld = fields.String(
        allow_none=True, metadata={"description": "in French, why a repeated request is not told the secret"}
    )


class DeliveryOut(Schema):
    id = fields.UUID()
    message_id = fields.String(attribute="message", metadata={"description": "its `webhook-id`"})
    event = fields.String()
    candidature = fields.UUID(
        attribute="candidature_id",
        allow_none=True,
        metadata={"description": "null for a test, and for what everybody is told: `platform`, `change`"},
    )
    attempt = fields.Integer(metadata={"description": "from 1"})
    attempted_at = time()
    milliseconds = fields.Integer()
    outcome = one_of(DeliveryOutcome)
    status = fields.Integer(allow_none=True, metadata={"description": "of the receiver's answer"})

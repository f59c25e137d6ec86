"""Signals as the API takes and describes them."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, optional, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.web.pages import PageArguments

from .states import SIGNAL, STATUS, Channel, SignalState

#: Bytes of a whole signal: every character of the text may come as an escape.
LARGEST = 128 * 1024

_address = ma.validate.Email(error="Donnez une adresse électronique, comme nom@exemple.fr.")


def _reachable(text: str) -> None:
    if text:
        _address(text)


class SignalAuthorIn(Schema):
    name = remark(200)
    organisation = remark(200)
    email = fields.String(
        load_default="",
        validate=[_reachable, ma.validate.Length(max=320, error="{max} caractères au plus.")],
    )
    telephone = remark(50)


class SignalIn(Schema):
    solution = text(300, metadata={"description": "the software, by the name that one knows it by"})
    editor = remark(300, metadata={"description": "who sells it, if one knows"})
    description = text(10_000, metadata={"description": "what was seen; name no patient"})
    observed_on = Day(load_default=None, allow_none=True)
    author = fields.Nested(
        SignalAuthorIn,
        load_default=None,
        allow_none=True,
        metadata={"description": "optional; kept apart, read by auditors only"},
    )
    channel = one_of(
        Channel,
        load_default=None,
        allow_none=True,
        metadata={"description": "of an auditor: how it reached the agency; `other` unless told"},
    )
    received_on = Day(load_default=None, allow_none=True, metadata={"description": "of an auditor"})


class SignalReceiptOut(Schema):
    receipt = fields.String(metadata={"description": "keep it: the status is read with it"})
    id = optional(fields.UUID(metadata={"description": "to an auditor who entered it, and to nobody else"}))


class SignalStatusOut(Schema):
    state = one_of(SignalState)
    received_on = fields.Date()
    detail = computed(
        fields.String(metadata={"description": "in French"}), lambda signal: STATUS[signal.state]
    )


class SignalContentOut(Schema):
    """A signal without anything about its author."""

    id = fields.UUID()
    receipt = fields.String()
    state = one_of(SignalState)
    channel = one_of(Channel)
    solution = fields.String()
    editor = fields.String()
    description = fields.String()
    observed_on = fields.Date(allow_none=True)
    received_on = fields.Date()
    recorded_at = time()
    assessment = fields.String(allow_none=True)
    assessed_at = time(allow_none=True)
    candidature = fields.UUID(attribute="candidature_id", allow_none=True)
    audit = fields.UUID(attribute="audit_id", allow_none=True)
    actions = possible_actions(
        SIGNAL,
        "/signals/{signal}",
        {"dismiss": "POST /dismissal", "qualify": "POST /qualification", "reopen": "POST /reopening"},
        lambda signal: None if signal.audit_id else signal.state,
    )


class SignalOut(SignalContentOut):
    anonymous = fields.Boolean(metadata={"description": "nobody is named to be reached"})


class SignalsArguments(PageArguments):
    state = one_of(SignalState, load_default=None)


class QualificationIn(Schema):
    assessment = text(5_000, metadata={"description": "in words that tell nothing of the author"})
    candidature = fields.UUID(load_default=None, allow_none=True)


class AssessmentIn(Schema):
    assessment = text(5_000)


class SignalAuthorOut(Schema):
    name = fields.String()
    organisation = fields.String()
    email = fields.String()
    telephone = fields.String()

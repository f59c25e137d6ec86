"""Declarations to the EDC PSC as the API takes and describes them."""

from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, text, time

from .models import Counter


class DeclarationIn(Schema):
    component = text(200, metadata={"description": "identifier@version, or the software's own NIL"})
    counter = one_of(Counter, required=True)
    number = text(100)
    declared_on = Day(required=True)
    operator = text(200, required=False, load_default=None, metadata={"description": "who runs it"})


class DeclarationOut(Schema):
    id = fields.UUID()
    software = fields.UUID(attribute="software_id")
    component = fields.String()
    counter = one_of(Counter)
    operator = fields.String(allow_none=True)
    number = fields.String()
    declared_on = fields.Date()
    withdrawn_at = time(allow_none=True)
    withdrawn_reason = fields.String(allow_none=True)

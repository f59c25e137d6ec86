"""Revocations and flags as the API takes and describes them."""

from marshmallow import fields

from referencing.candidatures.states import ItemState
from referencing.schemas import Schema, one_of, text, time

from .operations import Fate


class RevocationIn(Schema):
    reason = text(5_000)
    audit = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "the audit that found it false"}
    )


class RevocationArguments(Schema):
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only answer what would happen; nothing is changed"}
    )


class EffectOut(Schema):
    candidature = fields.UUID()
    item = fields.UUID()
    code = fields.String()
    fate = one_of(Fate)
    state = one_of(ItemState)
    derivation = fields.Dict(allow_none=True, metadata={"description": "what covers it instead"})


class ImpactOut(Schema):
    dry_run = fields.Boolean()
    effects = fields.List(fields.Nested(EffectOut))
    summary = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "by fate"})


class FlagOut(Schema):
    id = fields.UUID()
    candidature = fields.UUID()
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID()
    code = fields.String()
    reason = fields.String()
    raised_at = time()

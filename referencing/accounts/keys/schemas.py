"""Keys as the API takes and shows them."""

from marshmallow import fields

from referencing.base.permissions import Right
from referencing.base.schemas import Day, Schema, one_of, text, time


class KeyNameIn(Schema):
    name = text(100, metadata={"description": "where it is used, so that one knows it again"})


class KeyIn(KeyNameIn):
    last_day = Day(
        load_default=None, metadata={"description": "the last day on which it serves; else it has none"}
    )
    rights = fields.List(
        one_of(Right),
        load_default=None,
        metadata={"description": "what it is for, of what its account may do; null for all of it"},
    )


class KeyOut(Schema):
    id = fields.UUID()
    name = fields.String()
    rights = fields.List(one_of(Right), allow_none=True)
    created_at = time()
    expires_at = time(allow_none=True)
    revoked_at = time(allow_none=True)
    last_used_at = time(allow_none=True, metadata={"description": "to a minute"})
    last_used_from = fields.String(allow_none=True, metadata={"description": "an IP address"})


class ShownOnceOut(Schema):
    key = fields.String(
        allow_none=True,
        metadata={"description": "the words to send; they are shown this once; null to a repeated request"},
    )
    withheld = fields.String(
        allow_none=True, metadata={"description": "in French, why a repeated request is not told the key"}
    )


class NewKeyOut(KeyOut, ShownOnceOut):
    """With its words."""

"""Embedded certificates as the API takes and describes them."""

from marshmallow import fields

from referencing.base.schemas import Schema, text


class EmbeddingIn(Schema):
    software = fields.UUID(required=True)
    component = text(200, metadata={"description": "as a composition of the software names it (NIL@version)"})


class EmbeddingSoftwareOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()


class EmbeddingOut(Schema):
    software = fields.Nested(EmbeddingSoftwareOut)
    organisation = fields.String(attribute="software.organisation.name")
    component = fields.String()
    certificate = fields.UUID(
        allow_none=True, metadata={"description": "the one that the software has by that"}
    )

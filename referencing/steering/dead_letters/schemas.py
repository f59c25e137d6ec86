"""Jobs as a lead sees them."""

from marshmallow import fields

from referencing.base.schemas import Schema, time


class JobOut(Schema):
    id = fields.UUID()
    task = fields.String()
    arguments = fields.Dict()
    created_at = time()
    attempts = fields.Integer()
    dead_at = time(allow_none=True)
    last_error = fields.String(allow_none=True, metadata={"description": "the kind of error of the last try"})

"""Accounts as the API shows them."""

from marshmallow import fields

from referencing.schemas import Schema, one_of

from .permissions import Role


class MeOut(Schema):
    id = fields.UUID()
    name = fields.String()
    role = one_of(Role)
    organisation = fields.String(allow_none=True, metadata={"description": "null for the agency"})

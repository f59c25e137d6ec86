"""Who waits to be accepted, as the API shows them, and what they are answered."""

from marshmallow import fields

from referencing.base.permissions import Function, Role
from referencing.base.schemas import Schema, one_of, text, time


class NewcomerOut(Schema):
    id = fields.UUID()
    issuer = fields.String(metadata={"description": "the address of who vouches for them"})
    name = fields.String()
    email = fields.String(allow_none=True)
    siren = fields.String(
        allow_none=True, metadata={"description": "of the organisation, as the issuer says it"}
    )
    machine = fields.Boolean(metadata={"description": "a program with client credentials"})
    first_seen_at = time()
    seen_at = time()


class NewcomerAcceptanceIn(Schema):
    account = fields.UUID(load_default=None, metadata={"description": "one that is there; or else a role"})
    name = text(
        200,
        required=False,
        load_default=None,
        metadata={"description": "of the account to open, where somebody else has the person's own"},
    )
    role = one_of(Role, load_default=None, metadata={"description": "of the account to open"})
    function = one_of(Function, load_default=None, metadata={"description": "of an editor's person"})
    organisation = text(
        200, required=False, load_default=None, metadata={"description": "its name; a mandataire's own else"}
    )


class NewcomerRefusalIn(Schema):
    reason = text(1000, metadata={"description": "the person reads it"})

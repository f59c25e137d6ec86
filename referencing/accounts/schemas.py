"""Accounts as the API shows them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.permissions import Function, Right, Role
from referencing.base.schemas import Schema, one_of

from .email import mailbox


class MeOut(Schema):
    id = fields.UUID()
    name = fields.String()
    role = one_of(Role)
    function = one_of(Function, allow_none=True, metadata={"description": "of an editor's person; else null"})
    organisation = fields.String(allow_none=True, metadata={"description": "null for the agency"})
    delegated_from = fields.Date(
        allow_none=True, metadata={"description": "the first day on which one manages people by delegation"}
    )
    delegated_until = fields.Date(allow_none=True, metadata={"description": "the last one"})
    rights = fields.List(one_of(Right), metadata={"description": "what this key may do"})
    email = fields.String(
        allow_none=True, metadata={"description": "where one is written to; shown to nobody else"}
    )
    email_is_sent = fields.Boolean(metadata={"description": "false where no SMTP server is configured"})


class Mailbox(fields.String):
    """An e-mail address, as it is written in an envelope once it is read."""

    def _deserialize(self, *args: Any, **options: Any) -> str:
        address = mailbox(str(super()._deserialize(*args, **options)))
        if address is None:
            raise ma.ValidationError("Donnez une adresse de messagerie, par exemple prenom.nom@exemple.fr.")
        return address


class EmailIn(Schema):
    address = Mailbox(required=True)

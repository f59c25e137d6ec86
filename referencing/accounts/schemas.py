"""Accounts as the API shows them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.permissions import Function, Right, Role
from referencing.base.schemas import Schema, one_of, text

from .email import mailbox


class MeOut(Schema):
    id = fields.UUID()
    name = fields.String()
    role = one_of(Role)
    function = one_of(Function, allow_none=True, metadata={"description": "of an editor's person; else null"})
    organisation = fields.String(allow_none=True, metadata={"description": "null for the agency"})
    rights = fields.List(one_of(Right), metadata={"description": "what this key may do"})
    email = fields.String(
        allow_none=True, metadata={"description": "where one is written to; shown to nobody else"}
    )
    email_is_sent = fields.Boolean(metadata={"description": "false where no SMTP server is configured"})


class EmailIn(Schema):
    address = text(320)

    @ma.post_load
    def _as_mailbox(self, words: dict[str, Any], **_: Any) -> dict[str, Any]:
        address = mailbox(words["address"])
        if address is None:
            raise ma.ValidationError(
                "Donnez une adresse de messagerie, par exemple prenom.nom@exemple.fr.", "address"
            )
        return {"address": address}

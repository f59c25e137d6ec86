"""Declarations as the API takes and describes them."""

from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, optional, remark, time
from referencing.base.shapes import possible_actions
from referencing.proofs.schemas import FileOut
from referencing.revocations.schemas import RevocationImpactOut
from referencing.web.pages import PageArguments

from .states import DECLARATION, DeclarationState

MOST_FILES = 10
LONGEST_TEXT = 5_000
#: Bytes of the form's first field: every character of the text may come as an escape.
LONGEST_FIELD = 16 * LONGEST_TEXT


class IdentityDeclarationIn(Schema):
    other = fields.UUID(
        required=True, metadata={"description": "the other software's id, as its editor reads it here"}
    )
    comment = remark(LONGEST_TEXT)


DECLARATION_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["declaration", "file"],
                "properties": {
                    "declaration": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": 'The first field: `{"other": "ID", "comment": ""}`.',
                    },
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": f"The attestation; {MOST_FILES} files at the most.",
                    },
                },
            }
        }
    },
}


class DeclarationsArguments(PageArguments):
    state = one_of(DeclarationState, load_default=None)


class OtherOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()
    organisation = fields.String(attribute="organisation.name")


class OwnDeclarationOut(Schema):
    """A declaration as its own editor reads it."""

    id = fields.UUID()
    software = fields.UUID(attribute="software_id")
    name = fields.String(attribute="software.name")
    nil = fields.String(attribute="software.nil")
    organisation = fields.String(attribute="software.organisation.name")
    other = fields.UUID(attribute="other_id", metadata={"description": "as it was declared"})
    comment = fields.String()
    state = one_of(DeclarationState)
    declared_at = time()
    ended_at = time(allow_none=True)
    refusal = fields.String(allow_none=True, metadata={"description": "why a lead refused it"})
    actions = possible_actions(
        DECLARATION,
        "/identity-declarations/{declaration}",
        {"accept": "POST /acceptance", "refuse": "POST /refusal", "withdraw": "POST /withdrawal"},
    )
    identity = fields.UUID(attribute="identity_id", allow_none=True)
    files = fields.List(fields.Nested(FileOut))


class IdentityDeclarationOut(OwnDeclarationOut):
    """A declaration as its own editor reads it, and for the agency the other side."""

    other_software = optional(
        fields.Nested(
            OtherOut, allow_none=True, metadata={"description": "for the agency; null where there is none"}
        )
    )
    complete = optional(
        fields.Boolean(
            metadata={"description": "for the agency: all who have to have declared it, a lead may accept"}
        )
    )


class WithdrawnDeclarationOut(IdentityDeclarationOut):
    """A declaration that was taken back, or, of a dry run, would be."""

    impact = fields.Nested(
        RevocationImpactOut, allow_none=True, metadata={"description": "of a dry run; else null"}
    )

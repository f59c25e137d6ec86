"""Certificates as the API takes and describes them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.permissions import Actor
from referencing.base.schemas import Day, Schema, one_of, text
from referencing.base.shapes import computed, possible_actions
from referencing.proofs.schemas import FileOut
from referencing.web.pages import PageArguments

from .standing import HeldBy, Standing
from .states import CERTIFICATE, CertificateAction, state_at

LONGEST_FIELD = 64 * 1024
MOST_FILES = 20


class CertificateIn(Schema):
    kind = text(
        50,
        metadata={
            "description": "as the `certificate_kinds` of the rulebook in force name it; one that no rule names is "
            "kept and serves nothing, until a rulebook names it: `remarks` then say so"
        },
    )
    holder = text(200, metadata={"description": "the software's NIL, or a component it embeds (NIL@version)"})
    number = text(100)
    valid_from = Day(required=True)
    valid_until = Day(load_default=None, allow_none=True, metadata={"description": "the first day without"})


class CertificateCorrectionIn(CertificateIn):
    reason = text(5_000)
    without_files = fields.List(
        fields.UUID(),
        load_default=list,
        validate=ma.validate.Length(max=MOST_FILES, error="Donnez {max} fichiers au plus."),
        metadata={"description": "the ids of wrong files, which stay with the certificate as it was"},
    )


class StandingOut(Schema):
    standing = one_of(Standing)
    confirmed = fields.Boolean(
        metadata={"description": "the agency, or the counter of its issuer, answers for it beside the list"}
    )
    holder_shown = fields.Boolean(
        metadata={
            "description": "its holder is a component, or a NIL that the agency confirmed or the list gives to the "
            "software's organisation by its SIREN; else it serves nothing"
        }
    )
    differs = fields.List(
        fields.String(), metadata={"description": "the fields that the list tells otherwise"}
    )
    issuer = fields.String(allow_none=True)
    list = fields.Integer(
        attribute="list_number", allow_none=True, metadata={"description": "number of the list in force"}
    )
    as_of = fields.Date(allow_none=True, metadata={"description": "the day of that list"})


def _hindered(shown: Any, _: Actor, action: CertificateAction) -> bool:
    """What repeats a component's certificate follows it; what is confirmed is not confirmed again."""
    if action is CertificateAction.CONFIRM:
        return bool(shown.check.confirmed)
    of_its_own = {CertificateAction.CORRECT, CertificateAction.EMBED}
    return action in of_its_own and shown.certificate.original_id is not None


class CertificateOut(Schema):
    id = fields.UUID(attribute="certificate.id")
    software = fields.UUID(attribute="certificate.software_id")
    kind = fields.String(attribute="certificate.kind")
    holder = fields.String(attribute="certificate.holder")
    held_by = one_of(
        HeldBy,
        metadata={
            "description": "unknown: neither the software nor a component it ever had: it serves nothing"
        },
    )
    embedded = computed(
        fields.Boolean(
            metadata={
                "description": "the certificate of a component, entered once for all softwares that embed it"
            }
        ),
        lambda whole: whole.certificate.original_id is not None,
    )
    number = fields.String(attribute="certificate.number")
    valid_from = fields.Date(attribute="certificate.valid_from")
    valid_until = fields.Date(attribute="certificate.valid_until", allow_none=True)
    revoked_on = fields.Date(
        attribute="certificate.revoked_on",
        allow_none=True,
        metadata={"description": "withdrawn, revoked or corrected"},
    )
    replaced_by = fields.UUID(
        attribute="certificate.replaced_by", allow_none=True, metadata={"description": "the corrected one"}
    )
    check = fields.Nested(StandingOut, metadata={"description": "against the list of its issuer"})
    remarks = fields.List(
        fields.String(),
        metadata={"description": "what is to be known of it: its kind, when no rule in force reads it"},
    )
    files = fields.List(fields.Nested(FileOut))
    actions = possible_actions(
        CERTIFICATE,
        "/certificates/{certificate}",
        {
            "add_files": "POST /files",
            "confirm": "POST /confirmation",
            "correct": "POST /correction",
            "embed": "POST /embeddings",
            "revoke": "POST /revocation",
            "withdraw": "POST /withdrawal",
        },
        lambda shown: state_at(shown.certificate.revoked_on),
        hindered=_hindered,
    )


class CertificatesArguments(PageArguments):
    software = fields.UUID(load_default=None)
    kind = text(50, required=False, load_default=None)
    in_doubt = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "of those that stand: a verifier looks before they are reused"},
    )

    ends_before = Day(
        load_default=None,
        metadata={"description": "of those that are valid today: which end before that day"},
    )


_FILES = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "description": f"{MOST_FILES} at the most.",
}
#: A certificate, with or without its files, as the description of the API says it.
CERTIFICATE_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": CertificateIn},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["certificate"],
                "properties": {
                    "certificate": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": "The first field: the JSON as it is without files.",
                    },
                    "file": _FILES,
                },
            }
        },
    },
}

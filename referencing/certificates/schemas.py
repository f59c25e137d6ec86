"""What comes in and goes out for certificates and their issuers."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import RowProblemSchema, Schema, one_of, text, time
from referencing.proofs.schemas import FileOut
from referencing.web.pages import PageArguments

from .models import Counter
from .standing import HeldBy, Standing

LONGEST_FIELD = 64 * 1024
MOST_FILES = 20


class CertificateIn(Schema):
    kind = text(50)
    holder = text(200, metadata={"description": "the software's NIL, or a component it embeds (NIL@version)"})
    number = text(100)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "the first day without"}
    )


class CertificateCorrectionIn(CertificateIn):
    reason = text(5_000)


class StandingOut(Schema):
    standing = one_of(Standing)
    differs = fields.List(
        fields.String(), metadata={"description": "the fields that the list tells otherwise"}
    )
    issuer = fields.String(allow_none=True)
    list = fields.Integer(allow_none=True, metadata={"description": "number of the list in force"})
    as_of = fields.Date(allow_none=True, metadata={"description": "the day of that list"})


class CertificateOut(Schema):
    id = fields.UUID()
    software = fields.UUID()
    kind = fields.String()
    holder = fields.String()
    held_by = one_of(
        HeldBy,
        metadata={
            "description": "unknown: neither the software nor a component it ever had: it serves nothing"
        },
    )
    embedded = fields.Boolean(
        metadata={
            "description": "the certificate of a component, entered once for all softwares that embed it"
        }
    )
    number = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True)
    revoked_on = fields.Date(allow_none=True, metadata={"description": "withdrawn, revoked or corrected"})
    replaced_by = fields.UUID(allow_none=True, metadata={"description": "the corrected one"})
    check = fields.Nested(StandingOut, metadata={"description": "against the list of its issuer"})
    files = fields.List(fields.Nested(FileOut))


class EmbeddingIn(Schema):
    software = fields.UUID(required=True)
    component = text(200, metadata={"description": "as a composition of the software names it (NIL@version)"})


class EmbeddingSoftwareOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()


class EmbeddingOut(Schema):
    software = fields.Nested(EmbeddingSoftwareOut)
    organisation = fields.String()
    component = fields.String()
    certificate = fields.UUID(
        allow_none=True, metadata={"description": "the one that the software has by that"}
    )


class CertificatesArguments(PageArguments):
    software = fields.UUID(load_default=None)
    kind = text(50, required=False, load_default=None)
    in_doubt = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "of those that stand: absent from their issuer's list, or otherwise on it"},
    )

    ends_before = fields.Date(
        load_default=None,
        metadata={"description": "of those that are valid today: which end before that day"},
    )


class IssuerIn(Schema):
    name = text(200)
    kinds = fields.List(
        text(50), required=True, validate=ma.validate.Length(max=200, error="{max} types au plus.")
    )


class IssuerOut(Schema):
    code = fields.String()
    name = fields.String()
    kinds = fields.List(fields.String(), metadata={"description": "the kinds of certificates it delivers"})
    revision = fields.Integer()


class ListArguments(Schema):
    as_of = fields.Date(load_default=None, metadata={"description": "the day of the list; today unless told"})
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only answer what would happen; nothing is changed"}
    )


class IssuerListOut(Schema):
    number = fields.Integer()
    as_of = fields.Date()
    kinds = fields.List(fields.String())
    rows = fields.Integer()
    entries = fields.Integer()
    sha256 = fields.String(metadata={"description": "of the file"})
    imported_at = time()
    imported_by = fields.String()
    superseded_at = time(allow_none=True, metadata={"description": "null for the list in force"})


class ListedOut(Schema):
    kind = fields.String()
    number = fields.String()
    holder = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)


class MovedOut(Schema):
    certificate = fields.UUID()
    software = fields.UUID()
    kind = fields.String()
    holder = fields.String()
    number = fields.String()
    before = fields.Nested(StandingOut)
    after = fields.Nested(StandingOut)


class IssuerListReportOut(Schema):
    dry_run = fields.Boolean()
    number = fields.Integer()
    as_of = fields.Date()
    rows = fields.Integer()
    entries = fields.Integer()
    moved = fields.Integer(metadata={"description": "certificates that stand otherwise than before"})
    certificates = fields.List(fields.Nested(MovedOut), metadata={"description": "the first 500 of these"})
    problems = fields.List(fields.Nested(RowProblemSchema))


class DeclarationIn(Schema):
    component = text(200, metadata={"description": "identifier@version, or the software's own NIL"})
    counter = one_of(Counter, required=True)
    number = text(100)
    declared_on = fields.Date(required=True)
    operator = text(200, required=False, load_default=None, metadata={"description": "who runs it"})


class DeclarationOut(Schema):
    id = fields.UUID()
    software = fields.UUID()
    component = fields.String()
    counter = one_of(Counter)
    operator = fields.String(allow_none=True)
    number = fields.String()
    declared_on = fields.Date()
    withdrawn_at = time(allow_none=True)
    withdrawn_reason = fields.String(allow_none=True)


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

"""What comes in and goes out for integrations."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, optional, text, time
from referencing.certificates.schemas import CertificateOut
from referencing.files.operations import LONGEST_NAME
from referencing.proofs.schemas import ReceiptOut
from referencing.web.problems import ProblemSchema

MOST_LINES = 500
#: The files of a manifest, all lines together; and its length in bytes, enough for that many names.
MOST_FILES = 1_000
LONGEST_MANIFEST = 1024**2


def _between(least: int, most: int) -> ma.validate.Length:
    return ma.validate.Length(least, most, error="De {min} à {max} lignes.")


class PermissionIn(Schema):
    account = fields.UUID(
        required=True, metadata={"description": "the integration's own id, as it reads it at /api/v1/me"}
    )


class PermissionOut(Schema):
    id = fields.UUID()
    account = fields.UUID(attribute="account_id")
    name = fields.String(
        attribute="account.name",
        allow_none=True,
        metadata={"description": "null for an integration of another organisation"},
    )
    organisation = fields.String(
        attribute="account.organisation.name",
        allow_none=True,
        metadata={"description": "null where it is another one"},
    )
    created_at = time()


class ReferenceIn(Schema):
    item = text(300, metadata={"description": "the item's id or its expected proof's code"})
    reference = text(200, metadata={"description": "the editor's own name for it, once in a candidature"})


class ReferencesIn(Schema):
    references = fields.List(fields.Nested(ReferenceIn), required=True, validate=_between(0, 5_000))


class ReferenceOut(Schema):
    item = fields.UUID(attribute="id")
    code = fields.String(attribute="expected_proof.code")
    reference = fields.String(attribute="external_reference")


class LineIn(Schema):
    item = text(300, metadata={"description": "an id, a code, or `ref:` and the editor's own reference"})
    files = fields.List(
        text(LONGEST_NAME),
        required=True,
        validate=ma.validate.Length(1, 100, error="De {min} à {max} fichiers."),
        metadata={"description": "the names under which they come, each in one line only"},
    )
    performed_on = Day(
        load_default=None, metadata={"description": "of an intrusion test: the day on which it was done"}
    )


class ManifestIn(Schema):
    lines = fields.List(fields.Nested(LineIn), required=True, validate=_between(1, MOST_LINES))


class LineOut(Schema):
    item = fields.String(metadata={"description": "as the manifest names it"})
    outcome = fields.String(metadata={"description": "supplied or refused"})
    receipt = optional(fields.Nested(ReceiptOut, metadata={"description": "when it was supplied"}))
    problem = optional(fields.Nested(ProblemSchema, metadata={"description": "when it was refused"}))


class ReportOut(Schema):
    supplied = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(LineOut), metadata={"description": "in the order of the manifest"})
    unexpected_files = fields.List(
        fields.String(), metadata={"description": "which no line names; they were not kept"}
    )


class CertificatesIn(Schema):
    certificates = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        validate=_between(1, MOST_LINES),
        metadata={"description": "each as a single one is sent"},
    )


class CertificateLineOut(Schema):
    number = fields.String(metadata={"description": "as it was sent"}, allow_none=True)
    outcome = fields.String(metadata={"description": "entered or refused"})
    certificate = optional(fields.Nested(CertificateOut, metadata={"description": "when it was entered"}))
    problem = optional(fields.Nested(ProblemSchema, metadata={"description": "when it was refused"}))


class CertificatesReportOut(Schema):
    entered = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(CertificateLineOut), metadata={"description": "in the order sent"})


#: A form that begins with a manifest, as the description of the API says it.
MANIFEST_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["manifest", "file"],
                "properties": {
                    "manifest": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": 'The first field: `{"lines": [{"item": "ref:TNR-0123", "files": ["a.pdf"]}]}`; '
                        f"{MOST_LINES} lines at the most.",
                    },
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": f"{MOST_FILES} at the most, each under a name of the manifest.",
                    },
                },
            }
        }
    },
}

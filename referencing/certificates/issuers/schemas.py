"""Issuers and their lists as the API takes and describes them."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, RowProblemSchema, Schema, Sha256, text, time
from referencing.base.shapes import computed, is_there, possible_actions, shape
from referencing.certificates.schemas import StandingOut

from .states import ISSUER

#: The certificates of an import that are listed one by one; the rest are counted.
MOST_LISTED = 500


class IssuerIn(Schema):
    name = text(200)
    kinds = fields.List(
        text(50), required=True, validate=ma.validate.Length(max=200, error="{max} types au plus.")
    )
    counter = text(
        200,
        required=False,
        load_default=None,
        allow_none=True,
        metadata={"description": "the organisation whose integrations enter its certificates in its name"},
    )


class IssuerRowOut(Schema):
    code = fields.String()
    name = fields.String()
    kinds = computed(
        fields.List(fields.String(), metadata={"description": "the kinds of certificates it delivers"}),
        lambda issuer: [kind.kind for kind in issuer.kinds],
    )
    counter = fields.String(attribute="counter.name", allow_none=True)
    revision = fields.Integer()
    actions = possible_actions(
        ISSUER, "/issuers/{issuer}", {"change": "PUT", "import_list": "PUT /list"}, is_there
    )


class IssuerOut(IssuerRowOut):
    remarks = fields.List(
        fields.String(), metadata={"description": "which of its kinds no rule in force reads"}
    )


class ListArguments(Schema):
    as_of = Day(load_default=None, metadata={"description": "the day of the list; today unless told"})
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only answer what would happen; nothing is changed"}
    )
    digest = Sha256(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "of what moves, as the dry run or the refusal gives it: it is meant. Needed when "
            "certificates lose"
        },
    )


class IssuerListOut(Schema):
    number = fields.Integer()
    as_of = fields.Date()
    kinds = fields.List(fields.String())
    rows = fields.Integer()
    entries = fields.Integer()
    sha256 = fields.String(metadata={"description": "of the file"})
    imported_at = time()
    imported_by = fields.String(attribute="importer.name")
    superseded_at = time(allow_none=True, metadata={"description": "null for the list in force"})


class ListedOut(Schema):
    kind = fields.String()
    number = fields.String()
    holder = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)


class MovedOut(Schema):
    certificate = fields.UUID(attribute="now.certificate.id")
    software = fields.UUID(attribute="now.certificate.software_id")
    kind = fields.String(attribute="now.certificate.kind")
    holder = fields.String(attribute="now.certificate.holder")
    number = fields.String(attribute="now.certificate.number")
    before = fields.Nested(StandingOut)
    after = fields.Nested(StandingOut, attribute="now.check")


class IssuerListReportOut(Schema):
    dry_run = fields.Boolean()
    number = fields.Integer(attribute="issued.number")
    as_of = fields.Date(attribute="issued.as_of")
    rows = fields.Integer(attribute="issued.rows")
    entries = fields.Integer(attribute="issued.entries")
    moved = computed(
        fields.Integer(metadata={"description": "certificates that stand otherwise than before"}),
        lambda report: len(report.moved),
    )
    certificates = computed(
        fields.List(fields.Nested(MovedOut), metadata={"description": f"the first {MOST_LISTED} of these"}),
        lambda report: [shape(MovedOut)(moved) for moved in report.moved[:MOST_LISTED]],
    )
    losing = fields.Integer(
        metadata={"description": "of these, which served by themselves before and are looked at from now on"}
    )
    digest = fields.String(metadata={"description": "names what moves, certificate by certificate"})
    problems = fields.List(fields.Nested(RowProblemSchema))

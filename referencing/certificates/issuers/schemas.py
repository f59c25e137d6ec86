"""What comes in and goes out of issuers and their lists."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, RowProblemSchema, Schema, text, time
from referencing.certificates.schemas import StandingOut


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
    as_of = Day(load_default=None, metadata={"description": "the day of the list; today unless told"})
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

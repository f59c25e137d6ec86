"""Proofs as the API describes them."""

from marshmallow import fields

from referencing.schemas import Schema, one_of, text, time

from .models import Scan


class FileOut(Schema):
    id = fields.UUID()
    filename = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    scan = one_of(Scan)
    scan_detail = fields.String(allow_none=True)
    accepted_reason = fields.String(
        allow_none=True, metadata={"description": "why it is read although it could not be scanned"}
    )


class VerificationOut(Schema):
    id = fields.UUID()
    finding = fields.String()
    found_on = fields.Date()
    comment = fields.String()
    revoked_on = fields.Date(allow_none=True)


class ProofOut(Schema):
    id = fields.UUID()
    number = fields.Integer(metadata={"description": "version, from 1"})
    item = fields.UUID()
    state = fields.String()
    supplied_at = time()
    journal_position = fields.Integer(metadata={"description": "of the deposit, in the record"})
    files = fields.List(fields.Nested(FileOut))
    verifications = fields.List(fields.Nested(VerificationOut))


class ElsewhereOut(Schema):
    sha256 = fields.String()
    code = fields.String()
    proof = fields.UUID()


class ReceiptOut(ProofOut):
    also_in = fields.List(
        fields.Nested(ElsewhereOut),
        metadata={"description": "other items of the organisation that carry these files"},
    )


class ReasonIn(Schema):
    reason = text(5_000)

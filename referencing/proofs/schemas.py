"""Proofs as the API describes them."""

from marshmallow import fields, validate

from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import computed
from referencing.files.models import Scan

from .models import OUTCOMES
from .queries import Reason


class IdentifierOut(Schema):
    kind = fields.String(metadata={"description": "nir, or temporary while a registration is under way"})
    masked = fields.String(metadata={"description": "its first digit and the last two"})
    where = fields.String(metadata={"description": "where it stands first, in French"})
    count = fields.Integer()


class FileOut(Schema):
    id = fields.UUID()
    filename = fields.String()
    media_type = fields.String(metadata={"description": "as declared by who supplied it"})
    detected_type = fields.String(
        allow_none=True, metadata={"description": "by its content; null where nobody looked"}
    )
    remarks = fields.List(
        fields.String(), metadata={"description": "what to know before reading it, in French"}
    )
    examined = fields.Boolean(
        metadata={
            "description": "false while a large file is searched for such numbers: nobody reads it before, and "
            "`remarks` and `identifiers` are not all told yet"
        }
    )
    identifiers = fields.Integer(
        metadata={"description": "health or social security numbers that are not known as test patients'"}
    )
    identifier_places = computed(
        fields.List(fields.Nested(IdentifierOut), metadata={"description": "of the first ones, each masked"}),
        lambda file: file.identifier_places,
    )
    size = fields.Integer(attribute="content.size")
    sha256 = fields.String()
    scan = one_of(Scan)
    scan_detail = fields.String(allow_none=True)
    accepted_reason = fields.String(
        allow_none=True, metadata={"description": "why it is read although it could not be scanned"}
    )


class ProofFileOut(FileOut):
    address = computed(
        fields.String(metadata={"description": "where it is downloaded"}),
        lambda file: f"/api/v1/proofs/{file.proof_id}/files/{file.id}",
    )


class RecordedVerificationOut(Schema):
    """A finding as it was recorded."""

    id = fields.UUID()
    outcome = computed(
        fields.String(validate=validate.OneOf(sorted(OUTCOMES.values()))),
        lambda verification: OUTCOMES[verification.finding],
    )
    found_on = fields.Date()
    comment = fields.String()
    round = fields.Integer(metadata={"description": "the review of the item that it was made in, from 1"})
    file_sha256 = fields.String(
        allow_none=True, metadata={"description": "the file that was read; null for what was taken over"}
    )
    source = fields.String(
        allow_none=True,
        metadata={"description": "where a finding from before this service was taken over from, in French"},
    )
    dsr_version = fields.Integer(metadata={"description": "the version of the DSR that asked for it"})
    rulebook = fields.UUID(
        attribute="rulebook_id", allow_none=True, metadata={"description": "in force that day"}
    )
    revoked_on = fields.Date(allow_none=True)


class VerificationOut(RecordedVerificationOut):
    stale = fields.List(
        one_of(Reason), metadata={"description": "what it was tied to and is no longer so; empty: nothing"}
    )


class VersionOfProofOut(Schema):
    """A version of a proof without its findings."""

    id = fields.UUID()
    number = fields.Integer(metadata={"description": "version, from 1"})
    item = fields.UUID(attribute="item_id")
    state = fields.String()
    supplied_at = time()
    performed_on = fields.Date(allow_none=True, metadata={"description": "the day of its intrusion test"})
    journal_position = fields.Integer(
        allow_none=True,
        metadata={
            "description": "of the deposit, in the record of its candidature; null where there is none"
        },
    )
    files = fields.List(fields.Nested(ProofFileOut))


class ProofOut(VersionOfProofOut):
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
    unchanged = fields.List(
        fields.String(),
        metadata={"description": "files, by name, that the item had already when a complement was asked"},
    )


class FileArguments(Schema):
    inline = fields.Boolean(
        load_default=False,
        metadata={
            "description": "to be shown by a browser: an image, a PDF, a video or a text, by its content"
        },
    )


class ReasonIn(Schema):
    reason = text(5_000)

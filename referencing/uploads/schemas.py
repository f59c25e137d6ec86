"""Uploads as the API takes and describes them."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, Sha256, one_of, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.proofs.schemas import ReceiptOut
from referencing.web.pages import PageArguments
from referencing.web.problems import FieldErrorOut

from .states import UPLOAD, UploadState


class MetadataIn(Schema):
    """Upload-Metadata; clients add pairs of their own, which say nothing here."""

    class Meta:
        unknown = ma.EXCLUDE

    candidature = fields.UUID(required=True)
    item = text(300)
    filename = text(1_000)
    filetype = remark(300)
    sha256 = Sha256(load_default=None)
    performed_on = Day(load_default=None)


class UploadsArguments(PageArguments):
    candidature = fields.UUID(load_default=None)


class RefusalOut(Schema):
    kind = fields.String()
    detail = fields.String(metadata={"description": "in French, what to do"})
    errors = fields.List(fields.Nested(FieldErrorOut))


class UploadProgressOut(Schema):
    """An upload without the receipt of its proof."""

    id = fields.UUID()
    candidature = fields.UUID(attribute="candidature_id")
    item = fields.UUID(attribute="item_id")
    filename = fields.String()
    sha256 = fields.String(allow_none=True, metadata={"description": "of the whole file, as announced"})
    state = one_of(UploadState)
    length = fields.Integer(metadata={"description": "bytes"})
    offset = fields.Integer(metadata={"description": "bytes that are kept"})
    expires_at = time()
    refusal = computed(
        fields.Nested(RefusalOut, allow_none=True, metadata={"description": "why it is none"}),
        lambda upload: upload.refusal,
    )
    actions = possible_actions(UPLOAD, "/uploads/{upload}", {"go_on": "PATCH", "terminate": "DELETE"})


class UploadOut(UploadProgressOut):
    receipt = fields.Nested(ReceiptOut, allow_none=True, metadata={"description": "once it is a proof"})

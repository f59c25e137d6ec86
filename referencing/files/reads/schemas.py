"""The read log as its readers see it."""

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, time
from referencing.web.pages import PageArguments

from .models import ReadKind


class ReadsArguments(PageArguments):
    file = fields.UUID(load_default=None, metadata={"description": "reads of this file alone"})


class ReadOut(Schema):
    id = fields.UUID()
    read_at = time(metadata={"description": "the first time in an hour"})
    kind = one_of(ReadKind)
    subject = fields.UUID(
        metadata={"description": "the proof, certificate, message, line, session or audit it is of"}
    )
    file = fields.UUID()
    filename = fields.String(
        allow_none=True,
        metadata={
            "description": "for the organisation whose file it is; auditors are told those that this service gives"
        },
    )
    organisation = fields.String(
        allow_none=True, metadata={"description": "null for a sheet of the agency's"}
    )
    by = fields.String(
        allow_none=True,
        metadata={"description": "who read; an organisation is told the names of its own people"},
    )
    role = fields.String(metadata={"description": "an organisation is told `agence` of the agency's"})
    place = fields.String(
        allow_none=True,
        metadata={"description": "an IP address; an organisation is told those of its own people"},
    )

"""The signed list of a day, and a signed answer, as the API describes them."""

from enum import StrEnum

from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, text
from referencing.candidatures.record.states import State
from referencing.register.schemas import ReferencedOut

from .statements import ANSWER, DAY, LIST


class ListFormat(StrEnum):
    JSON = "json"
    CSV = "csv"


class DayListOut(Schema):
    format = fields.String(metadata={"description": LIST})
    lines = fields.List(fields.Nested(ReferencedOut))


class ContentArguments(Schema):
    format = one_of(ListFormat, load_default=ListFormat.JSON)


class SignedDayOut(Schema):
    """Signed are the bytes of this object as JSON, keys sorted, without blanks, without `signature` (RFC 8785)."""

    format = fields.String(metadata={"description": DAY})
    day = fields.Date(metadata={"description": "at whose end, in Paris, the list stood so"})
    at = fields.DateTime(metadata={"description": "when it was signed"})
    size = fields.Integer(metadata={"description": "solutions on the list"})
    json_sha256 = fields.String(metadata={"description": "of the list as JSON, in hexadecimal"})
    csv_sha256 = fields.String(metadata={"description": "of the list as CSV, in hexadecimal"})
    key = fields.String(metadata={"description": "the public key (Ed25519), in base64"})
    signature = fields.String(metadata={"description": "in base64"})


class AnswerArguments(Schema):
    nil = text(200, metadata={"description": "as the list writes it"})
    dsr = text(50, metadata={"description": "its code, as the list writes it"})
    on = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "a day, in Paris, at its end; where none is given, as it stands now"},
    )


class RegisterAnswerOut(Schema):
    """Signed are the bytes of this object as JSON, keys sorted, without blanks, without `signature` (RFC 8785)."""

    format = fields.String(metadata={"description": ANSWER})
    nil = fields.String()
    dsr = fields.String()
    day = fields.Date()
    at = fields.DateTime(metadata={"description": "when it was asked: what was known then counts"})
    state = one_of(
        State,
        allow_none=True,
        metadata={
            "description": "referenced, suspended or delisted, the best of its versions; null: never listed"
        },
    )
    is_last = fields.Boolean(
        metadata={"description": "whether the version referenced there is the last one, as its line says"}
    )
    lines = fields.List(fields.Nested(ReferencedOut))
    in_list = fields.Boolean(
        allow_none=True,
        metadata={"description": "whether the signed list of that day has it; null: none is kept"},
    )
    signed_day = fields.Nested(
        SignedDayOut, allow_none=True, metadata={"description": "what was signed of the list of that day"}
    )
    key = fields.String(metadata={"description": "the public key (Ed25519), in base64"})
    signature = fields.String(metadata={"description": "in base64"})

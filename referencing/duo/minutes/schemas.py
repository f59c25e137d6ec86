"""Minutes and signatures as the API takes and shows them."""

from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, Sha256, one_of, remark, time
from referencing.base.shapes import computed
from referencing.duo.sessions.models import Side

from .document import moment
from .models import Decision


class SignatureIn(Schema):
    sha256 = Sha256(required=True, metadata={"description": "of the minutes that one has read"})
    outcome = one_of(Decision, attribute="decision", load_default=Decision.SIGNED)
    reserves = remark(metadata={"description": "needed with a refusal, possible with a signature"})


class SignatureOut(Schema):
    side = one_of(Side)
    by = fields.String(attribute="account.name")
    outcome = one_of(Decision, attribute="decision")
    reserves = fields.String()
    sha256 = fields.String()
    signed_at = computed(time(), lambda signature: moment(signature.signed_at))


class MinutesOut(Schema):
    sha256 = fields.String(
        metadata={"description": "of `minutes` as JSON in UTF-8, keys sorted, without blanks"}
    )
    fixed = fields.Boolean(
        metadata={"description": "somebody has signed: the content does not change any more"}
    )
    signed = fields.Boolean(metadata={"description": "both sides have signed: nothing changes any more"})
    minutes = fields.Dict(
        metadata={"description": "`duo-minutes/1`: session, candidature, participants, items"}
    )
    signatures = fields.List(fields.Nested(SignatureOut))


#: What is answered, by `Accept`.
AS_ASKED: dict[str, Any] = {
    "200": {
        "description": "The minutes.",
        "content": {
            "application/json": {"schema": MinutesOut},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

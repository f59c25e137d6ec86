"""Letters as their reader sees them."""

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, time

from .models import Outcome


class LetterOut(Schema):
    id = fields.UUID()
    subject = fields.String()
    text = fields.String()
    written_at = time(attribute="created_at")
    outcome = one_of(
        Outcome,
        metadata={
            "description": "`sent`: the SMTP server took it; `no_server`, `no_address`: nothing was sent; "
            "`refused` by the server; `abandoned`: tried too often, too late, or overtaken"
        },
    )
    settled_at = time(allow_none=True)

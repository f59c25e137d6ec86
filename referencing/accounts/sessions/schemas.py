"""Sessions of browsers as the API shows them."""

from marshmallow import fields

from referencing.base.schemas import Schema, time


class BrowserSessionOut(Schema):
    id = fields.UUID()
    agent = fields.String(metadata={"description": "what the browser says of itself"})
    opened_at = time()
    seen_at = time(metadata={"description": "when it was last used, to a minute"})
    ends_at = time(metadata={"description": "when one has to sign in again in any case"})

"""Sessions of browsers as the API shows them."""

from marshmallow import fields

from referencing.base.schemas import Schema, time
from referencing.base.shapes import computed

from .queries import IDLE


class BrowserSessionOut(Schema):
    id = fields.UUID()
    agent = fields.String(metadata={"description": "what the browser says of itself"})
    opened_at = time()
    seen_at = time(metadata={"description": "when it was last used, to a minute"})
    expires_at = computed(
        time(metadata={"description": "when it ends unless it is used before"}),
        lambda browser: min(browser.ends_at, browser.seen_at + IDLE),
    )
    ends_at = time(metadata={"description": "when one has to sign in again in any case"})
    key = fields.UUID(
        attribute="key_id",
        allow_none=True,
        metadata={"description": "the key that it began with, and ends with; null for another way in"},
    )
    issuer = fields.String(allow_none=True, metadata={"description": "who vouched for its person, else null"})

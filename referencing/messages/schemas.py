"""What comes in and goes out of messages and the feed."""

from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, text, time
from referencing.proofs.schemas import FileOut
from referencing.web.pages import PageArguments

MOST_FILES = 20
LONGEST_TEXT = 10_000
#: Bytes of the form's first field: every character of the text may come as an escape.
LONGEST_FIELD = 16 * LONGEST_TEXT


class MessageIn(Schema):
    item = text(
        300, required=False, load_default=None, metadata={"description": "id, or expected proof's code"}
    )
    internal = fields.Boolean(
        load_default=False, metadata={"description": "a note that the agency keeps to itself"}
    )
    text = text(LONGEST_TEXT)


#: JSON, or a form that begins with the same JSON and goes on with files.
MESSAGE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": MessageIn},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["message"],
                "properties": {
                    "message": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": 'The first field, as the JSON body: `{"text": "Bonjour."}`.',
                    },
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": f"{MOST_FILES} at the most.",
                    },
                },
            }
        },
    },
}


class MessagesArguments(PageArguments):
    item = text(
        300, required=False, load_default=None, metadata={"description": "id, or expected proof's code"}
    )


class MessageOut(Schema):
    id = fields.UUID()
    candidature = fields.UUID()
    item = fields.UUID(allow_none=True)
    code = fields.String(allow_none=True, metadata={"description": "the item's, when it is about one"})
    by = fields.String(metadata={"description": "a name of one's own organisation, else the agency"})
    role = fields.String()
    internal = fields.Boolean(metadata={"description": "never true for an editor"})
    text = fields.String()
    sent_at = time()
    read_at = time(
        allow_none=True,
        metadata={"description": "first by anybody of the other side; for the side that wrote it"},
    )
    attachments = fields.List(fields.Nested(FileOut))


class ReadIn(Schema):
    message = fields.UUID(required=True, metadata={"description": "the last one that was read"})


class MarkOut(Schema):
    by = fields.String()
    role = fields.String()
    message = fields.UUID(metadata={"description": "the last one that they read"})
    read_at = time()


class ReadMarksOut(Schema):
    unread = fields.Integer(metadata={"description": "messages of the other side after one's own mark"})
    marks = fields.List(fields.Nested(MarkOut), metadata={"description": "of the other side"})


class EventsArguments(PageArguments):
    candidature = fields.UUID(load_default=None)

"""Rooms as the API takes and shows them."""

from typing import Any
from urllib.parse import urlsplit

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, text, time


class RoomOut(Schema):
    number = fields.Integer(
        metadata={"description": "counts the session's rooms; another one after a failure"}
    )
    provider = fields.String(metadata={"description": "`visio`, `bigbluebutton`, `jitsi`, or `manual`"})
    opened_at = time()


class SessionRoomOut(Schema):
    opens_at = time(metadata={"description": "from when a link can be asked for"})
    room = fields.Nested(RoomOut, allow_none=True, metadata={"description": "null while there is none"})


class EntryOut(Schema):
    link = fields.String(metadata={"description": "for the person who asks, and for nobody else"})
    until = time(metadata={"description": "from then on a new one is needed"})
    room = fields.Nested(RoomOut)


class LinkIn(Schema):
    link = text(2000)

    @ma.post_load
    def _of_a_room(self, words: dict[str, Any], **_: Any) -> dict[str, Any]:
        if not _is_https(words["link"]):
            raise ma.ValidationError("Donnez une adresse https:// complète, celle de la salle.", "link")
        return words


def _is_https(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    spaced = any(char.isspace() for char in link)  # which `urlsplit` reads past
    return parts.scheme == "https" and bool(parts.hostname) and not parts.username and not spaced


class FailureIn(Schema):
    room = fields.Integer(required=True, metadata={"description": "the number of the room that fails"})
    reason = text(1000)


class RecordingOut(Schema):
    provider = fields.String()
    reference = fields.String()
    state = fields.String(metadata={"description": "in the provider's words"})
    begins_at = time()
    ends_at = time()
    address = fields.String(allow_none=True, metadata={"description": "null while it is being made"})


class RecordingsOut(Schema):
    items = fields.List(fields.Nested(RecordingOut))

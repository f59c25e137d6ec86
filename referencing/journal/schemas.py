"""An event as every route shows it: of a dossier, an audit, a rulebook, a live session, or in the feed."""

from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, time
from referencing.base.shapes import computed


class HappenedOut(Schema):
    number = fields.Integer(metadata={"description": "from 1, without a gap, in what it is told of"})
    at = time()
    action = fields.String(metadata={"description": "the event's name, for programs"})
    sentence: fields.Field[Any] = fields.String(metadata={"description": "what happened, in French"})
    detail: fields.Field[Any] = fields.Dict(metadata={"description": "the event's fields"})


class EventOut(HappenedOut):
    by = fields.String(metadata={"description": "a name of one's own organisation, else the agency"})
    role = fields.String()


class FeedEventOut(EventOut):
    candidature = computed(fields.UUID(), lambda event: event.stream.removeprefix("candidature:"))

"""Templates of comments as the API takes and shows them."""

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text
from referencing.base.shapes import is_there, possible_actions
from referencing.reviews.queues.outcomes import Outcome

from .states import TEMPLATE


class TemplateIn(Schema):
    title = text()
    outcome = one_of(Outcome, load_default=None, allow_none=True)
    chapter = text(200, required=False, load_default=None, allow_none=True)
    text = text(10_000)


class TemplatePatch(Schema):
    title = text(required=False)
    outcome = one_of(Outcome, allow_none=True)
    chapter = text(200, required=False, allow_none=True)
    text = text(10_000, required=False)


class TemplateOut(TemplateIn):
    id = fields.UUID()
    revision = fields.Integer(metadata={"description": "its ETag"})
    actions = possible_actions(
        TEMPLATE, "/comment-templates/{template}", {"correct": "PATCH", "remove": "DELETE"}, is_there
    )

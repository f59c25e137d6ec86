"""What comes in and goes out of what experts are asked."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text
from referencing.candidatures.api.schemas import ItemOut
from referencing.web.pages import PageArguments

from .opinions import OpinionState
from .order import Due
from .schemas import OpinionOut

_SOME = ma.validate.Length(1, 20, error="De {min} à {max} experts.")


class ExpertOut(Schema):
    id = fields.UUID()
    name = fields.String()


class QuestionIn(Schema):
    experts = fields.List(fields.UUID(), required=True, validate=_SOME)
    question = text(5000)
    due_on = fields.Date(required=True, metadata={"description": "the last day, included"})


class OpinionsArguments(PageArguments):
    state = one_of(OpinionState, load_default=None)
    due = one_of(
        Due,
        load_default=None,
        metadata={"description": "of what is awaited: overdue, or so many working days left or fewer"},
    )


class OpinionWhole(OpinionOut):
    subject = fields.Nested(ItemOut, metadata={"description": "what is asked, supplied, and reused"})


class AnswerIn(Schema):
    opinion = text(10_000)


class RefusalIn(Schema):
    reason = text(1000)

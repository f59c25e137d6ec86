"""What comes in and goes out of what experts are asked."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.deadlines import Alert, Due
from referencing.base.permissions import Actor, Role
from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.candidatures.api.item_schemas import ItemOut
from referencing.web.pages import PageArguments

from .states import OPINION, OpinionAction, OpinionState


def _hindered(opinion: Any, reader: Actor, action: OpinionAction) -> bool:
    """Who asked takes a question back, or a lead."""
    own = reader.role is Role.LEAD or opinion.asked_by == reader.account_id
    return action is OpinionAction.WITHDRAW and not own


class OpinionLine(Schema):
    """What an expert is asked, whatever the day."""

    id = fields.UUID()
    task = fields.UUID(attribute="task_id")
    candidature = fields.UUID(attribute="candidature_id")
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(attribute="item_id", allow_none=True)
    code = fields.String(allow_none=True)
    expert = fields.UUID(attribute="expert_id")
    name = fields.String(attribute="expert", metadata={"description": "the expert's"})
    asked_by = fields.String(attribute="asker")
    question = fields.String()
    asked_at = time()
    due_on = fields.Date()
    reminded_at = time(allow_none=True)
    state = one_of(OpinionState)
    answered_at = time(allow_none=True)
    declined_at = time(allow_none=True)
    reply = fields.String(allow_none=True, metadata={"description": "the opinion, or why it was declined"})
    withdrawn_at = time(allow_none=True, metadata={"description": "since when it is no longer needed"})
    actions = possible_actions(
        OPINION,
        "/opinions/{opinion}",
        {"answer": "POST /answer", "decline": "POST /refusal", "withdraw": "DELETE"},
        hindered=_hindered,
    )


class OpinionOut(OpinionLine):
    warning = one_of(Alert, allow_none=True, metadata={"description": "5, 2 or no working days left"})


_SOME = ma.validate.Length(1, 20, error="De {min} à {max} experts.")


class ExpertOut(Schema):
    id = fields.UUID()
    name = fields.String()


class QuestionIn(Schema):
    experts = fields.List(fields.UUID(), required=True, validate=_SOME)
    question = text(5000)
    due_on = Day(required=True, metadata={"description": "the last day, included"})


class OpinionsArguments(PageArguments):
    state = one_of(OpinionState, load_default=None)
    due = one_of(
        Due,
        load_default=None,
        metadata={"description": "of what is awaited: overdue, or so many working days left or fewer"},
    )


class OpinionWhole(OpinionOut):
    subject = fields.Nested(
        ItemOut,
        allow_none=True,
        metadata={
            "description": "what is asked, supplied, and reused; null for an expert who is asked no more"
        },
    )


class AnswerIn(Schema):
    opinion = text(10_000)


class RefusalIn(Schema):
    reason = text(1000)

"""Non-conformités, action plans and sanctions as the API describes them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.audits.inquiries.models import Nonconformity
from referencing.audits.inquiries.schemas import LONGEST_TEXT, DeadlineIn
from referencing.audits.inquiries.states import (
    NONCONFORMITIES,
    PLANS,
    SANCTIONS,
    UNDER_WAY,
    Measure,
    NonconformityState,
    PlanState,
    SanctionAction,
    SanctionState,
    Severity,
)
from referencing.base.schemas import Day, Schema, one_of, remark, text, time
from referencing.base.shapes import possible_actions
from referencing.web.pages import PageArguments


class NonconformityIn(Schema):
    requirement = text(100, metadata={"description": "its code in the DSR of the candidature"})
    severity = one_of(Severity, required=True)
    description = text(LONGEST_TEXT)
    sampled = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "of the sample, where it was found"}
    )


class NonconformityChangeIn(Schema):
    severity = one_of(Severity, required=True)
    description = text(LONGEST_TEXT)


class NonconformityOutcomeIn(Schema):
    outcome = text(LONGEST_TEXT, metadata={"description": "why it is lifted or withdrawn"})


class PlanIn(DeadlineIn):
    description = text(LONGEST_TEXT)

    @ma.validates_schema
    def until_when(self, values: dict[str, Any], **_: Any) -> None:
        if values.get("due_on") is None and values.get("working_days") is None:
            raise ma.ValidationError("Donnez une date ou un nombre de jours ouvrés.", "due_on")


class AcceptanceIn(DeadlineIn):
    comment = remark()


class PlanCommentIn(Schema):
    comment = text(LONGEST_TEXT)


class SendingBackIn(DeadlineIn):
    comment = text(LONGEST_TEXT, metadata={"description": "what is missing"})


class CompletionIn(Schema):
    report = text(LONGEST_TEXT, metadata={"description": "what was done"})


def _is_open(nonconformity: Nonconformity) -> bool:
    """Whether something may be done about it still: its audit is under way."""
    return nonconformity.state is NonconformityState.OPEN and nonconformity.audit.state in UNDER_WAY


class PlanOut(Schema):
    id = fields.UUID()
    number = fields.Integer()
    nonconformity = fields.UUID(attribute="nonconformity_id")
    state = one_of(PlanState)
    description = fields.String()
    asked_on = fields.Date(allow_none=True)
    asked_days = fields.Integer(allow_none=True, metadata={"description": "working days from the acceptance"})
    due_on = fields.Date(allow_none=True, metadata={"description": "the day that was accepted"})
    proposed_at = time()
    report = fields.String(allow_none=True)
    carried_out_at = time(allow_none=True)
    comment = fields.String(allow_none=True, metadata={"description": "the agency's last word"})
    commented_at = time(allow_none=True)
    actions = possible_actions(
        PLANS,
        "/action-plans/{plan}",
        {
            "accept": "POST /acceptance",
            "carry_out": "POST /completion",
            "refuse": "POST /refusal",
            "send_back": "POST /return",
            "verify": "POST /verification",
            "withdraw": "POST /withdrawal",
        },
        lambda plan: plan.state if _is_open(plan.nonconformity) else None,
    )


class PlansArguments(PageArguments):
    state = one_of(PlanState, load_default=None)
    due_by = Day(load_default=None, metadata={"description": "to be carried out by that day"})


class NonconformityOut(Schema):
    id = fields.UUID()
    audit = fields.UUID(attribute="audit_id")
    number = fields.Integer()
    requirement = fields.String()
    severity = one_of(Severity)
    description = fields.String()
    sampled = fields.UUID(allow_none=True, attribute="sampled_item_id")
    state = one_of(NonconformityState)
    outcome = fields.String(allow_none=True)
    raised_at = time()
    ended_at = time(allow_none=True)
    plans = fields.List(fields.Nested(PlanOut))
    actions = possible_actions(
        NONCONFORMITIES,
        "/nonconformities/{nonconformity}",
        {"lift": "POST /lifting", "withdraw": "POST /withdrawal"},
        lambda about: about.state if _is_open(about) else None,
    )
    revision = fields.Integer(metadata={"description": "also the ETag"})


class SanctionIn(DeadlineIn):
    measure = fields.Enum(
        Measure,
        by_value=True,
        required=True,
        validate=ma.validate.NoneOf([Measure.REINSTATEMENT], error="Un lead rétablit sans annonce."),
    )
    grounds = text(LONGEST_TEXT)
    urgent_reason = text(
        5_000,
        required=False,
        load_default=None,
        allow_none=True,
        metadata={"description": "why it may be decided before the editor has answered"},
    )


class ObservationsIn(Schema):
    observations = text(50_000)


OUTCOMES = {"applied": SanctionAction.APPLY, "dropped": SanctionAction.DROP}


class SanctionDecisionIn(Schema):
    outcome = fields.String(
        required=True,
        validate=ma.validate.OneOf(list(OUTCOMES), error="Donnez l'une de ces valeurs : {choices}."),
    )
    decision = text(LONGEST_TEXT, metadata={"description": "the reasons"})


class ReinstatementIn(Schema):
    grounds = text(LONGEST_TEXT)


class SanctionOut(Schema):
    id = fields.UUID()
    audit = fields.UUID(attribute="audit_id")
    measure = one_of(Measure)
    state = one_of(SanctionState)
    grounds = fields.String()
    urgent_reason = fields.String(allow_none=True)
    announced_at = time()
    answer_by = fields.Date(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = time(allow_none=True)
    decision = fields.String(allow_none=True)
    decided_at = time(allow_none=True)
    actions = possible_actions(
        SANCTIONS,
        "/sanctions/{sanction}",
        {"answer": "POST /answer", "apply": "POST /decision", "drop": "POST /decision"},
        lambda measure: measure.state if measure.audit.state in UNDER_WAY else None,
    )

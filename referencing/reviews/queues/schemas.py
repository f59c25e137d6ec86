"""Queues and tasks as the API shows them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.deadlines import Alert, Due
from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.candidatures.tasks.models import Queue
from referencing.web.pages import PageArguments

from .actions import TASK

#: A lead means days and weights that a person can have in mind.
SMALL = ma.validate.Range(1, 100, error="De {min} à {max}.")


class QueueOut(Schema):
    name = fields.String()
    waiting = fields.Integer()
    in_hand = fields.Integer()
    third_party = fields.Integer(metadata={"description": "tasks that wait for a third party's answer"})


class TaskLine(Schema):
    """What a task says to every reader alike."""

    id = fields.UUID()
    queue = fields.String()
    candidature = fields.UUID(attribute="candidature_id")
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(attribute="item_id", allow_none=True)
    code = fields.String(allow_none=True)
    chapter = fields.String(allow_none=True)
    guichet = fields.String(allow_none=True)
    opened_at = time()
    closed_at = time(allow_none=True)
    outcome = fields.String(allow_none=True)
    claimed_by = fields.String(attribute="verifier", allow_none=True)
    claimed_at = time(allow_none=True)
    claim_expires_at = time(attribute="expires_at", allow_none=True)


class TaskActsOut(Schema):
    """Shows a task's state for its reader."""

    actions = possible_actions(
        TASK,
        "",
        {
            "arbitrate": "POST /second-readings/{task}/verdict",
            "ask_experts": "POST /tasks/{task}/opinions",
            "await_third_party": "POST /tasks/{task}/third-party",
            "claim": "POST /tasks/{task}/claim",
            "give_back": "DELETE /tasks/{task}/claim",
            "give_verdict": "POST /tasks/{task}/verdict",
            "note_answer": "POST /tasks/{task}/third-party/answer",
            "take_over": "POST /tasks/{task}/takeover",
        },
        lambda state: state,
    )


class TaskOut(TaskLine, TaskActsOut):
    third_party_since = time(
        allow_none=True, metadata={"description": "since when a third party has to answer first"}
    )
    due_on = fields.Date(
        allow_none=True,
        metadata={"description": "when its working days end; null once it is closed or a third party's turn"},
    )
    working_days_left = fields.Integer(
        allow_none=True, metadata={"description": "negative once it is overdue"}
    )
    warning = one_of(Alert, allow_none=True, metadata={"description": "5, 2 or no working days left"})
    order = fields.String(
        allow_none=True, metadata={"description": "why it stands where it stands, in French"}
    )
    awaits_second_reading = fields.Boolean(
        metadata={
            "description": "closed by a first reading: nothing is found before another reader has read it"
        }
    )
    claimable = fields.Boolean(
        metadata={"description": "whose work it is, nobody else has it, no conflict of interest"}
    )


class TasksArguments(PageArguments):
    due = one_of(
        Due,
        load_default=None,
        metadata={"description": "what is overdue, or has so many working days left or fewer"},
    )


class AllTasksArguments(TasksArguments):
    queue = one_of(Queue, load_default=None)
    chapter = text(200, required=False, load_default=None)
    couloir = text(200, required=False, load_default=None)
    claimed_by = fields.String(
        load_default=None,
        validate=ma.validate.OneOf(["me"], error="Donnez « me », pour ce que vous avez en main."),
        metadata={"description": "`me`: what one has in hand"},
    )
    mine = fields.Boolean(load_default=False, metadata={"description": "what one has in hand"})
    holder = fields.UUID(load_default=None, metadata={"description": "what this verifier has in hand"})
    candidature = fields.UUID(load_default=None)

    @ma.validates_schema
    def check_holder(self, values: dict[str, Any], **_: Any) -> None:
        if values["holder"] and (values["mine"] or values["claimed_by"]):
            raise ma.ValidationError("Donnez « holder » ou « mine », pas les deux.", "holder")


class ClaimIn(Schema):
    another = fields.Boolean(
        load_default=False,
        metadata={"description": "true: take one more while one has others in hand; else it is refused"},
    )


class TakeOverIn(Schema):
    verifier = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "who has it now; nobody when left out"}
    )
    reason = text(1000)

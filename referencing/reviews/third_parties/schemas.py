"""What comes in and goes out of what third parties have to answer."""

from marshmallow import fields

from referencing.base.deadlines import Alert, Due
from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.candidatures.tasks.models import Queue
from referencing.web.pages import PageArguments

from .queries import WaitState


class ReschedulingLine(Schema):
    """A change of the expected day, as every reader sees it."""

    previously = fields.Date()
    expected_on = fields.Date()
    decided_by = fields.String(attribute="decider.name")
    decided_at = time()


class ReschedulingOut(ReschedulingLine):
    reason = fields.String(allow_none=True, metadata={"description": "told as that of the wait is"})


class WaitLine(Schema):
    """A wait, as every reader sees it."""

    id = fields.UUID()
    task = fields.UUID(attribute="task_id")
    queue = one_of(Queue)
    candidature = fields.UUID(attribute="candidature_id")
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(attribute="item_id", allow_none=True)
    code = fields.String(allow_none=True)
    party = fields.String()
    asked_by = fields.String(attribute="asker")
    since = time(attribute="started_at")
    expected_on = fields.Date()
    state = one_of(WaitState)
    ended_at = time(allow_none=True)


class WaitOut(WaitLine):
    reason = fields.String(
        allow_none=True, metadata={"description": "to a lead, who asked, and who has the task"}
    )
    rescheduled = fields.List(
        fields.Nested(ReschedulingOut),
        metadata={"description": "each change of the expected day, oldest first"},
    )
    warning = one_of(Alert, allow_none=True, metadata={"description": "5, 2 or no working days left"})
    answer = fields.String(allow_none=True, metadata={"description": "told as the reason is"})


class WaitIn(Schema):
    party = text(200, metadata={"description": "such as the CNDA, an issuer, Gazelle; the editor reads it"})
    reason = text(5_000, metadata={"description": "for the agency alone"})
    expected_on = Day(required=True, metadata={"description": "the day on which the answer is expected"})


class ReschedulingIn(Schema):
    expected_on = Day(required=True, metadata={"description": "the new day on which the answer is expected"})
    reason = text(5_000, metadata={"description": "for the agency alone"})


class WaitAnswerIn(Schema):
    answer = text(10_000)


class WaitsArguments(PageArguments):
    state = one_of(WaitState, load_default=None)
    due = one_of(
        Due,
        load_default=None,
        metadata={"description": "of what is awaited: late, or expected in so many working days or fewer"},
    )
    queue = one_of(Queue, load_default=None)

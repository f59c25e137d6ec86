"""What comes in and goes out of what third parties have to answer."""

from marshmallow import fields

from referencing.base.deadlines import Alert, Due
from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.candidatures.tasks.models import Queue
from referencing.web.pages import PageArguments

from .queries import WaitState


class ReschedulingOut(Schema):
    previously = fields.Date()
    expected_on = fields.Date()
    reason = fields.String(allow_none=True, metadata={"description": "told as that of the wait is"})
    decided_by = fields.String()
    decided_at = time()


class WaitOut(Schema):
    id = fields.UUID()
    task = fields.UUID()
    queue = one_of(Queue)
    candidature = fields.UUID()
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(allow_none=True)
    code = fields.String(allow_none=True)
    party = fields.String()
    reason = fields.String(
        allow_none=True, metadata={"description": "to a lead, who asked, and who has the task"}
    )
    asked_by = fields.String()
    since = time()
    expected_on = fields.Date()
    rescheduled = fields.List(
        fields.Nested(ReschedulingOut),
        metadata={"description": "each change of the expected day, oldest first"},
    )
    warning = one_of(Alert, allow_none=True, metadata={"description": "5, 2 or no working days left"})
    state = one_of(WaitState)
    ended_at = time(allow_none=True)
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

"""What comes in and goes out of what third parties have to answer."""

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text
from referencing.candidatures.tasks.models import Queue
from referencing.web.pages import PageArguments

from .order import Due
from .wait_queries import WaitState


class WaitIn(Schema):
    party = text(200, metadata={"description": "such as the CNDA, an issuer, Gazelle; the editor reads it"})
    reason = text(5_000, metadata={"description": "for the agency alone"})
    expected_on = fields.Date(
        required=True, metadata={"description": "the day on which the answer is expected"}
    )


class ReschedulingIn(Schema):
    expected_on = fields.Date(
        required=True, metadata={"description": "the new day on which the answer is expected"}
    )
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

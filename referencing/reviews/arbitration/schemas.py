"""What comes in and goes out of second readings."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.proofs.models import OUTCOMES
from referencing.reviews.queues.models import Arbiter, Reading, SecondReading
from referencing.web.pages import PageArguments

from .states import SECOND_READING, ReadingState

_PERCENT = ma.validate.Range(0, 100, error="De {min} à {max}.")


class RateIn(Schema):
    chapter = text(200, required=False, load_default=None, allow_none=True)
    verifier = fields.UUID(load_default=None, allow_none=True)
    rate = fields.Integer(
        required=True,
        strict=True,
        validate=_PERCENT,
        metadata={"description": "of how many first findings in a hundred another reader is asked"},
    )
    on_disagreement = one_of(Arbiter, load_default=Arbiter.THIRD)
    seed = text(
        100,
        required=False,
        load_default=None,
        allow_none=True,
        metadata={"description": "of the draw; left out, the one before goes on, or one is made by chance"},
    )


class RateOut(Schema):
    id = fields.UUID()
    chapter = fields.String(allow_none=True)
    verifier = fields.UUID(attribute="verifier_id", allow_none=True)
    name = fields.String(
        attribute="verifier.name", allow_none=True, metadata={"description": "the verifier's"}
    )
    rate = fields.Integer()
    on_disagreement = one_of(Arbiter)
    seed = fields.String(
        metadata={"description": "a task is drawn when SHA-256(`seed:task`) begins below rate % of 2^64"}
    )


class SecondReadingsArguments(PageArguments):
    reader = fields.String(
        load_default=None,
        validate=ma.validate.OneOf(["lead"], error="Donnez l'une de ces valeurs : {choices}."),
        metadata={"description": "only those that wait for a lead"},
    )


def _reader_of(reading: SecondReading) -> str:
    return "lead" if reading.round == 3 and reading.on_disagreement is Arbiter.LEAD else "verifier"


def _state_of(reading: SecondReading) -> ReadingState:
    if reading.task.closed_at is not None:
        return ReadingState.OVER
    return ReadingState.OF_A_LEAD if _reader_of(reading) == "lead" else ReadingState.OF_A_VERIFIER


class SecondReadingOut(Schema):
    task = fields.UUID(attribute="task_id")
    candidature = fields.UUID(attribute="task.candidature_id")
    item = fields.UUID(attribute="task.item_id")
    code = fields.String(attribute="task.code")
    proof = fields.UUID(attribute="proof_id")
    round = fields.Integer()
    reader = computed(
        fields.String(metadata={"description": "whose the reading is: verifier or lead"}), _reader_of
    )
    opened_at = time(attribute="task.opened_at")
    closed_at = time(attribute="task.closed_at", allow_none=True)
    actions = possible_actions(
        SECOND_READING, "/second-readings/{task}", {"arbitrate": "POST /verdict"}, _state_of
    )


def _outcome_of(reading: Reading) -> str:
    return OUTCOMES[reading.finding]


class ReadingOut(Schema):
    round = fields.Integer()
    task = fields.UUID(attribute="task_id")
    verifier = fields.UUID(attribute="verifier_id")
    name = fields.String(attribute="verifier.name")
    outcome = computed(fields.String(), _outcome_of)
    comment = fields.String()
    file_sha256 = fields.String()
    given_at = time()
    verification = fields.UUID(
        attribute="verification_id", allow_none=True, metadata={"description": "the fact that came of it"}
    )
    undone_at = time(allow_none=True, metadata={"description": "when its reader took it back"})
    undone_reason = fields.String(allow_none=True)


class SecondReadingWhole(SecondReadingOut):
    readings = fields.List(fields.Nested(ReadingOut))


class AgreementArguments(PageArguments):
    chapter = text(200, required=False, load_default=None)
    dsr = text(50, required=False, load_default=None)


class AgreementOut(Schema):
    dsr = fields.String()
    requirement = fields.String()
    doubled = fields.Integer(
        metadata={"description": "findings that were read twice, and of which one stands"}
    )
    agreed = fields.Integer()
    disagreed = fields.Integer()
    rate = fields.Float(metadata={"description": "agreed, in a hundred"})

"""What comes in and goes out of the queues."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, remark, text, time
from referencing.candidatures.api.schemas import AdmissibilityIn, ItemOut
from referencing.candidatures.tasks.models import Queue
from referencing.catalogue.proposals import Guichet
from referencing.certificates.schemas import CertificateOut
from referencing.proofs.schemas import ProofOut
from referencing.web.pages import PageArguments
from referencing.web.problems import ProblemSchema

from .crew import MOST_IN_HAND
from .opinions import OpinionState
from .order import Alert, Due
from .outcomes import Outcome
from .verdicts import Details
from .wait_queries import WaitState

#: A lead means days and weights that a person can have in mind.
_SMALL = ma.validate.Range(1, 100, error="De {min} à {max}.")


class QueueOut(Schema):
    name = fields.String()
    waiting = fields.Integer()
    in_hand = fields.Integer()
    third_party = fields.Integer(metadata={"description": "tasks that wait for a third party's answer"})


class TaskOut(Schema):
    id = fields.UUID()
    queue = fields.String()
    candidature = fields.UUID()
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(allow_none=True)
    code = fields.String(allow_none=True)
    chapter = fields.String(allow_none=True)
    guichet = fields.String(allow_none=True)
    opened_at = time()
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
    closed_at = time(allow_none=True)
    outcome = fields.String(allow_none=True)
    claimed_by = fields.String(allow_none=True)
    claimed_at = time(allow_none=True)
    claim_expires_at = time(allow_none=True)
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


class OpinionOut(Schema):
    id = fields.UUID()
    task = fields.UUID()
    candidature = fields.UUID()
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(allow_none=True)
    code = fields.String(allow_none=True)
    expert = fields.UUID()
    name = fields.String(metadata={"description": "the expert's"})
    asked_by = fields.String()
    question = fields.String()
    asked_at = time()
    due_on = fields.Date()
    warning = one_of(Alert, allow_none=True, metadata={"description": "5, 2 or no working days left"})
    reminded_at = time(allow_none=True)
    state = one_of(OpinionState)
    answered_at = time(allow_none=True)
    declined_at = time(allow_none=True)
    reply = fields.String(allow_none=True, metadata={"description": "the opinion, or why it was declined"})


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


class ScenarioStepOut(Schema):
    step = fields.Integer()
    text = fields.String()


class TaskWhole(TaskOut):
    subject = fields.Nested(
        ItemOut, allow_none=True, metadata={"description": "what is asked, supplied, and reused"}
    )
    steps = fields.List(
        fields.Nested(ScenarioStepOut), metadata={"description": "of the scenario, where it numbers them"}
    )
    identifiers = fields.Integer(
        metadata={"description": "numbers in the files below that may be real people's; 0 is what to expect"}
    )
    explanation = fields.List(fields.String(), metadata={"description": "for an equivalence, in French"})
    earlier = fields.List(
        fields.Nested(ProofOut),
        metadata={"description": "the proofs that a reuse stands on, with their files"},
    )
    certificates = fields.List(
        fields.Nested(CertificateOut),
        metadata={"description": "the certificates that it stands on, checked against their issuers' lists"},
    )
    opinions = fields.List(
        fields.Nested(OpinionOut),
        metadata={"description": "what experts were asked: to a lead, who asked, and who has the task"},
    )
    third_parties = fields.List(
        fields.Nested(WaitOut), metadata={"description": "who had, or has, to answer first; oldest first"}
    )


class StepIn(Schema):
    step = fields.Integer(required=True, strict=True, metadata={"description": "as the task numbers it"})
    outcome = one_of(Outcome, required=True)
    comment = remark(2_000)


class VerdictIn(Schema):
    outcome = one_of(Outcome, required=True)
    comment = remark()
    file_sha256 = text(64, required=False, load_default=None, allow_none=True)
    missing = fields.List(
        text(1_000),
        load_default=list,
        validate=ma.validate.Length(max=50, error="{max} au plus."),
        metadata={"description": "of a complement: what to supply; left out, it is the comment"},
    )
    due_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "of a complement: until when; left out, in 15 working days"},
    )
    steps = fields.List(
        fields.Nested(StepIn),
        load_default=list,
        validate=ma.validate.Length(max=99, error="{max} au plus."),
        metadata={"description": "every step of the scenario, or none"},
    )

    @ma.post_load
    def detailed(self, words: dict[str, Any], **_: Any) -> dict[str, Any]:
        """With what it says besides, in one."""
        return words | {"details": Details(words.pop("missing"), words.pop("due_on"), words.pop("steps"))}


class TakeOverIn(Schema):
    verifier = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "who has it now; nobody when left out"}
    )
    reason = text(1000)


class BudgetIn(Schema):
    guichet = one_of(Guichet, load_default=None, allow_none=True)
    days = fields.Integer(required=True, strict=True, validate=_SMALL)


class BudgetOut(Schema):
    queue = one_of(Queue)
    guichet = one_of(Guichet, allow_none=True)
    days = fields.Integer()


class BoostIn(Schema):
    queue = one_of(Queue, load_default=None, allow_none=True)
    chapter = text(200, required=False, load_default=None, allow_none=True)
    dispositif = text(50, required=False, load_default=None, allow_none=True)
    vague = fields.Integer(load_default=None, allow_none=True, strict=True, validate=_SMALL)
    candidature = fields.UUID(load_default=None, allow_none=True)
    weight = fields.Integer(
        load_default=1, strict=True, validate=_SMALL, metadata={"description": "the weightier comes first"}
    )
    reason = text(300)
    ends_on = fields.Date(required=True, metadata={"description": "the last day, included"})


class BoostOut(BoostIn):
    id = fields.UUID()
    created_at = time()


class VerifierIn(Schema):
    chapters = fields.List(text(200), load_default=list)
    guichets = fields.List(one_of(Guichet), load_default=list)
    most_in_hand = fields.Integer(load_default=MOST_IN_HAND, strict=True, validate=_SMALL)


class VerifierOut(Schema):
    id = fields.UUID()
    name = fields.String()
    chapters = fields.List(fields.String(), metadata={"description": "handled; none named: all"})
    guichets = fields.List(fields.String(), metadata={"description": "handled; none named: all"})
    most_in_hand = fields.Integer()
    in_hand = fields.Integer()
    away_until = fields.Date(allow_none=True)


class ConflictIn(Schema):
    organisation = text(metadata={"description": "its name, as tasks show it"})
    reason = remark(1000)
    verifier = fields.UUID(load_default=None, allow_none=True, metadata={"description": "a lead says who"})


class ConflictOut(Schema):
    id = fields.UUID()
    verifier = fields.UUID()
    name = fields.String()
    organisation = fields.String()
    reason = fields.String()
    declared_at = time()


class AbsenceIn(Schema):
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, metadata={"description": "the last day, included"})
    verifier = fields.UUID(load_default=None, allow_none=True, metadata={"description": "a lead says who"})


class AbsenceOut(Schema):
    id = fields.UUID()
    verifier = fields.UUID()
    name = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()


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


#: How many lines one request may have.
MOST_LINES = 500
_LINES = ma.validate.Length(1, MOST_LINES, error="De {min} à {max} lignes.")


class AssignmentsIn(Schema):
    tasks = fields.List(fields.UUID(), required=True, validate=_LINES)
    verifier = fields.UUID(required=True)


class BulkAdmissibilityIn(AdmissibilityIn):
    candidatures = fields.List(fields.UUID(), required=True, validate=_LINES)


class BoostsIn(Schema):
    boosts = fields.List(fields.Nested(BoostIn), required=True, validate=_LINES)


class BulkLineOut(Schema):
    task = fields.UUID(metadata={"description": "of an assignment, as it was sent"})
    candidature = fields.UUID(metadata={"description": "of an admissibility, as it was sent"})
    outcome = fields.String(metadata={"description": "done or refused"})
    problem = fields.Nested(ProblemSchema, metadata={"description": "when it was refused"})


class BulkOut(Schema):
    done = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(BulkLineOut), metadata={"description": "in the order sent"})


class BulkBoostLineOut(Schema):
    outcome = fields.String(metadata={"description": "done or refused"})
    boost = fields.Nested(BoostOut, metadata={"description": "when it was done"})
    problem = fields.Nested(ProblemSchema, metadata={"description": "when it was refused"})


class BulkBoostsOut(Schema):
    done = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(BulkBoostLineOut), metadata={"description": "in the order sent"})

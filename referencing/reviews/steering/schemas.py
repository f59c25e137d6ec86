"""What comes in and goes out of budgets, boosts, verifiers and what they declare."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, optional, remark, text, time
from referencing.candidatures.api.schemas import ActReceiptOut, AdmissibilityIn
from referencing.candidatures.tasks.models import Queue
from referencing.catalogue.proposals import Guichet
from referencing.reviews.queues.schemas import SMALL
from referencing.reviews.queues.verifiers import MOST_IN_HAND
from referencing.web.problems import ProblemSchema


class BudgetIn(Schema):
    guichet = one_of(Guichet, load_default=None, allow_none=True)
    days = fields.Integer(required=True, strict=True, validate=SMALL)


class BudgetOut(Schema):
    queue = one_of(Queue)
    guichet = one_of(Guichet, allow_none=True)
    days = fields.Integer()


class BoostIn(Schema):
    queue = one_of(Queue, load_default=None, allow_none=True)
    chapter = text(200, required=False, load_default=None, allow_none=True)
    dispositif = text(50, required=False, load_default=None, allow_none=True)
    vague = fields.Integer(load_default=None, allow_none=True, strict=True, validate=SMALL)
    candidature = fields.UUID(load_default=None, allow_none=True)
    weight = fields.Integer(
        load_default=1, strict=True, validate=SMALL, metadata={"description": "the weightier comes first"}
    )
    reason = text(300)
    ends_on = Day(required=True, metadata={"description": "the last day, included"})


class BoostOut(BoostIn):
    id = fields.UUID()
    candidature = fields.UUID(attribute="candidature_id", load_default=None, allow_none=True)
    created_at = time()


class VerifierIn(Schema):
    chapters = fields.List(text(200), load_default=list)
    guichets = fields.List(one_of(Guichet), load_default=list)
    most_in_hand = fields.Integer(load_default=MOST_IN_HAND, strict=True, validate=SMALL)


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
    verifier = fields.UUID(attribute="verifier_id")
    name = fields.String(attribute="verifier.name")
    organisation = fields.String(attribute="organisation.name")
    reason = fields.String()
    declared_at = time()
    declared_by = fields.UUID(allow_none=True)
    readable_until = time(
        allow_none=True,
        metadata={"description": "until when a lead or an auditor whom it is about reads in spite of it"},
    )


class ConflictReadingIn(Schema):
    reason = text(1000)


class AbsenceIn(Schema):
    starts_on = Day(required=True)
    ends_on = Day(required=True, metadata={"description": "the last day, included"})
    verifier = fields.UUID(load_default=None, allow_none=True, metadata={"description": "a lead says who"})


class AbsenceOut(Schema):
    id = fields.UUID()
    verifier = fields.UUID(attribute="verifier_id")
    name = fields.String(attribute="verifier.name")
    starts_on = fields.Date()
    ends_on = fields.Date()


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
    task = optional(fields.UUID(metadata={"description": "of an assignment, as it was sent"}))
    candidature = optional(fields.UUID(metadata={"description": "of an admissibility, as it was sent"}))
    outcome = fields.String(metadata={"description": "done or refused"})
    receipt = optional(
        fields.Nested(ActReceiptOut, metadata={"description": "of an admissibility that was done"})
    )
    problem = optional(fields.Nested(ProblemSchema, metadata={"description": "when it was refused"}))


class BulkOut(Schema):
    done = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(BulkLineOut), metadata={"description": "in the order sent"})


class BulkBoostLineOut(Schema):
    outcome = fields.String(metadata={"description": "done or refused"})
    boost = optional(fields.Nested(BoostOut, metadata={"description": "when it was done"}))
    problem = optional(fields.Nested(ProblemSchema, metadata={"description": "when it was refused"}))


class BulkBoostsOut(Schema):
    done = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(BulkBoostLineOut), metadata={"description": "in the order sent"})

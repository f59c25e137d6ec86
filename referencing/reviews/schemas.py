"""What comes in and goes out of the queues."""

from marshmallow import fields

from referencing.candidatures.schemas import ItemOut
from referencing.proofs.schemas import ProofOut
from referencing.schemas import Schema, one_of, remark, text, time

from .operations import Outcome


class QueueOut(Schema):
    name = fields.String()
    waiting = fields.Integer()
    in_hand = fields.Integer()


class TaskOut(Schema):
    id = fields.UUID()
    queue = fields.String()
    candidature = fields.UUID()
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    item = fields.UUID(allow_none=True)
    code = fields.String(allow_none=True)
    opened_at = time()
    closed_at = time(allow_none=True)
    outcome = fields.String(allow_none=True)
    claimed_by = fields.String(allow_none=True)
    claimed_at = time(allow_none=True)


class TaskWhole(TaskOut):
    subject = fields.Nested(
        ItemOut, allow_none=True, metadata={"description": "what is asked, supplied, and reused"}
    )
    identifiers = fields.Integer(
        metadata={"description": "numbers in the files below that may be real people's; 0 is what to expect"}
    )
    explanation = fields.List(fields.String(), metadata={"description": "for an equivalence, in French"})
    earlier = fields.List(
        fields.Nested(ProofOut),
        metadata={"description": "the proofs that a reuse stands on, with their files"},
    )


class VerdictIn(Schema):
    outcome = one_of(Outcome, required=True)
    comment = remark()
    file_sha256 = text(64, required=False, load_default=None, allow_none=True)

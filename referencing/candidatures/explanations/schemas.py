"""What an explanation of an item says, as the API describes it."""

from marshmallow import fields

from referencing.base.schemas import Day, Schema
from referencing.candidatures.record.states import ItemState
from referencing.equivalence.grants.schemas import AnswerOut
from referencing.solutions.schemas import ComponentIn


class ExplanationArguments(Schema):
    on = Day(load_default=None, metadata={"description": "a day that has come; today when there is none"})


class AskedOut(Schema):
    code = fields.String(metadata={"description": "DSR:REQUIREMENT"})
    version = fields.Integer(metadata={"description": "of the DSR"})
    text = fields.String()
    socle = fields.String(allow_none=True)
    identical = fields.Boolean(metadata={"description": "whether the text is the socle's"})


class ToldRulebookOut(Schema):
    id = fields.UUID()
    label = fields.String()
    since = fields.Date(metadata={"description": "in force"})


class ToldRuleOut(Schema):
    code = fields.String()
    sources = fields.List(fields.String())
    target = fields.String()
    relation = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)


class ToldFileOut(Schema):
    filename = fields.String()
    sha256 = fields.String()


class SuppliedOut(Schema):
    id = fields.UUID()
    version = fields.Integer()
    supplied_on = fields.Date()
    files = fields.List(fields.Nested(ToldFileOut))


class SaidOut(Schema):
    id = fields.UUID()
    day = fields.Date()
    round = fields.Integer()
    outcome = fields.String()
    comment = fields.String()
    missing = fields.List(fields.String())
    due_on = fields.Date(allow_none=True)
    by = fields.String(allow_none=True, metadata={"description": "for the agency alone"})
    version = fields.Integer(allow_none=True, metadata={"description": "of the proof"})
    file_sha256 = fields.String(allow_none=True)
    grant = fields.UUID(allow_none=True)
    claim = fields.String(allow_none=True)
    undone_on = fields.Date(allow_none=True)
    undone_reason = fields.String(allow_none=True)


class LackingOut(Schema):
    code = fields.String()
    reason = fields.String(metadata={"description": "in French, why the fact is of no use"})
    lacking = fields.String(metadata={"description": "in French, what it would have taken"})


class NearestOut(Schema):
    fact = fields.String()
    reasons = fields.List(fields.Nested(LackingOut))


class ExplanationOut(Schema):
    item = fields.UUID()
    code = fields.String()
    on = fields.Date()
    since = fields.Date(metadata={"description": "since when it stood in this state"})
    state = fields.Enum(ItemState, by_value=True)
    asked = fields.Nested(AskedOut)
    proof_text = fields.String()
    scenario = fields.String()
    composition = fields.List(fields.Nested(ComponentIn))
    reuse = fields.Nested(AnswerOut, allow_none=True)
    facts = fields.List(fields.Dict(), metadata={"description": "those of the reuse, and the nearest"})
    nearest = fields.List(fields.Nested(NearestOut), metadata={"description": "of what was required"})
    rulebook = fields.Nested(ToldRulebookOut, allow_none=True)
    rules = fields.List(fields.Nested(ToldRuleOut))
    requirements = fields.List(
        fields.Nested(AskedOut), metadata={"description": "the others of the derivation"}
    )
    supplied = fields.Nested(SuppliedOut, allow_none=True)
    claim = fields.String(allow_none=True)
    verdicts = fields.List(fields.Nested(SaidOut))
    sentences = fields.List(fields.String(), metadata={"description": "in French"})

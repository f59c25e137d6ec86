"""What is asked of simulations, and what they answer."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.candidatures.tasks.models import Queue
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import SimulationState
from referencing.steering.schemas import FormatArguments
from referencing.web.pages import PageArguments

from .figures import Dossiers


class SimulationIn(Schema):
    applies_on = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "the day from which the rules would apply; today when there is none"},
    )


class ProgressOut(Schema):
    done = fields.Integer(metadata={"description": "candidatures looked at so far"})
    total = fields.Integer()


class SimulationOut(Schema):
    id = fields.UUID()
    rulebook = fields.UUID()
    revision = fields.Integer(metadata={"description": "of the rulebook, that it is about"})
    against = fields.UUID(
        allow_none=True, metadata={"description": "the rulebook in force that it is compared with"}
    )
    applies_on = fields.Date()
    state = one_of(SimulationState)
    asked_at = time()
    ended_at = time(allow_none=True)
    progress = fields.Nested(ProgressOut)
    items = fields.Integer(metadata={"description": "items looked at so far, changed or not"})


class ReasonOut(Schema):
    code = fields.String(metadata={"description": "draft, rules_in_force, day or facts"})
    detail = fields.String(metadata={"description": "in French"})


class MoveOut(Schema):
    before = one_of(Status)
    after = one_of(Status)
    items = fields.Integer()


class SumOut(Schema):
    covered = fields.Integer(metadata={"description": "items that would become so"})
    to_confirm = fields.Integer(metadata={"description": "items that would become so"})
    awaiting = fields.Integer(metadata={"description": "items that would become so"})
    no_longer = fields.Integer(metadata={"description": "items that would have to be supplied"})
    otherwise = fields.Integer(metadata={"description": "items of the same status, by another derivation"})
    verifier_days_saved = fields.Float(metadata={"description": "below zero: that many more are needed"})
    moves = fields.List(fields.Nested(MoveOut))


class TotalsOut(Schema):
    open = fields.Nested(SumOut)
    decided = fields.Nested(SumOut)


class GroupOut(SumOut):
    dossiers = one_of(Dossiers)
    dispositif = fields.String()
    chapter = fields.String()


class EffortOut(Schema):
    queue = one_of(Queue)
    answers = fields.Integer(metadata={"description": "in the last 60 working days"})
    days_per_task = fields.Float(metadata={"description": "verifier days that a task takes"})
    again = fields.Float(metadata={"description": "share of the tasks after which the editor is asked again"})
    average_days = fields.Float(
        allow_none=True, metadata={"description": "working days of their budgets that tasks used"}
    )
    supposed = fields.Boolean(metadata={"description": "there were too few answers to tell"})


class SimulationWhole(SimulationOut):
    changed_since = fields.List(
        fields.Nested(ReasonOut), metadata={"description": "why it may say something else if asked for again"}
    )
    totals = fields.Nested(TotalsOut, allow_none=True, metadata={"description": "null until it is finished"})
    groups = fields.List(fields.Nested(GroupOut))
    effort = fields.List(fields.Nested(EffortOut))
    assumptions = fields.List(fields.String(), metadata={"description": "in French"})


class SelectionArguments(FormatArguments):
    dossiers = one_of(Dossiers, load_default=None, metadata={"description": "both unless told"})
    dispositif = text(100, required=False, load_default=None)
    chapter = text(300, required=False, load_default=None)
    before = one_of(Status, load_default=None)
    after = one_of(Status, load_default=None)


class ChangesArguments(SelectionArguments, PageArguments):
    pass


class SampleArguments(SelectionArguments):
    seed = fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, 2**31 - 1, error="De {min} à {max}."),
        metadata={"description": "another one draws others; the same one, the same"},
    )
    size = fields.Integer(load_default=20, validate=ma.validate.Range(1, 100, error="De {min} à {max}."))


class StandOut(Schema):
    status = one_of(Status)
    explanation = fields.List(fields.String(), metadata={"description": "in French"})
    derivation = fields.Dict(allow_none=True, metadata={"description": "as in equivalence-resolution/1"})


class LinksOut(Schema):
    candidature = fields.String()
    item = fields.String()
    equivalence = fields.String()


class SimulatedChangeOut(Schema):
    dossiers = one_of(Dossiers)
    candidature = fields.UUID()
    organisation = fields.String()
    commercial_name = fields.String()
    dsr = fields.String()
    item = fields.UUID()
    code = fields.String()
    dispositif = fields.String()
    chapter = fields.String()
    before = fields.Nested(StandOut)
    after = fields.Nested(StandOut)
    links = fields.Nested(LinksOut)


class SampleOut(Schema):
    seed = fields.Integer()
    items = fields.List(fields.Nested(SimulatedChangeOut))

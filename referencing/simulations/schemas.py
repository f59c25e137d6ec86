"""Simulations as the API takes and shows them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.base.shapes import computed, possible_actions, shape
from referencing.candidatures.tasks.models import Queue
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.schemas import DerivationOut, derivation_view
from referencing.equivalence.rulebooks.models import SimulationState
from referencing.steering.schemas import FormatArguments
from referencing.web.pages import PageArguments

from .effort import Effort
from .figures import Dossiers, Sum
from .queries import NamedChange
from .states import SIMULATION


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
    rulebook = fields.UUID(attribute="rulebook_id")
    revision = fields.Integer(metadata={"description": "of the rulebook, that it is about"})
    against = fields.UUID(
        attribute="against_id",
        allow_none=True,
        metadata={"description": "the rulebook in force that it is compared with"},
    )
    applies_on = fields.Date()
    state = one_of(SimulationState)
    asked_at = time()
    ended_at = time(allow_none=True)
    progress = computed(fields.Nested(ProgressOut), shape(ProgressOut))
    items = fields.Integer(
        metadata={"description": "items that the rules may answer otherwise, looked at so far"}
    )
    actions = possible_actions(
        SIMULATION, "/rulebooks/{rulebook}/simulations/{simulation}", {"cancel": "POST /cancellation"}
    )


class ReasonOut(Schema):
    code = fields.String(metadata={"description": "draft, rules_in_force, day or facts"})
    detail = fields.String(metadata={"description": "in French"})


class MoveOut(Schema):
    before = one_of(Status)
    after = one_of(Status)
    items = fields.Integer()


def _items_becoming(status: Status, description: str) -> fields.Field[Any]:
    def count(group: Sum) -> int:
        return group.become(status)

    return computed(fields.Integer(metadata={"description": description}), count)


def _moves(group: Sum) -> list[dict[str, Any]]:
    return [
        {"before": before, "after": after, "items": items} for (before, after), items in group.moves.items()
    ]


class SumOut(Schema):
    covered = _items_becoming(Status.COVERED, "items that would become so")
    to_confirm = _items_becoming(Status.TO_CONFIRM, "items that would become so")
    awaiting = _items_becoming(Status.AWAITING, "items that would become so")
    no_longer = _items_becoming(Status.REQUIRED, "items that would have to be supplied")
    otherwise = fields.Integer(metadata={"description": "items of the same status, by another derivation"})
    verifier_days_saved = fields.Float(
        attribute="days_saved", metadata={"description": "below zero: that many more are needed"}
    )
    moves = computed(fields.List(fields.Nested(MoveOut)), _moves)


class TotalsOut(Schema):
    open = fields.Nested(SumOut)
    decided = fields.Nested(SumOut)


class BatchOut(TotalsOut):
    """What was decided together at the workbench; an item that leans on several decisions counts with each."""

    decided_at = time()
    decided_by = fields.String()
    rules = fields.Integer(metadata={"description": "correspondences of the draft that came of it"})
    reason = fields.String(
        allow_none=True, metadata={"description": "null where none was given, or not the same for all"}
    )


class GroupOut(SumOut):
    dossiers = one_of(Dossiers)
    dispositif = fields.String()
    chapter = fields.String()


def _days_per_task(effort: Effort) -> float:
    return round(effort.days, 3)


def _share_again(effort: Effort) -> float:
    return round(effort.again, 3)


class EffortOut(Schema):
    queue = one_of(Queue)
    answers = fields.Integer(metadata={"description": "in the last 60 working days"})
    days_per_task = computed(
        fields.Float(metadata={"description": "verifier days that a task takes"}), _days_per_task
    )
    again = computed(
        fields.Float(metadata={"description": "share of the tasks after which the editor is asked again"}),
        _share_again,
    )
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
    batches = fields.List(fields.Nested(BatchOut))
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
    derivation = fields.Nested(DerivationOut, allow_none=True)


class LinksOut(Schema):
    candidature = fields.String()
    item = fields.String()
    equivalence = fields.String()


def _dossiers(named: NamedChange) -> Dossiers:
    return Dossiers.of(decided=named.change.decided)


def _before(named: NamedChange) -> dict[str, Any]:
    change = named.change
    return {
        "status": change.before,
        "explanation": change.told_before,
        "derivation": derivation_view(change.derivation_before),
    }


def _after(named: NamedChange) -> dict[str, Any]:
    change = named.change
    return {
        "status": change.after,
        "explanation": change.told_after,
        "derivation": derivation_view(change.derivation_after),
    }


def links(named: NamedChange) -> dict[str, str]:
    """The addresses of the dossier, of the item that would change, and of the dossier's equivalences."""
    candidature = f"/api/v1/candidatures/{named.change.candidature_id}"
    return {
        "candidature": candidature,
        "item": f"{candidature}/items/{named.change.item_id}",
        "equivalence": f"{candidature}/equivalence",
    }


class SimulatedChangeOut(Schema):
    dossiers = computed(one_of(Dossiers), _dossiers)
    candidature = fields.UUID(attribute="change.candidature_id")
    organisation = fields.String()
    commercial_name = fields.String()
    dsr = fields.String()
    item = fields.UUID(attribute="change.item_id")
    code = fields.String(attribute="change.code")
    dispositif = fields.String(attribute="change.dispositif")
    chapter = fields.String(attribute="change.chapter")
    before = computed(fields.Nested(StandOut), _before)
    after = computed(fields.Nested(StandOut), _after)
    links = computed(fields.Nested(LinksOut), links)


class SampleOut(Schema):
    seed = fields.Integer()
    items = fields.List(fields.Nested(SimulatedChangeOut))

"""What drafts of requirement lists would cost, as the API takes and shows it."""

from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.equivalence.workbench.schemas import DifferenceOut
from referencing.simulations.schemas import ReasonOut
from referencing.steering.schemas import FormatArguments
from referencing.web.pages import PageArguments

from .states import ESTIMATE, Change, EstimateState
from .tallies import Work


class EstimateIn(Schema):
    against_dsr = text(
        100,
        load_default=None,
        allow_none=True,
        required=False,
        metadata={
            "description": "another DSR, of which the softwares that filed there are looked at: what they would have "
            "of the draft. Left out, the draft is compared with the version in force of its own DSR"
        },
    )


class EstimateOut(Schema):
    id = fields.UUID()
    dsr = fields.String(attribute="version.dsr.code")
    version = fields.Integer(attribute="version.number", metadata={"description": "the draft's number"})
    against_dsr = fields.String(
        attribute="base.dsr.code", metadata={"description": "the same, unless another one was named"}
    )
    against_version = fields.Integer(attribute="base.number", metadata={"description": "the one in force"})
    rulebook = fields.UUID(attribute="rulebook_id", allow_none=True, metadata={"description": "in force"})
    digest = fields.String(metadata={"description": "SHA-256 of all that the draft asked"})
    state = one_of(EstimateState)
    asked_at = time()
    ended_at = time(allow_none=True)
    total = fields.Integer(
        metadata={"description": "softwares that filed a candidature on the DSR of `against_dsr`"}
    )
    done = fields.Integer(metadata={"description": "softwares that were looked at"})
    actions = possible_actions(ESTIMATE, "/dsrs/{dsr}/estimates/{estimate}", {"cancel": "POST /cancellation"})


def _of_softwares(description: str) -> fields.Integer:
    return fields.Integer(metadata={"description": f"softwares, each once: {description}"})


class SoftwaresOut(Schema):
    """What becomes of what softwares have, each counted once, by the worst that becomes of it."""

    keeping = _of_softwares("keep what they have")
    confirming = _of_softwares("have something to be confirmed, and lose nothing")
    losing = _of_softwares("lose something")
    spared = _of_softwares(
        "lose something or have it to be confirmed, and would keep all of it had scenarios and expected proofs stayed "
        "as they are, and what was found on the words of before been accepted as equal"
    )


_DAYS = "; below zero: saved; null where too little was measured to tell"


class CostOut(SoftwaresOut):
    more_to_confirm = fields.Integer(
        metadata={"description": "proofs of all softwares together, more than now"}
    )
    more_to_supply = fields.Integer(
        metadata={"description": "proofs of all softwares together, more than now"}
    )
    editor_days = fields.Float(allow_none=True, metadata={"description": f"days of editors{_DAYS}"})
    verifier_days = fields.Float(allow_none=True, metadata={"description": f"days of verifiers{_DAYS}"})
    editor_days_spared = fields.Float(
        allow_none=True, metadata={"description": "of them, those that unchanged scenarios would spare"}
    )
    verifier_days_spared = fields.Float(
        allow_none=True, metadata={"description": "of them, those that unchanged scenarios would spare"}
    )


class ChapterCostOut(CostOut):
    chapter = fields.String()
    requirements = fields.Integer(metadata={"description": "that differ, or lean on one that does"})


class DraftCostOut(CostOut):
    open_dossiers = fields.Integer(
        metadata={
            "description": "open candidatures on other DSRs that stand on what was found on words that change: they "
            "are resolved again on the day of publication; those on this DSR keep their version"
        }
    )


def _rounded_days(pace: Mapping[str, Any]) -> float | None:
    return None if pace["days_each"] is None else round(pace["days_each"], 3)


class PaceOut(Schema):
    work = computed(one_of(Work), itemgetter("work"))
    answers = computed(
        fields.Integer(metadata={"description": "in the last 60 working days"}), itemgetter("answers")
    )
    days_each = computed(
        fields.Float(allow_none=True, metadata={"description": "null where there were too few to tell"}),
        _rounded_days,
    )


class EstimateWhole(EstimateOut):
    changed_since = fields.List(
        fields.Nested(ReasonOut),
        metadata={
            "description": "draft, publication, rules_in_force, facts: why it may say something else by now"
        },
    )
    cost = fields.Nested(DraftCostOut, allow_none=True, metadata={"description": "null until it is finished"})
    by_chapter = fields.List(fields.Nested(ChapterCostOut))
    paces = fields.List(fields.Nested(PaceOut))
    assumptions = fields.List(fields.String(), metadata={"description": "in French"})


class EstimatedRequirementsArguments(FormatArguments, PageArguments):
    chapter = text(300, required=False, load_default=None)
    change = one_of(Change, load_default=None)


class DifferingProofOut(Schema):
    code = fields.String()
    change = one_of(Change)
    differing = fields.List(fields.Nested(DifferenceOut))
    attributes = fields.List(fields.String())


class RequirementDifferenceOut(Schema):
    code = fields.String()
    chapter = fields.String()
    change = one_of(
        Change, metadata={"description": "`reached`: it leans, by the rules, on one that differs"}
    )
    differing = computed(
        fields.List(
            fields.Nested(DifferenceOut),
            metadata={
                "description": "words of its text; both empty where marks alone differ: case, accents, punctuation"
            },
        ),
        attrgetter("differing"),
    )
    attributes = fields.List(
        fields.String(), metadata={"description": "what else differs, that rules look at"}
    )
    proofs = computed(
        fields.List(fields.Nested(DifferingProofOut), metadata={"description": "that differ"}),
        attrgetter("proofs"),
    )
    shown_unchanged = fields.Boolean(
        metadata={"description": "scenarios and expected proofs that both versions have are the same"}
    )
    open_dossiers = fields.Integer(metadata={"description": "on other DSRs, as of the whole draft"})


class EstimatedRequirementOut(RequirementDifferenceOut, CostOut):
    """A requirement that differs, with what it costs."""

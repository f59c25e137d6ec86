"""What comes in and goes out of the items of dossiers."""

from operator import attrgetter

from marshmallow import fields

from referencing.base.permissions import Actor
from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.candidatures.record.models import Verdict
from referencing.candidatures.record.states import (
    ITEM,
    ItemAction,
    ItemState,
    Track,
    closed_to_editor,
)
from referencing.equivalence.grants.schemas import DerivationOut
from referencing.proofs.models import OUTCOMES as FOUND
from referencing.proofs.models import Finding
from referencing.proofs.schemas import ProofOut
from referencing.web.pages import PageArguments

from .queries import ItemView
from .schemas import AwaitedOut


class ItemsArguments(PageArguments):
    state = one_of(ItemState, load_default=None)
    chapter = text(200, required=False, load_default=None)


class SupplyArguments(Schema):
    performed_on = Day(
        load_default=None, metadata={"description": "of an intrusion test: the day on which it was done"}
    )


class PerformedOnIn(Schema):
    performed_on = Day(required=True)


class GrantOut(Schema):
    state = fields.String()
    strength = fields.String()
    cases = fields.List(fields.String())
    confirm = fields.List(fields.String())
    derivation = fields.Nested(DerivationOut, allow_none=True)
    facts = fields.List(fields.String())


class StepOut(Schema):
    step = fields.Integer()
    outcome = fields.String()
    comment = fields.String()


def outcome_of(verdict: Verdict) -> str:
    """The word of what was found; of a claim that an item does not apply, that it was accepted."""
    accepted = verdict.claim is not None and verdict.finding is Finding.VERIFIED
    return ItemState.NOT_APPLICABLE.value if accepted else FOUND[verdict.finding]


class VerdictOut(Schema):
    round = fields.Integer(metadata={"description": "the review of the item that it was given in, from 1"})
    outcome = computed(
        fields.String(metadata={"description": "conform, nonconform, complement, or not_applicable"}),
        outcome_of,
    )
    comment = fields.String()
    missing = fields.List(fields.String(), metadata={"description": "of a complement: what to supply"})
    due_on = fields.Date(allow_none=True, metadata={"description": "of a complement: until when"})
    steps = computed(
        fields.List(fields.Nested(StepOut), metadata={"description": "of the scenario, where it has any"}),
        attrgetter("steps"),
    )
    given_at = time()


class RoundOut(VerdictOut):
    id = fields.UUID()
    claim = fields.String(allow_none=True, metadata={"description": "why it would not apply, when asked"})
    proof = fields.UUID(allow_none=True, attribute="verification.proof_id")
    version = fields.Integer(
        allow_none=True, attribute="verification.proof.number", metadata={"description": "of the proof"}
    )
    file_sha256 = fields.String(
        allow_none=True,
        attribute="verification.file_sha256",
        metadata={"description": "the file that was read"},
    )
    dsr_version = fields.Integer(allow_none=True, attribute="verification.dsr_version")
    rulebook = fields.UUID(allow_none=True, attribute="verification.rulebook_id")
    grant = fields.UUID(
        allow_none=True, attribute="grant_id", metadata={"description": "the reuse that was looked at"}
    )
    undone_at = time(allow_none=True)
    undone_reason = fields.String(allow_none=True)


class ItemRowOut(Schema):
    """What the item's row says, with the expected proof and the requirement that it names."""

    id = fields.UUID()
    code = fields.String(attribute="expected_proof.code")
    requirement = fields.String(attribute="expected_proof.requirement.code")
    chapter = fields.String(attribute="expected_proof.requirement.chapter")
    profile = fields.String(attribute="expected_proof.requirement.profile")
    requirement_text = fields.String(attribute="expected_proof.requirement.text")
    scenario = fields.String(attribute="expected_proof.scenario_text")
    text = fields.String(attribute="expected_proof.text")
    guichet = fields.String(attribute="expected_proof.guichet")
    kind = fields.String(attribute="expected_proof.kind")
    roles = fields.List(fields.String(), attribute="expected_proof.roles")
    state = one_of(ItemState)
    track = one_of(Track)
    external_reference = fields.String(
        allow_none=True, metadata={"description": "the editor's own name for it"}
    )
    round = fields.Integer(metadata={"description": "which review it is in or waits for, from 1"})


def _hindered(view: ItemView, _: Actor, act: ItemAction) -> bool:
    """Whether the dossier, the session or a reader stands against what the item allows."""
    if act is ItemAction.TAKE_BACK:
        return view.item.reason is None or closed_to_editor(view.dossier.state) is not None
    return view.not_supplied_because is not None


class ItemActsOut(Schema):
    actions = possible_actions(
        ITEM,
        "/candidatures/{candidature}/items/{item}",
        {"replace": "POST /proofs", "supply": "POST /proofs", "take_back": "DELETE /not-applicable"},
        lambda view: view.item.state,
        hindered=_hindered,
    )


class ItemOut(ItemRowOut, ItemActsOut):
    may_be_supplied = fields.Boolean(metadata={"description": "whether a proof, or a claim, is taken now"})
    awaits_second_reading = fields.Boolean(
        metadata={"description": "read once; another reader has to read it before anything is found"}
    )
    not_supplied_because = fields.String(
        allow_none=True, metadata={"description": "in French, why none is taken now"}
    )
    reason = fields.String(
        allow_none=True, metadata={"description": "why it would not apply; null to an integration"}
    )
    expert_asked_at = time(
        allow_none=True,
        metadata={
            "description": "since when an expert's opinion is awaited; the dossier stays with the agency"
        },
    )
    third_party = fields.Nested(
        AwaitedOut,
        allow_none=True,
        metadata={"description": "who has to answer before the agency goes on; null to an integration"},
    )
    due_on = fields.Date(allow_none=True, metadata={"description": "when a complement is awaited"})
    verdict = fields.Nested(
        VerdictOut, allow_none=True, metadata={"description": "the last one that was not taken back"}
    )
    remarks = fields.List(
        fields.String(),
        metadata={
            "description": "in French: the age of an intrusion test, a verification that was revoked since, what "
            "Pro Santé Connect was not told"
        },
    )
    proof = fields.Nested(
        ProofOut,
        allow_none=True,
        metadata={"description": "the last version; to an integration, only when it supplied it itself"},
    )
    reuse = fields.Nested(GrantOut, allow_none=True, metadata={"description": "null to an integration"})

"""A task with all that is needed for a verdict, and the verdict."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, Sha256, one_of, remark, text
from referencing.candidatures.api.item_schemas import ItemOut
from referencing.certificates.schemas import CertificateOut
from referencing.equivalence.workbench.schemas import DifferenceOut, LikenessOut, WordingOut
from referencing.proofs.schemas import ProofOut
from referencing.reviews.experts.schemas import OpinionOut
from referencing.reviews.queues.outcomes import Outcome, TaskOutcome
from referencing.reviews.queues.schemas import TaskOut
from referencing.reviews.third_parties.schemas import WaitOut
from referencing.reviews.verdicts.verdicts import Details


class ComparedOut(Schema):
    source = fields.Nested(WordingOut, data_key="from", metadata={"description": "an earlier expected proof"})
    target = fields.Nested(WordingOut, data_key="to", metadata={"description": "the one that is asked for"})
    likeness = fields.Nested(LikenessOut)
    differing = fields.List(fields.Nested(DifferenceOut))


class TaskWhole(TaskOut):
    subject = fields.Nested(
        ItemOut, allow_none=True, metadata={"description": "what is asked, supplied, and reused"}
    )
    scenario_steps = fields.List(
        fields.String(), metadata={"description": "in their order, from 1, where the scenario numbers them"}
    )
    identifiers = fields.Integer(
        metadata={"description": "numbers in the files below that may be real people's; 0 is what to expect"}
    )
    explanation = fields.List(fields.String(), metadata={"description": "for an equivalence, in French"})
    earlier = fields.List(
        fields.Nested(ProofOut),
        metadata={"description": "the proofs that a reuse stands on, with their files"},
    )
    compared = fields.List(
        fields.Nested(ComparedOut),
        metadata={"description": "what these were asked as, beside what is asked, and the words that differ"},
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
    file_sha256 = Sha256(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "the file that was read, one of those of `subject.proof`: required where a version is "
            "examined; not for a reuse, a claim that it does not apply, or an item without a version"
        },
    )
    missing = fields.List(
        text(1_000),
        load_default=list,
        validate=ma.validate.Length(max=50, error="{max} au plus."),
        metadata={"description": "of a complement: what to supply; left out, it is the comment"},
    )
    due_on = Day(
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
        """Gather the details of a verdict in one argument."""
        return words | {"details": Details(words.pop("missing"), words.pop("due_on"), words.pop("steps"))}


class TaskVerdictIn(VerdictIn):
    outcome = one_of(
        TaskOutcome,
        required=True,
        metadata={
            "description": "`not_applicable` accepts the claim that an item does not apply, and nothing else"
        },
    )

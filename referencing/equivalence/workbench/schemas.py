"""What comes in and goes out of the workbench."""

from operator import attrgetter
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, RowProblemSchema, Schema, one_of, optional, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.rulebooks.schemas import CorrespondenceSchema
from referencing.web.pages import PageArguments
from referencing.web.problems import ProblemSchema

from .decisions import MOST_SELECTED, Decision, SelectionDecision
from .drafting import LEAST, MOST, Level, Origin, Part
from .models import ProposalState
from .proposing import SOFTWARES, ProposalRequest
from .states import PROPOSAL

_SHARE = ma.validate.Range(0, 1, error="De {min} à {max}.")
_WORDS = {"description": "words that only this side has in this place; may be empty"}


class ProposeIn(Schema):
    source = text(100, data_key="from", metadata={"description": "a DSR with a published version"})
    target = text(100, data_key="to", metadata={"description": "another one"})
    origins = fields.List(
        one_of(
            Origin, validate=ma.validate.NoneOf([Origin.TABLE], error="La table s'envoie comme un fichier.")
        ),
        load_default=[Origin.CONFIRMATION, Origin.RULE, Origin.SOCLE, Origin.LIKENESS],
        validate=ma.validate.Length(1, error="Donnez au moins une origine."),
        metadata={"description": "rules of the draft and confirmations suggest between proofs alone"},
    )
    softwares = fields.Integer(
        load_default=SOFTWARES,
        strict=True,
        validate=ma.validate.Range(1, error="Au moins {min}."),
        metadata={
            "description": "of how many a reuse was confirmed, and of none refused, for it to be proposed"
        },
    )
    level = one_of(
        Level,
        load_default=Level.REQUIREMENT,
        metadata={"description": "compare requirements, or their proofs"},
    )
    least = fields.Float(
        load_default=LEAST,
        validate=_SHARE,
        metadata={"description": "the least score that likeness proposes"},
    )
    most = fields.Integer(
        load_default=MOST,
        strict=True,
        validate=ma.validate.Range(1, 10, error="De {min} à {max}."),
        metadata={"description": "how many sources likeness proposes for one target"},
    )
    chapter = text(
        required=False, load_default=None, allow_none=True, metadata={"description": "of the targets"}
    )

    @ma.post_load
    def request(self, words: dict[str, Any], **_: Any) -> ProposalRequest:
        return ProposalRequest(**words)


class ProposedOut(Schema):
    proposed = fields.Integer(metadata={"description": "new ones"})
    updated = fields.Integer(metadata={"description": "open ones that got another ground, or other words"})
    unchanged = fields.Integer()
    decided = fields.Integer(metadata={"description": "accepted or refused before: left as they are"})
    in_draft = fields.Integer(metadata={"description": "what the draft says already"})


class ProposedTableOut(ProposedOut):
    rows = fields.Integer()
    problems = fields.List(fields.Nested(RowProblemSchema))


class SelectionArguments(Schema):
    origin = one_of(Origin, load_default=None)
    level = one_of(Level, load_default=None)
    unchanged = fields.Boolean(
        load_default=None,
        metadata={"description": "proofs whose scenario and expected proof differ by no word"},
    )
    least = fields.Float(load_default=None, validate=_SHARE, metadata={"description": "of the score"})
    most = fields.Float(load_default=None, validate=_SHARE, metadata={"description": "of the score"})
    chapter = fields.String(load_default=None, metadata={"description": "of the target"})
    source = fields.String(load_default=None, data_key="from", metadata={"description": "a DSR"})
    target = fields.String(load_default=None, data_key="to", metadata={"description": "a DSR"})


class ProposalsArguments(SelectionArguments, PageArguments):
    state = one_of(ProposalState, load_default=None)
    correspondence = fields.String(
        load_default=None, metadata={"description": "the id of a rule of the draft: what it came from"}
    )


class ProposalDecisionIn(Schema):
    accepted = fields.Boolean(required=True)
    reason = remark(metadata={"description": "why; required of a refusal"})
    relation = one_of(
        Relation, load_default=None, allow_none=True, metadata={"description": "else the one proposed"}
    )
    valid_from = Day(load_default=None, allow_none=True)
    valid_until = Day(load_default=None, allow_none=True)


class ProposalDecisionLineIn(ProposalDecisionIn):
    proposal_id = fields.UUID(required=True, data_key="proposal")
    revision = fields.Integer(required=True, strict=True, metadata={"description": "the one that was read"})

    @ma.post_load
    def decision(self, words: dict[str, Any], **_: Any) -> Decision:
        return Decision(**words)


class ProposalDecisionsIn(Schema):
    decisions = fields.List(
        fields.Nested(ProposalDecisionLineIn),
        required=True,
        validate=ma.validate.Length(1, MOST_SELECTED, error="De {min} à {max} lignes."),
    )


class SelectionOut(Schema):
    count = fields.Integer(metadata={"description": "proposals that nobody has decided"})
    digest = fields.String(metadata={"description": "of these, for the decision"})


class SelectionDecisionIn(Schema):
    digest = fields.String(required=True, metadata={"description": "of the selection that was read"})
    accepted = fields.Boolean(required=True)
    reason = remark(metadata={"description": "why; required of a refusal"})

    @ma.post_load
    def decision(self, words: dict[str, Any], **_: Any) -> SelectionDecision:
        return SelectionDecision(**words)


class GroundOut(Schema):
    origin = one_of(Origin)
    relation = one_of(Relation)
    basis = fields.Dict(
        metadata={
            "description": "the row, the rule, the socle and what each side kept of it, the softwares, or the score"
        }
    )


class LikenessOut(Schema):
    text = fields.Float()
    scenario = fields.Float(allow_none=True, metadata={"description": "null where one side has no scenario"})
    proof = fields.Float(allow_none=True, metadata={"description": "null of requirements"})


class DifferenceOut(Schema):
    part = one_of(Part)
    source = fields.String(data_key="from", metadata=_WORDS)
    target = fields.String(data_key="to", metadata=_WORDS)


class WordingOut(Schema):
    code = fields.String()
    chapter = fields.String()
    text = fields.String()
    scenario = fields.String(metadata={"description": "of a requirement those of its proofs, each once"})
    proof_text = fields.String(
        attribute="proof", metadata={"description": "what is expected; nothing of a requirement"}
    )
    socle = fields.String(allow_none=True)


class ProposalOut(Schema):
    id = fields.UUID(attribute="proposal.id")
    revision = fields.Integer(
        attribute="proposal.revision", metadata={"description": "the ETag, for a decision"}
    )
    source = fields.List(fields.Nested(WordingOut), attribute="sources", data_key="from")
    target = fields.Nested(WordingOut, data_key="to")
    relation = one_of(
        Relation,
        attribute="proposal.relation",
        metadata={"description": "proposed: by the ground that says most"},
    )
    grounds = computed(fields.List(fields.Nested(GroundOut)), attrgetter("proposal.grounds"))
    score = fields.Float(
        attribute="proposal.score",
        metadata={"description": "from 0 to 1: two thirds the text, one the scenarios and expected proofs"},
    )
    likeness = computed(fields.Nested(LikenessOut), attrgetter("proposal.likeness"))
    differing = computed(fields.List(fields.Nested(DifferenceOut)), attrgetter("proposal.differing"))
    level = one_of(Level, attribute="target.level")
    unchanged = fields.Boolean(
        metadata={"description": "of a proof: its scenario and what is expected differ by no word"}
    )
    state = one_of(ProposalState, attribute="proposal.state")
    decided_by = fields.String(allow_none=True)
    decided_at = time(attribute="proposal.decided_at", allow_none=True)
    reason = fields.String(attribute="proposal.reason", allow_none=True)
    decision = computed(
        fields.Nested(CorrespondenceSchema, allow_none=True, metadata={"description": "as it was accepted"}),
        attrgetter("proposal.decision"),
    )
    correspondence = fields.String(
        allow_none=True, metadata={"description": "the rule that came of it, while it is in the draft"}
    )
    actions = possible_actions(
        PROPOSAL,
        "/rulebooks/{rulebook}/proposals/{proposal}",
        {"decide": "PUT /decision"},
        attrgetter("place"),
    )


class ProposalDecisionLineOut(Schema):
    proposal = fields.UUID()
    outcome = fields.String(metadata={"description": "done or refused"})
    state = optional(one_of(ProposalState, metadata={"description": "when it was done"}))
    problem = optional(fields.Nested(ProblemSchema, metadata={"description": "when it was refused"}))


class ProposalDecisionsOut(Schema):
    done = fields.Integer()
    refused = fields.Integer()
    lines = fields.List(fields.Nested(ProposalDecisionLineOut), metadata={"description": "in the order sent"})

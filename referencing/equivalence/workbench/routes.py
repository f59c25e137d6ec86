"""The workbench over HTTP: propose, read, decide one or many."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.batch import line_view, report_view
from referencing.base.errors import DomainError
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.forms import FORM, one_file
from referencing.web.pages import Page, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import decisions as workbench_decisions
from . import proposing, queries, schemas
from .decisions import Decision, SelectionDecision
from .models import Proposal
from .proposing import ProposalRequest

blueprint = Blueprint("workbench", __name__, url_prefix="/api/v1", description="Drafting rules from data")

_proposal_shape = shape(schemas.ProposalOut)
_selection_shape = shape(schemas.SelectionOut)


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ProposeIn)
@blueprint.response(200, schemas.ProposedOut)
def propose_correspondences(request: ProposalRequest, rulebook: UUID) -> Response:
    """Propose correspondences for a draft, of requirements or proof by proof; what was decided stays decided."""
    with transaction() as session:
        return answer(asdict(proposing.propose(session, actor(), rulebook, request)))


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals/table", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.ProposedTableOut)
def propose_correspondences_from_table(rulebook: UUID) -> Response:
    """Propose the rows of a correspondences CSV (one vague to the next) for a draft, instead of adding them."""
    with transaction() as session:
        report = asdict(proposing.propose_from_table(session, actor(), rulebook, one_file()))
        return answer({**report.pop("counts"), **report})


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ProposalsArguments, location="query")
@blueprint.response(200, page_of(schemas.ProposalOut))
def list_proposals(arguments: dict[str, Any], rulebook: UUID) -> Response:
    """What is proposed for a rulebook and what came of it, the most alike first."""
    page: Page = arguments.pop("page")
    last = page.keys(float, str)
    with transaction() as session:
        filters = queries.Filters(**arguments)
        rows = queries.proposals(session, actor(), rulebook, filters, last, page.limit + 1)
        on_page, following = page.of(rows, lambda row: [-row.proposal.score, row.proposal.code])
        return listing([_proposal_shape(row, actor()) for row in on_page], following)


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals/<uuid:proposal>")
@needs(Right.EDIT_RULEBOOKS)
@tells(ETAG)
@blueprint.response(200, schemas.ProposalOut)
def read_proposal(rulebook: UUID, proposal: UUID) -> Response:
    """One proposal, with its ETag."""
    with transaction() as session:
        worded = queries.proposal(session, actor(), rulebook, proposal)
        return answer(_proposal_shape(worded, actor()), headers=etag(worded.proposal.revision))


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals/<uuid:proposal>/decision", methods=["PUT"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.ProposalDecisionIn)
@blueprint.response(200, schemas.ProposalOut)
def decide(words: dict[str, Any], rulebook: UUID, proposal: UUID) -> Response:
    """Accept a proposal, as it is or changed, or refuse it (If-Match: its revision)."""
    with transaction() as session:
        decision = Decision(proposal, expected_version(), **words)
        workbench_decisions.decide(session, actor(), rulebook, decision)
        worded = queries.proposal(session, actor(), rulebook, proposal)
        return answer(_proposal_shape(worded, actor()), headers=etag(worded.proposal.revision))


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals/decisions", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ProposalDecisionsIn)
@blueprint.response(200, schemas.ProposalDecisionsOut)
def decide_proposals(words: dict[str, Any], rulebook: UUID) -> Response:
    """Accept or refuse many proposals; one that is refused prevents no other."""
    decisions = words["decisions"]
    with transaction() as session:
        outcomes = workbench_decisions.decide_many(session, actor(), rulebook, decisions)
        return answer(_report([decision.proposal_id for decision in decisions], outcomes))


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals/selection")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.SelectionArguments, location="query")
@blueprint.response(200, schemas.SelectionOut)
def read_proposal_selection(arguments: dict[str, Any], rulebook: UUID) -> Response:
    """The proposals that nobody has decided and that answer all these choices: how many, and their digest."""
    with transaction() as session:
        filters = queries.Filters(**arguments)
        return answer(_selection_shape(queries.visible_selection(session, actor(), rulebook, filters)))


@blueprint.route("/rulebooks/<uuid:rulebook>/proposals/selection", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.SelectionArguments, location="query")
@blueprint.arguments(schemas.SelectionDecisionIn)
@blueprint.response(200, schemas.ProposalDecisionsOut)
def decide_proposal_selection(
    arguments: dict[str, Any], decision: SelectionDecision, rulebook: UUID
) -> Response:
    """Accept or refuse all that answer these choices, if they are those that were read (`digest`)."""
    with transaction() as session:
        filters = queries.Filters(**arguments)
        selection, outcomes = workbench_decisions.decide_selection(
            session, actor(), rulebook, filters, decision
        )
        return answer(_report([proposal.id for proposal in selection.proposals], outcomes))


def _report(proposals: Iterable[UUID], outcomes: Iterable[Proposal | DomainError]) -> dict[str, Any]:
    lines = [_line(proposal, outcome) for proposal, outcome in zip(proposals, outcomes, strict=True)]
    return report_view("done", lines)


def _line(proposal: UUID, outcome: Proposal | DomainError) -> dict[str, Any]:
    state = outcome if isinstance(outcome, DomainError) else outcome.state
    return {"proposal": proposal, **line_view("done", "state", state)}

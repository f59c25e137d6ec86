"""Dossiers over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.filing import amending, operations
from referencing.candidatures.filing.roles import role_remarks
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.record.confidentiality import veiled
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.tasks.holders import clocks
from referencing.candidatures.tasks.queries import awaited_of
from referencing.candidatures.verdicts import instruction
from referencing.journal.disclosure import disclosed
from referencing.journal.queries import stream
from referencing.journal.schemas import EventOut
from referencing.web.descriptions import ETAG, IF_MATCH, IF_MATCH_IF_ANY, LOCATION, needs, reads, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import queries, schemas
from .queries import Dossier
from .views import act_view, candidature_view, resolution_view

blueprint = Blueprint("candidatures", __name__, url_prefix="/api/v1", description="The dossiers")


def _answer(session: Session, candidature: Candidature, status: int = 200) -> Response:
    return answer(_view(session, candidature), status, etag(candidature.revision))


def _acted(session: Session, candidature: Candidature) -> Response:
    """The dossier as it is after an act, with the receipt of that act."""
    view = _view(session, candidature)
    receipt = act_view(queries.last_act(session, candidature.id), actor())
    return answer({**view, "receipt": receipt}, headers=etag(candidature.revision))


def _view(session: Session, candidature: Candidature) -> dict[str, Any]:
    session.flush()
    (view,) = _views(session, queries.counted(session, [candidature]))
    return view


def _views(session: Session, found: Sequence[Dossier]) -> list[dict[str, Any]]:
    """Views of dossiers: one query for all clocks, one for the third parties that are awaited, one for roles."""
    ids = [one.candidature.id for one in found]
    clock, waits = clocks(session, ids, now(session)), awaited_of(session, ids)
    remarks = _remarks(session, [one.candidature for one in found])
    return [
        candidature_view(one, clock[id_], waits.get(id_, []), actor()) | {"remarks": remarks.get(id_, [])}
        for one, id_ in zip(found, ids, strict=True)
    ]


def _remarks(session: Session, candidatures: Sequence[Candidature]) -> dict[UUID, list[str]]:
    """What is remarkable about the compositions of drafts, by candidature."""
    compositions = {
        one.id: one.configuration.composition
        for one in candidatures
        if one.state is State.DRAFT and one.configuration.composition
    }
    roles = record_queries.roles_of(session, compositions) if compositions else {}
    return {
        id_: list(role_remarks(composition, roles.get(id_, ()))) for id_, composition in compositions.items()
    }


@blueprint.route("/candidatures", methods=["POST"])
@needs(Right.PREPARE_CANDIDATURES)
@tells(ETAG, LOCATION)
@blueprint.arguments(schemas.CandidatureIn)
@blueprint.response(201, schemas.CandidatureOut)
def draft(words: dict[str, Any]) -> Response:
    """Draft a candidature with its items, resolved against what is already known of the software."""
    if "composition" in words:
        words["composition"] = _pairs(words["composition"])
    with transaction() as session:
        candidature = operations.draft(session, actor(), **words)
        response = _answer(session, record_queries.candidature(session, actor(), candidature.id), 201)
        response.headers["Location"] = f"/api/v1/candidatures/{candidature.id}"
        return response


def _pairs(composition: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    return [(component["role"], component["component"]) for component in composition]


@blueprint.route("/candidatures/<uuid:candidature>", methods=["PATCH"])
@needs(Right.PREPARE_CANDIDATURES)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.CandidatureEdit)
@blueprint.response(200, schemas.AmendedOut)
def amend(words: amending.Changes, candidature: UUID) -> Response:
    """Change what a draft says (If-Match: its ETag); its reuse is resolved again, `changes` tells the differences."""
    if "composition" in words:
        words["composition"] = _pairs(words["composition"])  # type: ignore[arg-type]
    with transaction() as session:
        amended, differences = amending.amend(session, actor(), candidature, expected_version(), words)
        changes = [
            {"code": code, "before": before, "after": after} for code, (before, after) in differences.items()
        ]
        view = {**_view(session, amended), "changes": changes}
        return answer(view, headers=etag(amended.revision))


@blueprint.route("/candidatures/<uuid:candidature>", methods=["DELETE"])
@needs(Right.PREPARE_CANDIDATURES)
@reads(IF_MATCH_IF_ANY)
@blueprint.response(204)
def give_up_draft(candidature: UUID) -> Response:
    """Give a draft up: it is found no more. An If-Match, when one comes, must be its ETag."""
    revision = expected_version() if "If-Match" in request.headers else None
    with transaction() as session:
        amending.give_up(session, actor(), candidature, revision)
        return Response(status=204)


@blueprint.route("/candidatures")
@needs(Right.READ_CANDIDATURES)
@blueprint.arguments(schemas.CandidaturesArguments, location="query")
@blueprint.response(200, page_of(schemas.CandidatureOut))
def list_candidatures(arguments: dict[str, Any]) -> Response:
    """The organisation's candidatures, or all of them for the agency, in the order of drafting unless `sort` says."""
    page: Page = arguments.pop("page")
    state, newest = arguments.pop("state"), arguments.pop("sort") == "newest"
    with transaction() as session:
        among = record_queries.Among(**arguments)
        found = queries.dossiers(
            session, actor(), id_cursor(page), page.limit + 1, state=state, among=among, newest=newest
        )
        shown, following = page.of(found, lambda one: [one.candidature.id])
        return listing(_views(session, shown), following)


@blueprint.route("/candidatures/<uuid:candidature>")
@needs(Right.READ_CANDIDATURES)
@tells(ETAG)
@blueprint.response(200, schemas.CandidatureOut)
def read_candidature(candidature: UUID) -> Response:
    """Where a candidature stands."""
    with transaction() as session:
        return _answer(session, record_queries.candidature(session, actor(), candidature))


@blueprint.route("/candidatures/<uuid:candidature>/timeline")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(EventOut))
def read_candidature_timeline(arguments: dict[str, Page], candidature: UUID) -> Response:
    """What happened to a candidature, oldest first."""
    page = arguments["page"]
    last = (page.keys(int) or (0,))[0]
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        found = stream(session, f"candidature:{dossier.id}", last, page.limit + 1)
        shown, following = page.of(found, lambda one: [one.number])
        return listing([shape(EventOut)(disclosed(one, actor())) for one in shown], following)


@blueprint.route("/candidatures/<uuid:candidature>/receipts")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ActReceiptOut))
def list_receipts(arguments: dict[str, Page], candidature: UUID) -> Response:
    """The receipts of what was done to a candidature, oldest first: filings, deposits, withdrawal, decisions."""
    page = arguments["page"]
    last = (page.keys(int) or (0,))[0]
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        entries = queries.acts(session, dossier.id, last, page.limit + 1)
        page_entries, following = page.of(entries, lambda entry: [entry.number])
        return listing([act_view(entry, actor()) for entry in page_entries], following)


@blueprint.route("/candidatures/<uuid:candidature>/receipts/<int:number>")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.response(200, schemas.ReceiptCheckOut)
def read_receipt(candidature: UUID, number: int) -> Response:
    """One receipt, checked again against the record: `digest` is the one that was answered then."""
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        entry, intact = queries.act(session, dossier.id, number)
        return answer({**act_view(entry, actor()), "intact": intact})


@blueprint.route("/candidatures/<uuid:candidature>/equivalence")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.response(200, schemas.ResolutionOut)
def read_equivalence(candidature: UUID) -> Response:
    """What is reused and why, and for the rest what blocks the nearest facts; `state` tells how each item stands."""
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        known = as_it_stands(session, dossier)
        states = record_queries.states_by_code(session, dossier.id)
        told = known if actor().of_agency else veiled(session, dossier.organisation_id, *known)
        return answer(resolution_view(dossier.state, *told, states))


@blueprint.route("/candidatures/<uuid:candidature>/submission", methods=["POST"])
@needs(Right.FILE_CANDIDATURES)
@tells(ETAG)
@blueprint.arguments(schemas.SubmissionIn, required=False)
@blueprint.response(200, schemas.ActedOut)
def submit(words: dict[str, bool], candidature: UUID) -> Response:
    """File the candidature. What misses, by guichet, is refused (409, `missing`) unless the body says it is meant."""
    with transaction() as session:
        return _acted(session, operations.submit(session, actor(), candidature, **words))


@blueprint.route("/candidatures/<uuid:candidature>/taking-back", methods=["POST"])
@needs(Right.FILE_CANDIDATURES)
@tells(ETAG)
@blueprint.response(200, schemas.ActedOut)
def take_back_submission(candidature: UUID) -> Response:
    """Make a submitted candidature a draft again, as long as nobody has judged its admissibility."""
    with transaction() as session:
        return _acted(session, operations.take_back(session, actor(), candidature))


@blueprint.route("/candidatures/<uuid:candidature>/withdrawal", methods=["POST"])
@needs(Right.FILE_CANDIDATURES)
@tells(ETAG)
@blueprint.response(200, schemas.ActedOut)
def withdraw(candidature: UUID) -> Response:
    """Give the candidature up for good."""
    with transaction() as session:
        return _acted(session, operations.withdraw(session, actor(), candidature))


@blueprint.route("/candidatures/<uuid:candidature>/admissibility", methods=["POST"])
@needs(Right.JUDGE_ADMISSIBILITY)
@tells(ETAG)
@blueprint.arguments(schemas.AdmissibilityIn)
@blueprint.response(200, schemas.ActedOut)
def judge_admissibility(words: dict[str, Any], candidature: UUID) -> Response:
    """Say whether the dossier is complete: the instruction opens, or the editor completes it.

    What misses, by guichet, is refused (409, `missing`) unless the body says that it is meant: the dossier is then
    `in_review`, and its `missing_counts` says what is still to come.
    """
    with transaction() as session:
        judged = instruction.judge_admissibility(
            session,
            actor(),
            candidature,
            complete=words["outcome"] == "admissible",
            comment=words["comment"],
            incomplete=words["incomplete"],
        )
        return _acted(session, judged)


@blueprint.route("/candidatures/<uuid:candidature>/decision", methods=["POST"])
@needs(Right.DECIDE)
@tells(ETAG)
@blueprint.arguments(schemas.DecisionIn)
@blueprint.response(200, schemas.ActedOut)
def decide(words: dict[str, Any], candidature: UUID) -> Response:
    """Reference, refuse, or send back with the items to be looked at again.

    A solution with nonconform items is not referenced (409, `nonconform_items`) unless the body says that it is meant.
    """
    with transaction() as session:
        decided = instruction.decide(
            session,
            actor(),
            candidature,
            action=schemas.OUTCOMES[words["outcome"]],
            comment=words["comment"],
            items=words["items"],
            nonconform=words["nonconform"],
        )
        return _acted(session, decided)

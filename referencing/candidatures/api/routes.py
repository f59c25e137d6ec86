"""Dossiers over HTTP."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.explanations import account
from referencing.candidatures.explanations.schemas import ExplanationArguments, ExplanationOut
from referencing.candidatures.explanations.views import explanation_view
from referencing.candidatures.filing import amending, dating, operations, supplying
from referencing.candidatures.filing.roles import role_remarks
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.record.confidentiality import veiled
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.tasks.holders import clocks
from referencing.candidatures.tasks.queries import awaited_of
from referencing.candidatures.verdicts import instruction
from referencing.candidatures.verdicts.rounds import verdicts_on
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.journal.disclosure import disclosed
from referencing.journal.queries import stream
from referencing.journal.schemas import EventOut
from referencing.proofs.queries import stale
from referencing.proofs.schemas import ProofOut, ReasonIn, ReceiptOut
from referencing.proofs.views import proof_view, receipt_view
from referencing.web.forms import FORM, file_parts
from referencing.web.header_parameters import IF_MATCH, IF_MATCH_IF_ANY, reads
from referencing.web.idempotency import once, repeats_itself, unless_answered
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, parts, transaction

from . import item_schemas, queries, schemas
from .queries import Dossier
from .views import act_view, candidature_view, item_view, resolution_view

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
@reads(IF_MATCH)
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
@reads(IF_MATCH_IF_ANY)
@blueprint.response(204)
def give_up(candidature: UUID) -> Response:
    """Give a draft up: it is found no more. An If-Match, when one comes, must be its ETag."""
    revision = expected_version() if "If-Match" in request.headers else None
    with transaction() as session:
        amending.give_up(session, actor(), candidature, revision)
        return Response(status=204)


@blueprint.route("/candidatures")
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
@blueprint.response(200, schemas.CandidatureOut)
def read_candidature(candidature: UUID) -> Response:
    """Where a candidature stands."""
    with transaction() as session:
        return _answer(session, record_queries.candidature(session, actor(), candidature))


@blueprint.route("/candidatures/<uuid:candidature>/items")
@blueprint.arguments(item_schemas.ItemsArguments, location="query")
@blueprint.response(200, page_of(item_schemas.ItemOut))
def list_items(arguments: dict[str, Any], candidature: UUID) -> Response:
    """The items, in the order of the requirements."""
    page: Page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature)
        narrowed = {"state": arguments["state"], "chapter": arguments["chapter"]}
        found = queries.items(session, dossier.id, cursor, page.limit + 1, **narrowed)
        shown, following = page.of(found, lambda one: [one.item.position])
        reader = actor()
        return listing([item_view(one, reader) for one in shown], following)


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>")
@blueprint.response(200, item_schemas.ItemOut)
def read_item(candidature: UUID, item: str) -> Response:
    """One item, by its id, its expected proof's code, or `ref:` and the editor's own reference."""
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature)
        found = queries.item_view(session, record_queries.item(session, dossier, item))
        return answer(item_view(found, actor()))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/history")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(item_schemas.RoundOut))
def read_history(arguments: dict[str, Page], candidature: UUID, item: str) -> Response:
    """The verdicts on an item, round by round, those that were taken back included."""
    page = arguments["page"]
    with transaction() as session:
        asked = record_queries.item(session, record_queries.candidature(session, actor(), candidature), item)
        found = verdicts_on(session, actor(), asked, id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([shape(item_schemas.RoundOut)(one) for one in shown], following)


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/explanation")
@blueprint.arguments(ExplanationArguments, location="query")
@blueprint.response(200, ExplanationOut)
def explain_item(arguments: dict[str, Any], candidature: UUID, item: str) -> Response:
    """Why an item stood as it did at the end of a day (today: now); asked later, the answer is the same."""
    with transaction() as session:
        told = account.item_account(session, actor(), candidature, item, arguments["on"])
        return answer(explanation_view(told))


@blueprint.route("/candidatures/<uuid:candidature>/timeline")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(EventOut))
def read_timeline(arguments: dict[str, Page], candidature: UUID) -> Response:
    """What happened to a candidature, oldest first."""
    page = arguments["page"]
    last = (page.keys(int) or (0,))[0]
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        found = stream(session, f"candidature:{dossier.id}", last, page.limit + 1)
        shown, following = page.of(found, lambda one: [one.number])
        return listing([shape(EventOut)(disclosed(one, actor())) for one in shown], following)


@blueprint.route("/candidatures/<uuid:candidature>/receipts")
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
@blueprint.response(200, schemas.ReceiptCheckOut)
def read_receipt(candidature: UUID, number: int) -> Response:
    """One receipt, checked again against the record: `digest` is the one that was answered then."""
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        entry, intact = queries.act(session, dossier.id, number)
        return answer({**act_view(entry, actor()), "intact": intact})


@blueprint.route("/candidatures/<uuid:candidature>/equivalence")
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
@blueprint.arguments(schemas.SubmissionIn, required=False)
@blueprint.response(200, schemas.ActedOut)
def submit(words: dict[str, bool], candidature: UUID) -> Response:
    """File the candidature. What misses, by guichet, is refused (409, `missing`) unless the body says it is meant."""
    with transaction() as session:
        return _acted(session, operations.submit(session, actor(), candidature, **words))


@blueprint.route("/candidatures/<uuid:candidature>/taking-back", methods=["POST"])
@blueprint.response(200, schemas.ActedOut)
def take_back(candidature: UUID) -> Response:
    """Make a submitted candidature a draft again, as long as nobody has judged its admissibility."""
    with transaction() as session:
        return _acted(session, operations.take_back(session, actor(), candidature))


@blueprint.route("/candidatures/<uuid:candidature>/withdrawal", methods=["POST"])
@blueprint.response(200, schemas.ActedOut)
def withdraw(candidature: UUID) -> Response:
    """Give the candidature up for good."""
    with transaction() as session:
        return _acted(session, operations.withdraw(session, actor(), candidature))


@blueprint.route("/candidatures/<uuid:candidature>/admissibility", methods=["POST"])
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


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/proofs", methods=["POST"])
@repeats_itself
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(item_schemas.SupplyArguments, location="query")
@blueprint.response(201, ReceiptOut)
def supply(arguments: dict[str, Any], candidature: UUID, item: str) -> Response:
    """Supply one or more files for an item: a new version. They stream to the storage as they come.

    `item` is the item's id, its expected proof's code, or `ref:` and the editor's own reference; percent-encoded.
    """
    tested = arguments["performed_on"]
    with transaction() as session:
        asked = supplying.asked(session, actor(), candidature, item)
        kind = asked.expected_proof.kind
        with unless_answered():
            supplying.may_supply(session, actor(), candidature, item)
        if tested is not None:
            dating.check_date(session, asked.candidature, asked.expected_proof, tested)
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, part.filename, part.media_type, part, limit) for part in file_parts()]
    files = all_examined(vault.storage, stored, kind)

    def effect() -> Response:
        with transaction() as session:
            proof = supplying.supply(session, actor(), vault, candidature, item, files, tested)
            session.refresh(proof)
            receipt = receipt_view(session, actor(), proof)
            return answer(receipt, 201, {"Location": f"/api/v1/proofs/{proof.id}"})

    return once([part for one in stored for part in (one.filename, one.sha256)], effect)


@blueprint.route("/proofs/<uuid:proof>/performed-on", methods=["PUT"])
@blueprint.arguments(item_schemas.PerformedOnIn)
@blueprint.response(200, ProofOut)
def date_test(words: dict[str, date], proof: UUID) -> Response:
    """Say on which day the intrusion test of a proof was done: it counts under one year before the filing."""
    with transaction() as session:
        dated = dating.date_test(session, actor(), proof, words["performed_on"])
        session.flush()
        return answer(proof_view(dated, stale(session, [dated.id])))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/not-applicable", methods=["POST"])
@blueprint.arguments(ReasonIn)
@blueprint.response(200, item_schemas.ItemOut)
def claim_not_applicable(words: dict[str, str], candidature: UUID, item: str) -> Response:
    """Say why an item does not apply, for instance because an alternative scenario is shown."""
    with transaction() as session:
        claimed = supplying.claim_not_applicable(session, actor(), candidature, item, words["reason"])
        return answer(item_view(queries.item_view(session, claimed), actor()))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/not-applicable", methods=["DELETE"])
@blueprint.response(200, item_schemas.ItemOut)
def take_claim_back(candidature: UUID, item: str) -> Response:
    """Undo that claim, as long as no verifier has it."""
    with transaction() as session:
        taken = supplying.take_claim_back(session, actor(), candidature, item)
        return answer(item_view(queries.item_view(session, taken), actor()))

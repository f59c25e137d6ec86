"""Items of dossiers over HTTP: how they stand and why, what is supplied for them."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.explanations import account
from referencing.candidatures.explanations.schemas import ExplanationArguments, ExplanationOut
from referencing.candidatures.explanations.views import explanation_view
from referencing.candidatures.filing import dating, supplying
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.verdicts.rounds import verdicts_on
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.proofs.queries import stale
from referencing.proofs.schemas import ProofOut, ReasonIn, ReceiptOut
from referencing.proofs.views import proof_view, receipt_view
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.forms import FORM, file_parts
from referencing.web.idempotency import once, repeats_itself, unless_answered
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, parts, transaction

from . import item_schemas, queries
from .routes import blueprint
from .views import item_view


@blueprint.route("/candidatures/<uuid:candidature>/items")
@needs(Right.READ_CANDIDATURES)
@blueprint.arguments(item_schemas.ItemsArguments, location="query")
@blueprint.response(200, page_of(item_schemas.ItemOut))
def list_items(arguments: dict[str, Any], candidature: UUID) -> Response:
    """The items, in the order of the requirements."""
    page: Page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature)
        narrowed = {"state": arguments["state"], "chapter": arguments["chapter"]}
        items = queries.items(session, dossier.id, cursor, page.limit + 1, **narrowed)
        on_page, following = page.of(items, lambda view: [view.item.position])
        reader = actor()
        return listing([item_view(view, reader) for view in on_page], following)


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>")
@needs(Right.READ_CANDIDATURES)
@blueprint.response(200, item_schemas.ItemOut)
def read_item(candidature: UUID, item: str) -> Response:
    """One item, by its id, its expected proof's code, or `ref:` and the editor's own reference."""
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature)
        view = queries.item_view(session, record_queries.item(session, dossier, item))
        return answer(item_view(view, actor()))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/history")
@needs(Right.READ_CANDIDATURES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(item_schemas.RoundOut))
def read_item_history(arguments: dict[str, Page], candidature: UUID, item: str) -> Response:
    """The verdicts on an item, round by round, those that were taken back included."""
    page = arguments["page"]
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature)
        about = record_queries.item(session, dossier, item)
        verdicts = verdicts_on(session, actor(), about, id_cursor(page), page.limit + 1)
        on_page, following = page.of(verdicts, lambda verdict: [verdict.id])
        return listing([shape(item_schemas.RoundOut)(verdict) for verdict in on_page], following)


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/explanation")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.arguments(ExplanationArguments, location="query")
@blueprint.response(200, ExplanationOut)
def explain_item(arguments: dict[str, Any], candidature: UUID, item: str) -> Response:
    """Why an item stood as it did at the end of a day (today: now); asked later, the answer is the same."""
    with transaction() as session:
        stood = account.item_account(session, actor(), candidature, item, arguments["on"])
        return answer(explanation_view(stood))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/proofs", methods=["POST"])
@needs(Right.SUPPLY_PROOFS)
@tells(LOCATION)
@repeats_itself
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(item_schemas.SupplyArguments, location="query")
@blueprint.response(201, ReceiptOut)
def supply_proof(arguments: dict[str, Any], candidature: UUID, item: str) -> Response:
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
@needs(Right.REVIEW, Right.SUPPLY_PROOFS)
@blueprint.arguments(item_schemas.PerformedOnIn)
@blueprint.response(200, ProofOut)
def date_proof_test(words: dict[str, date], proof: UUID) -> Response:
    """Say on which day the intrusion test of a proof was done: it counts under one year before the filing."""
    with transaction() as session:
        dated = dating.date_test(session, actor(), proof, words["performed_on"])
        session.flush()
        return answer(proof_view(dated, stale(session, [dated.id])))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/not-applicable", methods=["POST"])
@needs(Right.PREPARE_CANDIDATURES)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, item_schemas.ItemOut)
def claim_not_applicable(words: dict[str, str], candidature: UUID, item: str) -> Response:
    """Say why an item does not apply, for instance because an alternative scenario is shown."""
    with transaction() as session:
        claimed = supplying.claim_not_applicable(session, actor(), candidature, item, words["reason"])
        return answer(item_view(queries.item_view(session, claimed), actor()))


@blueprint.route("/candidatures/<uuid:candidature>/items/<proof:item>/not-applicable", methods=["DELETE"])
@needs(Right.PREPARE_CANDIDATURES)
@blueprint.response(200, item_schemas.ItemOut)
def take_claim_back(candidature: UUID, item: str) -> Response:
    """Undo that claim, as long as no verifier has it."""
    with transaction() as session:
        taken = supplying.take_claim_back(session, actor(), candidature, item)
        return answer(item_view(queries.item_view(session, taken), actor()))

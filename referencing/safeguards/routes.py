"""Safety records of rules over HTTP, what leads tolerate, and the safeguards for what is beyond it."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.errors import NotFound
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.equivalence.records.queries import records
from referencing.simulations.publication.routes import published_answer
from referencing.simulations.publication.schemas import ImpactArguments, PublishedOut
from referencing.steering.schemas import as_sheet
from referencing.web.descriptions import needs
from referencing.web.pages import SHEET, Page, id_cursor, listing, next_page, sheet
from referencing.web.requests import actor, answer, transaction

from . import operations, queries, schemas, views

blueprint = Blueprint(
    "safeguards", __name__, url_prefix="/api/v1", description="What is known of the safety of each rule"
)
_record_shape = shape(schemas.RuleRecordOut)
_threshold_shape, _safeguard_shape = shape(schemas.ThresholdOut), shape(schemas.SafeguardOut)


@blueprint.route("/rulebooks/<uuid:rulebook>/records")
@needs(Right.READ_RULE_RECORDS)
@blueprint.arguments(schemas.RecordsArguments, location="query")
@blueprint.response(200, page_of(schemas.RuleRecordOut))
@blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})
def list_rule_records(words: dict[str, Any], rulebook: UUID) -> Response:
    """The safety record of each rule of a rulebook, then of socles; also as CSV, a page at a time.

    A reuse counts for every rule that it leans on. A rule keeps its record from one rulebook to the next as long as it
    says the same.
    """
    page: Page = words["page"]
    cursor = page.keys(int, int, str)
    with transaction() as session:
        narrowing = {"rule": words["rule_name"], "found_false": words["found_false"]}
        told = records(session, actor(), rulebook, cursor, page.limit + 1, **narrowing)
        rows = queries.beside_threshold(session, told)
        on_page, following = page.of(rows, lambda row: row[0].key)
        if not as_sheet(words):
            return listing([_record_shape(record) for _, record in on_page], following)
        response = sheet(f"bilans-{rulebook}", views.records_sheet(record for _, record in on_page))
        if following is not None:
            response.headers["Link"] = next_page(following)
        return response


@blueprint.route("/safety-threshold")
@needs(Right.READ_RULE_RECORDS)
@blueprint.response(200, schemas.ThresholdOut)
def read_safety_threshold() -> Response:
    """The share of false reuses that leads tolerate, who said so, when and why."""
    with transaction() as session:
        tolerated = queries.threshold(session, actor())
        if tolerated is None:
            raise NotFound("Aucun seuil n'a été fixé : sans lui, aucune précaution n'est proposée.")
        return answer(_threshold_shape(tolerated))


@blueprint.route("/safety-threshold", methods=["PUT"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ThresholdIn)
@blueprint.response(200, schemas.ThresholdOut)
def set_safety_threshold(words: dict[str, Any]) -> Response:
    """Set the share of false reuses that no rule's record is to allow, or none, with the reason."""
    with transaction() as session:
        return answer(_threshold_shape(operations.set_threshold(session, actor(), **words)))


@blueprint.route("/safeguards", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.SafeguardIn)
@blueprint.response(201, schemas.SafeguardOut)
def propose_safeguard(words: dict[str, str]) -> Response:
    """Propose that a rule beyond the threshold asks for confirmation: a draft of the rules, and second readings."""
    with transaction() as session:
        stored = operations.propose(session, actor(), words["rule_name"])
        return answer(_safeguard_shape(stored, actor()), 201)


@blueprint.route("/safeguards")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.SafeguardsArguments, location="query")
@blueprint.response(200, page_of(schemas.SafeguardOut))
def list_safeguards(words: dict[str, Any]) -> Response:
    """What was proposed, accepted and refused, the newest first."""
    page: Page = words["page"]
    with transaction() as session:
        cursor = id_cursor(page)
        rows = queries.safeguards(session, actor(), cursor, page.limit + 1, state=words["state"])
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_safeguard_shape(row, actor()) for row in on_page], following)


@blueprint.route("/safeguards/<uuid:safeguard>")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.response(200, schemas.SafeguardOut)
def read_safeguard(safeguard: UUID) -> Response:
    """What is proposed for a rule, and what was decided."""
    with transaction() as session:
        return answer(_safeguard_shape(queries.safeguard(session, actor(), safeguard), actor()))


@blueprint.route("/safeguards/<uuid:safeguard>/acceptance", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(ImpactArguments, location="query")
@blueprint.arguments(schemas.SafeguardAcceptanceIn, required=False)
@blueprint.response(200, PublishedOut)
def accept_safeguard(arguments: dict[str, Any], words: dict[str, Any], safeguard: UUID) -> Response:
    """Put the proposed rules in force with their second readings, or only ask what that would change.

    What items lose is confirmed by its digest, as for any publication.
    """
    page = arguments["page"]
    with transaction() as session:
        if not arguments["dry_run"]:
            return published_answer(operations.accept(session, actor(), safeguard, **words), page)
        foreseen = operations.what_if_accepted(session, actor(), safeguard, id_cursor(page), page.limit + 1)
        return published_answer(foreseen, page)


@blueprint.route("/safeguards/<uuid:safeguard>/refusal", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.SafeguardRefusalIn)
@blueprint.response(200, schemas.SafeguardOut)
def refuse_safeguard(words: dict[str, str], safeguard: UUID) -> Response:
    """Leave the rules as they are, with a reason."""
    with transaction() as session:
        return answer(
            _safeguard_shape(operations.refuse(session, actor(), safeguard, words["reason"]), actor())
        )

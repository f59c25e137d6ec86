"""What drafts of requirement lists would cost, over HTTP: asked for, followed, read chapter by chapter, given up."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.steering.schemas import as_sheet
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.pages import SHEET, Page, PageArguments, id_cursor, listing, next_page, sheet
from referencing.web.requests import actor, answer, transaction

from . import operations, queries, schemas, views
from .states import EstimateState

blueprint = Blueprint(
    "estimates",
    __name__,
    url_prefix="/api/v1/dsrs/<dsr>/estimates",
    description="What a draft of a requirement list would cost",
)
_estimate = shape(schemas.EstimateOut)


@blueprint.route("", methods=["POST"])
@needs(Right.EDIT_CATALOGUE)
@tells(LOCATION)
@blueprint.arguments(schemas.EstimateIn, required=False)
@blueprint.response(202, schemas.EstimateOut)
@blueprint.alt_response(200, schema=schemas.EstimateOut, description="finished, and nothing changed since")
def start_estimate(words: dict[str, str | None], dsr: str) -> Response:
    """Estimate the draft of a DSR, as it is now, on every software that filed there; nothing is changed.

    A first draft is held against another DSR, that is named: what the softwares that filed there would have of it.
    """
    with transaction() as session:
        estimate = operations.start(session, actor(), dsr, words["against_dsr"])
        status = 202 if estimate.state is EstimateState.RUNNING else 200
        address = f"/api/v1/dsrs/{dsr}/estimates/{estimate.id}"
        return answer(_estimate(estimate, actor()), status, {"Location": address})


@blueprint.route("")
@needs(Right.EDIT_CATALOGUE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.EstimateOut))
def list_estimates(arguments: dict[str, Page], dsr: str) -> Response:
    """The estimates of the drafts of a DSR, in the order of asking."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.estimates(session, actor(), dsr, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda estimate: [estimate.id])
        return listing([_estimate(estimate, actor()) for estimate in on_page], following)


@blueprint.route("/<uuid:estimate>")
@needs(Right.EDIT_CATALOGUE)
@blueprint.response(200, schemas.EstimateWhole)
def read_estimate(dsr: str, estimate: UUID) -> Response:
    """How far it is; once finished, what the draft would cost, whole and by chapter."""
    with transaction() as session:
        stored = queries.estimate(session, actor(), dsr, estimate)
        changed, sums = queries.changed_since(session, stored), queries.chapter_sums(session, stored)
        return answer(views.whole_estimate(stored, changed, sums, actor()))


@blueprint.route("/<uuid:estimate>/cancellation", methods=["POST"])
@needs(Right.EDIT_CATALOGUE)
@blueprint.response(200, schemas.EstimateOut)
def cancel_estimate(dsr: str, estimate: UUID) -> Response:
    """Give up an estimate that runs; what it found so far is forgotten."""
    with transaction() as session:
        return answer(_estimate(operations.cancel(session, actor(), dsr, estimate), actor()))


@blueprint.route("/<uuid:estimate>/requirements")
@needs(Right.EDIT_CATALOGUE)
@blueprint.arguments(schemas.EstimatedRequirementsArguments, location="query")
@blueprint.response(200, page_of(schemas.EstimatedRequirementOut))
@blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})
def list_estimated_requirements(words: dict[str, Any], dsr: str, estimate: UUID) -> Response:
    """The requirements that differ, chapter by chapter, each with what it costs; also as CSV, a page at a time.

    A requirement that only moved, or of which only its title, function, comment, perimeter or criticality changed,
    is none of them: nothing hangs on these.
    """
    page: Page = words["page"]
    with transaction() as session:
        stored = queries.estimate(session, actor(), dsr, estimate)
        narrowed = {name: words[name] for name in ("chapter", "change")}
        rows = queries.requirements(session, stored, page.keys(int), page.limit + 1, **narrowed)
        on_page, following = page.of(rows, lambda row: [row.position])
        if not as_sheet(words):
            return listing([views.estimated_requirement(row, stored) for row in on_page], following)
        response = sheet(f"chiffrage-{estimate}", views.requirements_sheet(on_page, stored))
        if following is not None:
            response.headers["Link"] = next_page(following)
        return response

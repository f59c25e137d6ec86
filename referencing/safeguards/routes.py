"""Safety records of rules over HTTP: what became of the reuses that lean on each."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.equivalence.records.queries import records
from referencing.steering.schemas import as_sheet
from referencing.web.pages import SHEET, Page, listing, next_page, sheet
from referencing.web.requests import actor, transaction

from . import schemas, views

blueprint = Blueprint(
    "safeguards", __name__, url_prefix="/api/v1", description="What is known of the safety of each rule"
)
_record_shape = shape(schemas.RuleRecordOut)


@blueprint.route("/rulebooks/<uuid:rulebook>/records")
@blueprint.arguments(schemas.RecordsArguments, location="query")
@blueprint.response(200, page_of(schemas.RuleRecordOut))
@blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})
def list_records(words: dict[str, Any], rulebook: UUID) -> Response:
    """The safety record of each rule of a rulebook, then of socles; also as CSV, a page at a time.

    A reuse counts for every rule that it leans on. A rule keeps its record from one rulebook to the next as long as it
    says the same.
    """
    page: Page = words["page"]
    cursor = page.keys(int, int, str)
    with transaction() as session:
        rows = records(session, actor(), rulebook, cursor, page.limit + 1, found_false=words["found_false"])
        on_page, following = page.of(rows, lambda row: row[0].key)
        if not as_sheet(words):
            return listing([_record_shape(record) for _, record in on_page], following)
        response = sheet(f"bilans-{rulebook}", views.records_sheet(record for _, record in on_page))
        if following is not None:
            response.headers["Link"] = next_page(following)
        return response

"""Who would profit from rules, over HTTP: surveys over every software, and their lines with whom to write to."""

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

blueprint = Blueprint("surveys", __name__, url_prefix="/api/v1", description="Who would profit from rules")

_survey = shape(schemas.SurveyOut)
_line = shape(schemas.SurveyLineOut)
_contact = shape(schemas.ContactOut)


@blueprint.route("/surveys", methods=["POST"])
@needs(Right.REACH_EDITORS)
@tells(LOCATION)
@blueprint.arguments(schemas.SurveyIn, required=False)
@blueprint.response(202, schemas.SurveyOut)
def start_survey(words: dict[str, Any]) -> Response:
    """Look at every software under the rules in force, or a draft: what each would have covered. For leads."""
    with transaction() as session:
        survey = operations.start(session, actor(), words["rulebook"])
        return answer(_survey(survey, actor()), 202, {"Location": f"/api/v1/surveys/{survey.id}"})


@blueprint.route("/surveys")
@needs(Right.REACH_EDITORS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.SurveyOut))
def list_surveys(arguments: dict[str, Page]) -> Response:
    """The surveys, in the order of asking."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.surveys(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda survey: [survey.id])
        return listing([_survey(survey, actor()) for survey in on_page], following)


@blueprint.route("/surveys/<uuid:survey>")
@needs(Right.REACH_EDITORS)
@blueprint.response(200, schemas.SurveyOut)
def read_survey(survey: UUID) -> Response:
    """How far a survey is."""
    with transaction() as session:
        return answer(_survey(queries.survey(session, actor(), survey), actor()))


@blueprint.route("/surveys/<uuid:survey>/cancellation", methods=["POST"])
@needs(Right.REACH_EDITORS)
@blueprint.response(200, schemas.SurveyOut)
def cancel_survey(survey: UUID) -> Response:
    """Give up a survey that runs; what it found so far is forgotten."""
    with transaction() as session:
        return answer(_survey(operations.cancel(session, actor(), survey), actor()))


@blueprint.route("/surveys/<uuid:survey>/lines")
@needs(Right.REACH_EDITORS)
@blueprint.arguments(schemas.SurveyLinesArguments, location="query")
@blueprint.response(200, page_of(schemas.ContactedLineOut))
@blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})
def list_survey_lines(words: dict[str, Any], survey: UUID) -> Response:
    """What each software would have covered, with who answers for its editor; also as CSV, a page at a time.

    Left out is what would have nothing covered nor to confirm, where no candidature is open.
    """
    page: Page = words["page"]
    with transaction() as session:
        among = schemas.among_of(words)
        rows = queries.lines(session, actor(), survey, among, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda line: [line.id])
        contacts = queries.contacts(session, list({line.organisation_id for line in on_page}))
        if as_sheet(words):
            response = sheet(f"beneficiaires-{survey}", views.lines_sheet(on_page, contacts))
            if following is not None:
                response.headers["Link"] = next_page(following)
            return response
        shown = [
            _line(line) | {"contacts": [_contact(one) for _, one in contacts[line.organisation_id]]}
            for line in on_page
        ]
        return listing(shown, following)

"""Past referencings over HTTP: a file is looked at, taken over by jobs, followed, and taken back as a whole."""

from dataclasses import asdict
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.base.schemas import RowProblemSchema, page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.forms import FORM, one_file, one_named_file
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import checking, operations, queries, schemas
from .models import Takeover
from .states import TakeoverState

blueprint = Blueprint(
    "takeover",
    __name__,
    url_prefix="/api/v1/takeovers",
    description="What was referenced before this service",
)

_report = shape(schemas.TakeoverReportOut)
_takeover = shape(schemas.TakeoverOut)
_referencing = shape(schemas.PastReferencingOut)
_problem = shape(RowProblemSchema)
_coverage = shape(schemas.DossierCoverageOut)
_taking_back = shape(schemas.TakingBackOut)


@blueprint.route("/checks", methods=["POST"])
@needs(Right.TAKE_OVER)
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.TakeoverReportOut)
def check_takeover() -> Response:
    """Look at a file of past referencings (CSV or workbook) line by line: what could be taken over, what is wrong.

    Nothing is kept of it. The layout is in `docs/takeover.md`.
    """
    with transaction() as session:
        return answer(_report(checking.check(session, actor(), one_file())))


@blueprint.route("", methods=["POST"])
@needs(Right.TAKE_OVER)
@tells(LOCATION)
@blueprint.doc(requestBody=FORM)
@blueprint.response(202, schemas.TakeoverWhole)
@blueprint.alt_response(
    200, schema=schemas.TakeoverWhole, description="this very file was taken over already"
)
def start_takeover() -> Response:
    """Have a file of past referencings taken over, by jobs; what a check tells of it is left aside."""
    file, filename = one_named_file()
    with transaction() as session:
        takeover, begun = operations.take_over(session, actor(), file, filename)
        address = {"Location": f"/api/v1/takeovers/{takeover.id}"}
        return answer(_whole(session, takeover), 202 if begun else 200, address)


def _whole(session: Session, takeover: Takeover) -> dict[str, object]:
    return {
        **_takeover(takeover, actor()),
        "progress": queries.progress(session, takeover.id),
        "problem_count": queries.problem_count(session, takeover.id),
        "coverage": None
        if takeover.state is TakeoverState.RUNNING
        else asdict(queries.coverage(session, takeover.id)),
    }


@blueprint.route("")
@needs(Right.TAKE_OVER)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.TakeoverOut))
def list_takeovers(arguments: dict[str, Page]) -> Response:
    """What was taken over, the latest first."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.takeovers(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda takeover: [takeover.id])
        return listing([_takeover(takeover, actor()) for takeover in on_page], following)


@blueprint.route("/<uuid:takeover>")
@needs(Right.TAKE_OVER)
@blueprint.response(200, schemas.TakeoverWhole)
def read_takeover(takeover: UUID) -> Response:
    """How far a takeover is."""
    with transaction() as session:
        return answer(_whole(session, queries.takeover(session, actor(), takeover)))


@blueprint.route("/<uuid:takeover>/referencings")
@needs(Right.TAKE_OVER)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.PastReferencingOut))
def list_past_referencings(arguments: dict[str, Page], takeover: UUID) -> Response:
    """The referencings of a takeover in the order of its file, each with the candidature that it became."""
    page = arguments["page"]
    with transaction() as session:
        of_takeover = queries.takeover(session, actor(), takeover)
        rows = queries.referencings(session, of_takeover, page.keys(int), page.limit + 1)
        on_page, following = page.of(rows, lambda referencing: [referencing.number])
        return listing([_referencing(referencing) for referencing in on_page], following)


@blueprint.route("/<uuid:takeover>/problems")
@needs(Right.TAKE_OVER)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(RowProblemSchema))
def list_takeover_problems(arguments: dict[str, Page], takeover: UUID) -> Response:
    """What was wrong with the file, by row; then what could not be taken over when its turn came."""
    page = arguments["page"]
    with transaction() as session:
        of_takeover = queries.takeover(session, actor(), takeover)
        rows = queries.problems(session, of_takeover, page.keys(int), page.limit + 1)
        on_page, following = page.of(rows, lambda problem: [problem.number])
        return listing([_problem(problem) for problem in on_page], following)


@blueprint.route("/<uuid:takeover>/coverage")
@needs(Right.TAKE_OVER)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.DossierCoverageOut))
def list_takeover_coverage(arguments: dict[str, Page], takeover: UUID) -> Response:
    """What each open dossier owed to a takeover when it was finished: which items are covered, or to be confirmed."""
    page = arguments["page"]
    with transaction() as session:
        of_takeover = queries.takeover(session, actor(), takeover)
        rows = queries.coverage_by_dossier(session, actor(), of_takeover, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.candidature_id])
        return listing([_coverage(row) for row in on_page], following)


@blueprint.route("/<uuid:takeover>/taking-back", methods=["POST"])
@needs(Right.TAKE_OVER)
@blueprint.arguments(schemas.TakingBackArguments, location="query")
@blueprint.arguments(schemas.TakingBackIn)
@blueprint.response(202, schemas.TakeoverWhole)
@blueprint.alt_response(200, schema=schemas.TakingBackOut, description="a dry run", success=True)
def take_takeover_back(arguments: dict[str, bool], words: dict[str, str], takeover: UUID) -> Response:
    """Take a takeover back as a whole, by jobs, or only ask what leans on it.

    What it told counts no more, and whatever leaned on it is seen to. Where something leans on it, 409 tells how
    much, and the digest that confirms it.
    """
    with transaction() as session:
        if arguments["dry_run"]:
            return answer(_taking_back(operations.what_if_taken_back(session, actor(), takeover)))
        return answer(_whole(session, operations.take_back(session, actor(), takeover, **words)), 202)

"""The public list over HTTP: no key is asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.pages import MAX_PAGE, SHEET, Page, listing, prefers_sheet, whole_sheet
from referencing.web.requests import lagging

from .queries import Criteria, ListedSolution, history, listed_solutions
from .schemas import HistoryArguments, PeriodOut, ReferencedOut, RegisterArguments, RegisterFormat
from .views import cursor_of, solutions_sheet

blueprint = Blueprint("register", __name__, url_prefix="/api/v1", description="The referenced solutions")

#: Seconds for which a copy may be shown: a suspension is to be seen soon.
_FRESH = 60


@blueprint.route("/register")
@blueprint.doc(security=[])
@blueprint.arguments(RegisterArguments, location="query")
@blueprint.response(200, page_of(ReferencedOut))
@blueprint.doc(
    responses={
        "200": {
            "description": "OK",
            "content": {
                "application/json": {"schema": page_of(ReferencedOut)},
                SHEET: {"schema": {"type": "string"}},
            },
        }
    }
)
def read_register(arguments: dict[str, Any]) -> Response:
    """The referenced solutions by name, those that are suspended said so; also as CSV."""
    page: Page = arguments.pop("page")
    chosen = arguments.pop("format")
    criteria = Criteria(**arguments)
    response = _sheet(criteria) if _wants_sheet(chosen) else _page(criteria, page)
    response.headers["Cache-Control"] = f"public, max-age={_FRESH}"
    response.headers["Vary"] = "Accept"
    return response


@blueprint.route("/register/<uuid:solution>/history")
@blueprint.doc(security=[])
@blueprint.arguments(HistoryArguments, location="query")
@blueprint.response(200, page_of(PeriodOut))
def read_register_history(arguments: dict[str, Any], solution: UUID) -> Response:
    """The days on which a solution was referenced, suspended or delisted, the last first; or how it stood on a day.

    Empty for what was never referenced.
    """
    page: Page = arguments["page"]
    cursor = page.keys(datetime.fromisoformat, UUID)
    with lagging() as session:
        periods = history(session, solution, arguments["on"], cursor, page.limit + 1)
        on_page, following = page.of(periods, lambda period: period.key)
        response = listing([shape(PeriodOut)(period) for period in on_page], following)
    response.headers["Cache-Control"] = f"public, max-age={_FRESH}"
    return response


def _page(criteria: Criteria, page: Page) -> Response:
    with lagging() as session:
        rows = listed_solutions(session, criteria, cursor_of(page), page.limit + 1)
        on_page, following = page.of(rows, lambda solution: solution.key)
        return listing([shape(ReferencedOut)(solution) for solution in on_page], following)


def _sheet(criteria: Criteria) -> Response:
    def written(session: Session, cursor: Sequence[Any] | None) -> tuple[str, Sequence[ListedSolution]]:
        lines = listed_solutions(session, criteria, cursor, MAX_PAGE)
        return solutions_sheet(lines, header=cursor is None), lines

    return whole_sheet("solutions-referencees", written, lambda line: line.key, MAX_PAGE, may_lag=True)


def _wants_sheet(chosen: RegisterFormat | None) -> bool:
    if chosen is not None:
        return chosen is RegisterFormat.CSV
    return prefers_sheet()

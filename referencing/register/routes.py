"""The public list over HTTP: no key is asked for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base import db
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.base.sheets import csv_lines
from referencing.web.pages import MAX_PAGE, SHEET, Page, listing, prefers_sheet, sheet
from referencing.web.requests import parts, transaction

from .queries import Criteria, history, listed_solutions
from .schemas import HistoryArguments, PeriodOut, ReferencedOut, RegisterArguments, RegisterFormat
from .views import COLUMNS, csv_rows, cursor_of

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
def read_history(arguments: dict[str, Any], solution: UUID) -> Response:
    """The days on which a solution was referenced, suspended or delisted, the last first; or how it stood on a day.

    Empty for what was never referenced.
    """
    page: Page = arguments["page"]
    cursor = page.keys(datetime.fromisoformat, UUID)
    with transaction() as session:
        periods = history(session, solution, arguments["on"], cursor, page.limit + 1)
        on_page, following = page.of(periods, lambda period: period.key)
        response = listing([shape(PeriodOut)(period) for period in on_page], following)
    response.headers["Cache-Control"] = f"public, max-age={_FRESH}"
    return response


def _page(criteria: Criteria, page: Page) -> Response:
    with transaction() as session:
        rows = listed_solutions(session, criteria, cursor_of(page), page.limit + 1)
        on_page, following = page.of(rows, lambda solution: solution.key)
        return listing([shape(ReferencedOut)(solution) for solution in on_page], following)


def _sheet(criteria: Criteria) -> Response:
    """The whole list, a page and a short transaction after the other."""
    sessions = parts().sessions

    def written() -> Iterator[str]:
        yield csv_lines([COLUMNS])
        cursor = None
        while True:
            with db.transaction(sessions) as session:
                lines = listed_solutions(session, criteria, cursor, MAX_PAGE)
            yield csv_rows(lines)
            if len(lines) < MAX_PAGE:
                return
            cursor = lines[-1].key

    return sheet("solutions-referencees", written())


def _wants_sheet(chosen: RegisterFormat | None) -> bool:
    if chosen is not None:
        return chosen is RegisterFormat.CSV
    return prefers_sheet()

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
from referencing.web.descriptions import asks_no_key
from referencing.web.pages import MAX_PAGE, SHEET, Page, PageArguments, listing, prefers_sheet, whole_sheet
from referencing.web.requests import answer, lagging, transaction

from .change_queries import BEGINNING, changes
from .change_queries import change as find_change
from .contents import csv_of
from .queries import Criteria, ListedSolution, history, listed_solutions
from .schemas import (
    HistoryArguments,
    PeriodOut,
    ReferencedOut,
    RegisterArguments,
    RegisterChangeOut,
    RegisterFormat,
)

blueprint = Blueprint("register", __name__, url_prefix="/api/v1", description="The referenced solutions")

#: Seconds for which a copy may be shown: a suspension is to be seen soon.
_FRESH = 60


@blueprint.route("/register")
@asks_no_key()
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
@asks_no_key()
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


@blueprint.route("/register/changes")
@asks_no_key()
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(RegisterChangeOut, goes_on=True))
def read_changes(arguments: dict[str, Page]) -> Response:
    """What was referenced, renewed, suspended, reinstated or delisted, in the order in which that became known.

    `next` is always there: ask again from it later. No change ever appears before a cursor that was given.
    """
    page = arguments["page"]
    (after,) = page.keys(UUID) or (BEGINNING,)
    with transaction() as session:
        known = changes(session, after, page.limit)
        following = page.onward(known, lambda change: [change.id], [BEGINNING])
        return listing([shape(RegisterChangeOut)(change) for change in known], following)


@blueprint.route("/register/changes/<uuid:change>")
@asks_no_key()
@blueprint.response(200, RegisterChangeOut)
def read_change(change: UUID) -> Response:
    """One change, as webhooks name it."""
    with transaction() as session:
        return answer(shape(RegisterChangeOut)(find_change(session, change)))


def _page(criteria: Criteria, page: Page) -> Response:
    with lagging() as session:
        rows = listed_solutions(session, criteria, page.keys(str, UUID), page.limit + 1)
        on_page, following = page.of(rows, lambda solution: solution.key)
        return listing([shape(ReferencedOut)(solution) for solution in on_page], following)


def _sheet(criteria: Criteria) -> Response:
    def written(session: Session, cursor: Sequence[Any] | None) -> tuple[str, Sequence[ListedSolution]]:
        lines = listed_solutions(session, criteria, cursor, MAX_PAGE)
        return csv_of(lines, header=cursor is None), lines

    return whole_sheet("solutions-referencees", written, lambda line: line.key, MAX_PAGE, may_lag=True)


def _wants_sheet(chosen: RegisterFormat | None) -> bool:
    if chosen is not None:
        return chosen is RegisterFormat.CSV
    return prefers_sheet()

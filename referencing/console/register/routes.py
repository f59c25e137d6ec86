"""The public list: which solutions are referenced, and on what. No account is needed."""

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.base.db import today
from referencing.base.errors import DomainError, NotFound
from referencing.console.pages import page
from referencing.console.typed import BLANK, load, mistaken, narrowing
from referencing.register.queries import Criteria, choices, history, listed_solutions
from referencing.register.schemas import HistoryArguments, RegisterArguments
from referencing.web.pages import Page
from referencing.web.requests import lagging

blueprint = Blueprint("register", __name__)

#: How many lines are on a page; the history of a solution is all on its page.
MOST, MOST_OF_SOLUTION = 50, 500
FILTERS = ("name", "couloir", "dispositif", "vague")
NEVER_LISTED = "Cette solution n'a jamais été référencée : cherchez-la par son nom dans la liste."


@blueprint.get("/referencees")
def find() -> Response:
    """The referenced solutions by name, narrowed down by what is typed."""
    chosen = {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}
    arguments = load(RegisterArguments(), {**chosen, "limit": MOST, "cursor": request.args.get("cursor")})
    wanted: Page = arguments.pop("page")
    del arguments["format"]
    with lagging() as session:
        rows = listed_solutions(session, Criteria(**arguments), wanted.keys(str, UUID), MOST + 1)
        kept, following = wanted.of(rows, lambda row: row.key)
        couloirs, dispositifs, vagues = [
            sorted(set(column)) for column in zip(*choices(session), strict=True)
        ] or [[], [], []]
        onward = following and f"{url_for('.find')}?{urlencode({**chosen, 'cursor': following})}"
        return page(
            "register/list.html",
            solutions=kept,
            following=onward,
            chosen=chosen,
            filters=(
                ("couloir", "Couloir", couloirs),
                ("dispositif", "Dispositif", dispositifs),
                ("vague", "Vague", vagues),
            ),
            sheet=f"/api/v1/register?{urlencode({**chosen, 'format': 'csv'})}",
        )


@blueprint.get("/referencees/<uuid:solution>")
def show(solution: UUID) -> Response:
    """On what a solution is referenced, since when, in which version; what it was before, and on a given day."""
    try:
        day, typed = load(HistoryArguments(), narrowing("on"))["on"], BLANK
    except DomainError as error:
        day, typed = None, mistaken(request.args.to_dict(), error)
    with lagging() as session:
        periods = history(session, solution, None, None, MOST_OF_SOLUTION)
        if not periods:
            raise NotFound(NEVER_LISTED)
        return page(
            "register/page.html",
            422 if typed.wrong else 200,
            solution=periods[0],
            lines=[period for period in periods if period.is_listed],
            periods=periods,
            day=day,
            on_day=[period for period in periods if day and period.stood_on(day)],
            today=today(session),
            typed=typed,
        )

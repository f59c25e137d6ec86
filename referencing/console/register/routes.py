"""The public list: which solutions are referenced, and on what. No account is needed."""

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import NotFound
from referencing.console.pages import page
from referencing.console.typed import load
from referencing.register.queries import Criteria, choices, listed_solutions
from referencing.register.schemas import RegisterArguments
from referencing.register.views import cursor_of
from referencing.web.pages import Page
from referencing.web.requests import transaction

blueprint = Blueprint("register", __name__)

#: How many lines are on a page; the lines of a solution are all on its page.
MOST, MOST_OF_SOLUTION = 50, 500
FILTERS = ("name", "couloir", "dispositif", "vague")
NOT_LISTED = (
    "Cette solution n'est référencée sur aucun DSR aujourd'hui : cherchez-la par son nom dans la liste."
)


@blueprint.get("/referencees")
def find() -> Response:
    """The referenced solutions by name, narrowed down by what is typed."""
    chosen = {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}
    arguments = load(RegisterArguments(), {**chosen, "limit": MOST, "cursor": request.args.get("cursor")})
    wanted: Page = arguments.pop("page")
    del arguments["format"]
    with transaction() as session:
        rows = listed_solutions(session, Criteria(**arguments), cursor_of(wanted), MOST + 1)
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
    """On what a solution is referenced, since when, in which version."""
    with transaction() as session:
        rows = listed_solutions(session, Criteria(solution=solution), None, MOST_OF_SOLUTION)
        if not rows:
            raise NotFound(NOT_LISTED)
        return page("register/page.html", solution=rows[0], lines=rows)

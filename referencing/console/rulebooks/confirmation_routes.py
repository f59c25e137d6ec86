"""What verifiers decided of the same reuse for several softwares, with its record: what a rule may be made of."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.console.pages import page
from referencing.console.typed import listed, load, narrowing
from referencing.equivalence.confirmations import queries, schemas
from referencing.web.pages import Page, id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("confirmations", __name__)

MOST = 50
FILTERS = ("from", "to", "least", "refused")


@blueprint.get("/regles/confirmations")
def find() -> Response:
    """The reuses on which somebody has decided; with a code, each decision on those for this expected proof."""
    if code := request.args.get("code"):
        return _record(code)
    chosen = narrowing(*FILTERS)
    said = {**chosen, "limit": MOST, "cursor": request.args.get("cursor")}
    arguments = load(schemas.DecidedReusesArguments(), said)
    wanted: Page = arguments.pop("page")
    with transaction() as session:
        cursor = wanted.keys(str, str, str, str)
        rows = queries.decided_reuses(session, actor(), queries.Narrowing(**arguments), cursor, MOST + 1)
        kept, following = wanted.of(rows, lambda row: row.key)
    return page(
        "rulebooks/confirmations.html",
        reuses=kept,
        chosen=chosen,
        following=following and url_for(".find", **{**chosen, "cursor": following}),
    )


def _record(code: str) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.decisions(session, actor(), code, id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
    return page(
        "rulebooks/decisions.html",
        code=code,
        decisions=kept,
        following=following and url_for(".find", code=code, cursor=following),
    )

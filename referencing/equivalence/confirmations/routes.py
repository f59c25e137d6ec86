"""Over HTTP, what verifiers decided of the same reuse for several softwares."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, transaction

from . import queries, schemas

blueprint = Blueprint(
    "confirmations", __name__, url_prefix="/api/v1", description="Reuses that were decided on"
)

_reuse_shape, _decision_shape = shape(schemas.DecidedReuseOut), shape(schemas.ReuseDecisionOut)
_notice_shape = shape(schemas.ReuseNoticeOut)


@blueprint.route("/decided-reuses")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.DecidedReusesArguments, location="query")
@blueprint.response(200, page_of(schemas.DecidedReuseOut))
def list_decided_reuses(arguments: dict[str, Any]) -> Response:
    """The reuses that verifiers confirmed or refused, the same one counted over softwares, by expected proof."""
    page: Page = arguments.pop("page")
    cursor, narrowing = page.keys(str, str, str, str), queries.Narrowing(**arguments)
    with transaction() as session:
        rows = queries.decided_reuses(session, actor(), narrowing, cursor, page.limit + 1)
        on_page, following = page.of(rows, lambda row: row.key)
        return listing([_reuse_shape(row) for row in on_page], following)


@blueprint.route("/decided-reuses/decisions")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ReuseDecisionsArguments, location="query")
@blueprint.response(200, page_of(schemas.ReuseDecisionOut))
def list_reuse_decisions(arguments: dict[str, Any]) -> Response:
    """What was decided of reuses for one expected proof: in which candidature, by whom, when and why."""
    page: Page = arguments["page"]
    with transaction() as session:
        rows = queries.decisions(session, actor(), arguments["code"], id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_decision_shape(row) for row in on_page], following)


@blueprint.route("/reuse-notices")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ReuseNoticeOut))
def list_reuse_notices(arguments: dict[str, Page]) -> Response:
    """What leads were told: reuses confirmed of several softwares and refused of none, and those refused; newest first.

    Each is told once, twenty minutes after the decision, when it can no longer be taken back.
    """
    page = arguments["page"]
    with transaction() as session:
        rows = queries.notices(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_notice_shape(row) for row in on_page], following)

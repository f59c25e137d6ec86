"""One's own browser sessions over HTTP."""

from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, transaction

from . import operations, queries, schemas

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1", description="Sessions of browsers")

_session = shape(schemas.BrowserSessionOut)


@blueprint.route("/me/sessions")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.BrowserSessionOut))
def list_own_sessions(arguments: dict[str, Page]) -> Response:
    """The browsers in which one is signed in."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.sessions_of(session, actor().account_id, id_cursor(page), page.limit + 1)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([_session(row) for row in shown], following)


@blueprint.route("/me/sessions", methods=["DELETE"])
@blueprint.response(204)
def end_sessions() -> Response:
    """Sign all of one's browsers out, at once."""
    with transaction() as session:
        operations.end_own_sessions(session, actor())
        return Response(status=204)


@blueprint.route("/me/sessions/<uuid:browser>", methods=["DELETE"])
@blueprint.response(204)
def end_own_session(browser: UUID) -> Response:
    """Sign one of these browsers out, at once."""
    with transaction() as session:
        operations.end_session(session, actor(), browser)
        return Response(status=204)

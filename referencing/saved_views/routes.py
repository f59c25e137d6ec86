"""Saved views over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.pages import Page, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import operations, queries, schemas
from .models import SavedView

blueprint = Blueprint(
    "saved_views", __name__, url_prefix="/api/v1", description="Lists as somebody likes to read them"
)

_shape = shape(schemas.SavedViewOut)


def _answer_view(view: SavedView, status: int = 200) -> Response:
    return answer(_shape(view, actor()), status, etag(view.revision))


@blueprint.route("/saved-views")
@needs(Right.KEEP_VIEWS)
@blueprint.arguments(schemas.SavedViewsArguments, location="query")
@blueprint.response(200, page_of(schemas.SavedViewOut))
def list_saved_views(arguments: dict[str, Any]) -> Response:
    """One's own views of a list, and for the agency those that a lead shares, in the order in which they were kept."""
    page: Page = arguments["page"]
    with transaction() as session:
        views = queries.saved_views(session, actor(), id_cursor(page), page.limit + 1, arguments["list_of"])
        on_page, following = page.of(views, lambda view: [view.id])
        return listing([_shape(view, actor()) for view in on_page], following)


@blueprint.route("/saved-views", methods=["POST"])
@needs(Right.KEEP_VIEWS)
@tells(ETAG)
@blueprint.arguments(schemas.SavedViewIn)
@blueprint.response(201, schemas.SavedViewOut)
def keep_saved_view(words: dict[str, Any]) -> Response:
    """Keep what narrows a list down under a name; fifty of each list at the most. A lead may share it."""
    with transaction() as session:
        return _answer_view(operations.keep(session, actor(), words), 201)


@blueprint.route("/saved-views/<uuid:view>")
@needs(Right.KEEP_VIEWS)
@tells(ETAG)
@blueprint.response(200, schemas.SavedViewOut)
def read_saved_view(view: UUID) -> Response:
    """One view, with its ETag."""
    with transaction() as session:
        return _answer_view(queries.saved_view(session, actor(), view))


@blueprint.route("/saved-views/<uuid:view>", methods=["PUT"])
@needs(Right.KEEP_VIEWS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.SavedViewIn)
@blueprint.response(200, schemas.SavedViewOut)
def change_saved_view(words: dict[str, Any], view: UUID) -> Response:
    """Write one's view anew (If-Match: its revision). One that opens the list takes that from the one that did."""
    with transaction() as session:
        return _answer_view(operations.change(session, actor(), view, expected_version(), words))


@blueprint.route("/saved-views/<uuid:view>", methods=["DELETE"])
@needs(Right.KEEP_VIEWS)
@reads(IF_MATCH)
@blueprint.response(204)
def remove_saved_view(view: UUID) -> Response:
    """Remove one's view, or for a lead one that is shared (If-Match: its revision)."""
    with transaction() as session:
        operations.remove(session, actor(), view, expected_version())
        return Response(status=204)

"""Heads of the record over HTTP: anybody may note them, and see that a later one only added to an earlier one."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import asks_no_key
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import transaction

from .proving import consistency
from .queries import newest
from .schemas import ConsistencyArguments, ConsistencyOut, HeadOut

blueprint = Blueprint("heads", __name__, url_prefix="/api/v1", description="The signed heads of the record")

_head = shape(HeadOut)


@blueprint.route("/journal/heads")
@asks_no_key()
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(HeadOut))
def read_journal_heads(arguments: dict[str, Page]) -> Response:
    """The signed heads of the record, newest first.

    Who keeps one can tell at any later day whether anything that was recorded before it was changed since.
    """
    page = arguments["page"]
    with transaction() as session:
        heads = newest(session, id_cursor(page), page.limit + 1)
        on_page, following = page.of(heads, lambda head: [head.id])
        return listing([_head(head) for head in on_page], following)


@blueprint.route("/journal/consistency")
@asks_no_key()
@blueprint.arguments(ConsistencyArguments, location="query")
@blueprint.response(200, ConsistencyOut)
def read_journal_consistency(arguments: dict[str, Any]) -> dict[str, Any]:
    """The proof that the record under one head is the beginning of the record under a later one."""
    with transaction() as session:
        path = consistency(session, arguments["first"], arguments["second"])
    return {**arguments, "path": [step.hex() for step in path]}

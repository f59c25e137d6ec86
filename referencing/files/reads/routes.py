"""The read log over HTTP."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.web.descriptions import needs
from referencing.web.pages import id_cursor, listing
from referencing.web.requests import actor, transaction

from . import queries, schemas
from .views import read_view

blueprint = Blueprint("reads", __name__, url_prefix="/api/v1", description="Who read which file")


@blueprint.route("/reads")
@needs(Right.FOLLOW_READS)
@blueprint.arguments(schemas.ReadsArguments, location="query")
@blueprint.response(200, page_of(schemas.ReadOut))
def list_reads(arguments: dict[str, Any]) -> Response:
    """Who read files and exports, the latest first: for auditors, and for an organisation what is its own.

    Who reads a file again within an hour is told once. Reads are kept for a year.
    """
    page = arguments["page"]
    with transaction() as session:
        rows = queries.reads(session, actor(), id_cursor(page), page.limit + 1, file=arguments["file"])
        listed, following = page.of(rows, lambda read: [read.id])
        return listing([read_view(read, actor()) for read in listed], following)

"""One's letters over HTTP: what was to be told by e-mail, and whether it was."""

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, transaction

from . import queries, schemas

blueprint = Blueprint("mail", __name__, url_prefix="/api/v1", description="What people are told by e-mail")


@blueprint.route("/me/letters")
@needs(Right.RECEIVE_MAIL)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.LetterOut))
def list_own_letters(arguments: dict[str, Page]) -> Response:
    """What one was written, latest first, and what became of it: it is readable here where no e-mail is sent."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.letters(session, actor(), id_cursor(page), page.limit + 1)
        listed, following = page.of(rows, lambda one: [one.id])
        return listing([*map(shape(schemas.LetterOut), listed)], following)

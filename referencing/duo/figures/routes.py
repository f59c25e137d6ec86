"""What live verification brings, for leads, as JSON or as a sheet."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.steering.schemas import as_sheet
from referencing.web.descriptions import needs
from referencing.web.pages import SHEET, sheet
from referencing.web.requests import actor, answer, transaction

from . import queries, schemas, views

blueprint = Blueprint("duo_figures", __name__, url_prefix="/api/v1/duo", description="What sessions bring")


@blueprint.route("/figures")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.DuoFiguresArguments, location="query")
@blueprint.response(200, schemas.DuoFiguresOut)
@blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})
def read_duo_figures(words: dict[str, Any]) -> Response:
    """What was decided live and how fast, beside the queues, by couloir and month; also as CSV."""
    with transaction() as session:
        over = queries.period(session, actor(), words["since"], words["until"])
        figures = queries.figures(session, actor(), over, words["couloir"])
    if as_sheet(words):
        return sheet("duo", views.figures_sheet(figures))
    return answer(views.figures_view(over, figures))

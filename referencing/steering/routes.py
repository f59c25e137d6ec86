"""What leads see of the queues, as JSON or as a sheet."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.pages import SHEET, listing, sheet
from referencing.web.requests import actor, answer, lagging

from . import queries, schemas, views
from .unhandled import unhandled

blueprint = Blueprint("figures", __name__, url_prefix="/api/v1/steering", description="How the queues stand")

_also_a_sheet = blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})


@blueprint.route("/queues")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.QueuesArguments, location="query")
@blueprint.response(200, schemas.QueuesOut)
@_also_a_sheet
def list_queue_figures(words: dict[str, Any]) -> Response:
    """How each queue, chapter or couloir stands, and what went through it; also as CSV."""
    with lagging() as session:
        by, over = words["by"], queries.period(session, actor(), words["starts_on"], words["ends_on"])
        figures = queries.figures(session, actor(), by, over)
        if schemas.as_sheet(words):
            return sheet("files", views.queues_sheet(by, over, figures))
        return answer(views.queues_view(by, over, figures))


@blueprint.route("/verifiers")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.PeriodArguments, location="query")
@blueprint.response(200, schemas.LoadsOut)
@_also_a_sheet
def list_verifier_figures(words: dict[str, Any]) -> Response:
    """What each verifier has in hand and answered; also as CSV."""
    with lagging() as session:
        over = queries.period(session, actor(), words["starts_on"], words["ends_on"])
        loads = queries.loads(session, actor(), over)
        if schemas.as_sheet(words):
            return sheet("verificateurs", views.loads_sheet(over, loads))
        return answer(views.loads_view(over, loads))


@blueprint.route("/unhandled")
@needs(Right.STEER_QUEUES)
@blueprint.response(200, page_of(schemas.UnhandledOut))
def list_unhandled_tasks() -> Response:
    """The free tasks that no verifier can take today, by chapter and guichet, and why; those due first come first."""
    with lagging() as session:
        show = shape(schemas.UnhandledOut)
        return listing([show(tasks) for tasks in unhandled(session, actor())], None)

"""The forecast over HTTP: the answer that is kept, or how far the one is that is being made."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.steering.schemas import as_sheet
from referencing.steering.simulation import Scenario
from referencing.web.descriptions import LOCATION, RETRY_AFTER, needs, tells
from referencing.web.pages import SHEET, sheet
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, queries, schemas, views
from .models import KeptForecast

blueprint = Blueprint(
    "forecasts",
    __name__,
    url_prefix="/api/v1/steering/forecast",
    description="When what is under way will be done",
)
_progress_shape = shape(schemas.ForecastProgressOut)
_also_a_sheet = blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})

#: Seconds after which to ask again for what is being made.
ASK_AGAIN_AFTER = 2


@blueprint.route("")
@needs(Right.STEER_QUEUES)
@tells(LOCATION, RETRY_AFTER)
@blueprint.arguments(schemas.ForecastArguments, location="query")
@blueprint.response(200, schemas.ForecastOut)
@blueprint.alt_response(202, schema=schemas.ForecastProgressOut, description="being made; ask again")
@_also_a_sheet
def read_forecast(words: dict[str, Any]) -> Response:
    """When each dossier is expected to be done, and what more verifiers or another order would change.

    The answer is kept, and made anew in the background once it is older than a setting; it says its age.
    """
    question = queries.Question(Scenario(words["verifiers"], words["order"]), words["seed"], words["runs"])
    fresh_for = timedelta(minutes=parts().settings.forecast_fresh)
    with transaction() as session:
        answered = operations.ask(session, actor(), question, fresh_for=fresh_for)
        if answered.kept is None:
            return _being_made(answered.running)
        if as_sheet(words):
            return sheet("prevision", views.forecast_sheet(answered.answer))
        return answer(views.kept_view(answered, actor()))


def _being_made(running: KeptForecast | None) -> Response:
    progress = _progress_shape(running, actor())
    headers = {"Location": progress["links"]["self"], "Retry-After": str(ASK_AGAIN_AFTER)}
    return answer(progress, 202, headers)


@blueprint.route("/<uuid:forecast>")
@needs(Right.STEER_QUEUES)
@blueprint.response(200, schemas.ForecastProgressOut)
def read_forecast_progress(forecast: UUID) -> Response:
    """How far a forecast is; `links.answer` is where its answer is once it is finished."""
    with transaction() as session:
        return answer(_progress_shape(queries.forecast_of(session, actor(), forecast), actor()))


@blueprint.route("/<uuid:forecast>/cancellation", methods=["POST"])
@needs(Right.STEER_QUEUES)
@blueprint.response(200, schemas.ForecastProgressOut)
def cancel_forecast(forecast: UUID) -> Response:
    """Give up a forecast that is being made."""
    with transaction() as session:
        return answer(_progress_shape(operations.cancel(session, actor(), forecast), actor()))

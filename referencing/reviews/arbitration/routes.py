"""Second readings over HTTP: how many, what each found, and how far readers agree."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.reviews.api import schemas
from referencing.reviews.queues import schemas as queues_schemas
from referencing.reviews.queues.views import tasks_for
from referencing.reviews.second_readings import rates
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import arbitration
from . import schemas as shapes

blueprint = Blueprint("second_reading", __name__, url_prefix="/api/v1", description="Reading a second time")

_rate_shape = shape(shapes.RateOut)


@blueprint.route("/second-reading-rates")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(shapes.RateOut))
def list_second_reading_rates(arguments: dict[str, Page]) -> Response:
    """How many findings are read a second time; the most specific rate counts, none is 0."""
    page = arguments["page"]
    with transaction() as session:
        rows = rates.rates(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda rate: [rate.id])
        return listing([_rate_shape(rate) for rate in on_page], following)


@blueprint.route("/second-reading-rates", methods=["PUT"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(shapes.RateIn)
@blueprint.response(200, shapes.RateOut)
def set_second_reading_rate(words: dict[str, Any]) -> Response:
    """Set the rate of a chapter, of a verifier, of both together, or of all when neither is named."""
    with transaction() as session:
        return answer(_rate_shape(rates.set_rate(session, actor(), **words)))


@blueprint.route("/second-reading-rates/<uuid:rate>", methods=["DELETE"])
@needs(Right.STEER_QUEUES)
@blueprint.response(204)
def remove_second_reading_rate(rate: UUID) -> Response:
    """Remove a rate: a less specific one counts from now on, or none."""
    with transaction() as session:
        rates.remove_rate(session, actor(), rate)
        return Response(status=204)


@blueprint.route("/second-readings")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(shapes.SecondReadingsArguments, location="query")
@blueprint.response(200, page_of(shapes.SecondReadingOut))
def list_second_readings(arguments: dict[str, Any]) -> Response:
    """The versions that wait for another reader, or for a lead."""
    page: Page = arguments["page"]
    with transaction() as session:
        rows = arbitration.open_readings(
            session, actor(), id_cursor(page), page.limit + 1, of_lead=arguments["reader"] is not None
        )
        on_page, following = page.of(rows, lambda reading: [reading.task_id])
        return listing([shape(shapes.SecondReadingOut)(reading, actor()) for reading in on_page], following)


@blueprint.route("/second-readings/agreement")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(shapes.AgreementArguments, location="query")
@blueprint.response(200, page_of(shapes.AgreementOut))
def list_second_reading_agreement(arguments: dict[str, Any]) -> Response:
    """How far first and second readers agree, for each requirement."""
    page: Page = arguments["page"]
    words = {"chapter": arguments["chapter"], "dsr": arguments["dsr"]}
    with transaction() as session:
        rows = arbitration.agreement(session, actor(), _requirement_cursor(page), page.limit + 1, **words)
        on_page, following = page.of(rows, lambda figures: [figures.dsr, figures.requirement])
        return listing([shape(shapes.AgreementOut)(figures) for figures in on_page], following)


@blueprint.route("/second-readings/<uuid:task>")
@needs(Right.STEER_QUEUES)
@blueprint.response(200, shapes.SecondReadingWhole)
def read_second_reading(task: UUID) -> Response:
    """A second reading, and what each reader found so far."""
    with transaction() as session:
        second_reading, readings = arbitration.compared(session, actor(), task)
        shown_readings = [shape(shapes.ReadingOut)(reading) for reading in readings]
        return answer({**shape(shapes.SecondReadingOut)(second_reading, actor()), "readings": shown_readings})


@blueprint.route("/second-readings/<uuid:task>/verdict", methods=["POST"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.VerdictIn)
@blueprint.response(200, queues_schemas.TaskOut)
def arbitrate(words: dict[str, Any], task: UUID) -> Response:
    """Say what stands where two readers disagree."""
    with transaction() as session:
        view = arbitration.arbitrate(session, actor(), task, **words)
        (line,) = tasks_for(session, actor(), [view])
        return answer(line)


def _requirement_cursor(page: Page) -> tuple[Any, ...] | None:
    return page.keys(str, str)

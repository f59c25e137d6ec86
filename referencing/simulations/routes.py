"""Rulebooks tried on the dossiers, over HTTP: asked for, followed while they run, read, given up."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.steering.schemas import FormatArguments, as_sheet
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.pages import SHEET, Page, PageArguments, id_cursor, listing, next_page, sheet
from referencing.web.requests import actor, answer, transaction

from . import operations, queries, schemas, views
from .figures import Dossiers

blueprint = Blueprint(
    "simulations",
    __name__,
    url_prefix="/api/v1/rulebooks/<uuid:rulebook>/simulations",
    description="What a rulebook would change",
)
_simulation_shape = shape(schemas.SimulationOut)
_change_shape = shape(schemas.SimulatedChangeOut)
_also_a_sheet = blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})


@blueprint.route("", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@tells(LOCATION)
@blueprint.arguments(schemas.SimulationIn, required=False)
@blueprint.response(202, schemas.SimulationOut)
@blueprint.alt_response(200, schema=schemas.SimulationOut, description="finished, and nothing changed since")
def start_simulation(words: dict[str, Any], rulebook: UUID) -> Response:
    """Try a rulebook, as it is now, on the open candidatures and on those decided within a year; nothing is changed."""
    with transaction() as session:
        simulation = operations.start(session, actor(), rulebook, **words)
        status = 202 if simulation.state is SimulationState.RUNNING else 200
        return answer(_simulation_shape(simulation, actor()), status, {"Location": _address(simulation)})


def _address(simulation: Simulation) -> str:
    return f"/api/v1/rulebooks/{simulation.rulebook_id}/simulations/{simulation.id}"


@blueprint.route("")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.SimulationOut))
def list_simulations(arguments: dict[str, Page], rulebook: UUID) -> Response:
    """The simulations of a rulebook, in the order of asking."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.simulations(session, actor(), rulebook, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda simulation: [simulation.id])
        return listing([_simulation_shape(simulation, actor()) for simulation in on_page], following)


@blueprint.route("/<uuid:simulation>")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(FormatArguments, location="query")
@blueprint.response(200, schemas.SimulationWhole)
@_also_a_sheet
def read_simulation(words: dict[str, Any], rulebook: UUID, simulation: UUID) -> Response:
    """How far it is; once finished, what would change by dispositif and chapter, also as CSV."""
    with transaction() as session:
        row = queries.simulation(session, actor(), rulebook, simulation)
        if as_sheet(words):
            return sheet(f"simulation-{row.id}", views.simulation_sheet(queries.require_finished(row)))
        batches = queries.named_batches(session, row)
        return answer(views.whole_simulation(row, queries.changed_since(session, row), batches, actor()))


@blueprint.route("/<uuid:simulation>/cancellation", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.response(200, schemas.SimulationOut)
def cancel_simulation(rulebook: UUID, simulation: UUID) -> Response:
    """Give up a simulation that runs; what it found so far is forgotten."""
    with transaction() as session:
        return answer(_simulation_shape(operations.cancel(session, actor(), rulebook, simulation), actor()))


@blueprint.route("/<uuid:simulation>/changes")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ChangesArguments, location="query")
@blueprint.response(200, page_of(schemas.SimulatedChangeOut))
@_also_a_sheet
def list_simulated_changes(words: dict[str, Any], rulebook: UUID, simulation: UUID) -> Response:
    """The items that would stand otherwise, with why before and after; also as CSV, a page at a time."""
    page: Page = words["page"]
    cursor = page.keys(int, int)
    with transaction() as session:
        of_simulation = queries.simulation(session, actor(), rulebook, simulation)
        rows = queries.changes(session, actor(), of_simulation, _selection(words), cursor, page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.change.dossier, row.change.position])
        if not as_sheet(words):
            return listing([_change_shape(change) for change in on_page], following)
        response = sheet(f"changements-{simulation}", views.changes_sheet(on_page))
        if following is not None:
            response.headers["Link"] = next_page(following)
        return response


@blueprint.route("/<uuid:simulation>/sample")
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.SampleArguments, location="query")
@blueprint.response(200, schemas.SampleOut)
@_also_a_sheet
def read_simulation_sample(words: dict[str, Any], rulebook: UUID, simulation: UUID) -> Response:
    """Some of these items to be read, drawn from every kind of change; the same for the same seed."""
    seed, size = words["seed"], words["size"]
    with transaction() as session:
        of_simulation = queries.simulation(session, actor(), rulebook, simulation)
        sample = queries.sample(session, actor(), of_simulation, _selection(words), seed=seed, size=size)
        if as_sheet(words):
            return sheet(f"echantillon-{simulation}", views.changes_sheet(sample))
        return answer({"seed": seed, "items": [_change_shape(change) for change in sample]})


def _selection(words: dict[str, Any]) -> queries.Selection:
    dossiers = words["dossiers"]
    return queries.Selection(
        decided=None if dossiers is None else dossiers is Dossiers.DECIDED,
        **{name: words[name] for name in ("dispositif", "chapter", "before", "after")},
    )

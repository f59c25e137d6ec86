"""A draft tried on the dossiers: asked for, followed while it runs, its figures and the changes behind them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, narrowing, refused, words
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import SimulationState
from referencing.equivalence.rulebooks.queries import visible_rulebook
from referencing.simulations import operations, queries, schemas, views
from referencing.simulations.figures import Dossiers
from referencing.web.pages import Page, id_cursor, sheet
from referencing.web.requests import actor, transaction

from .routes import heading

blueprint = Blueprint("simulations", __name__)

MOST = 50
FILTERS = ("dossiers", "dispositif", "chapter", "before", "after")


@blueprint.get("/regles/<uuid:rulebook>/simulations")
def find(rulebook: UUID) -> Response:
    """The simulations of a rulebook, and the form for another."""
    return _list(rulebook, BLANK)


@blueprint.post("/regles/<uuid:rulebook>/simulations")
def start(rulebook: UUID) -> Response:
    """Try the rulebook as it is now."""
    try:
        said = load(schemas.SimulationIn(), words("applies_on"))
        with transaction() as session:
            asked = operations.start(session, actor(), rulebook, **said)
            return redirect(url_for(".show", rulebook=rulebook, simulation=asked.id), 303)
    except DomainError as error:
        return _list(rulebook, refused(error), error.status)


def _list(rulebook: UUID, typed: Typed, status: int = 200) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.simulations(session, actor(), rulebook, id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        return page(
            "rulebooks/simulations.html",
            status,
            **heading(visible_rulebook(session, actor(), rulebook)),
            simulations=kept,
            following=following and url_for(".find", rulebook=rulebook, cursor=following),
            typed=typed,
        )


@blueprint.get("/regles/<uuid:rulebook>/simulations/<uuid:simulation>")
def show(rulebook: UUID, simulation: UUID) -> Response:
    """How far it is; once finished, what would change, and for which items."""
    return _page(rulebook, simulation, BLANK)


@blueprint.post("/regles/<uuid:rulebook>/simulations/<uuid:simulation>/abandon")
def cancel(rulebook: UUID, simulation: UUID) -> Response:
    """Give it up."""
    try:
        with transaction() as session:
            operations.cancel(session, actor(), rulebook, simulation)
    except DomainError as error:
        return _page(rulebook, simulation, refused(error), error.status)
    return redirect(url_for(".show", rulebook=rulebook, simulation=simulation), 303)


@blueprint.get("/regles/<uuid:rulebook>/simulations/<uuid:simulation>.csv")
def download(rulebook: UUID, simulation: UUID) -> Response:
    """The figures as a sheet."""
    with transaction() as session:
        row = queries.require_finished(queries.simulation(session, actor(), rulebook, simulation))
        return sheet(f"simulation-{row.id}", views.simulation_sheet(row))


def _page(rulebook: UUID, simulation: UUID, typed: Typed, status: int = 200) -> Response:
    chosen = narrowing(*FILTERS)
    said = load(schemas.ChangesArguments(), {**chosen, "limit": MOST, "cursor": request.args.get("cursor")})
    wanted: Page = said["page"]
    with transaction() as session:
        row = queries.simulation(session, actor(), rulebook, simulation)
        changes: Any = []
        if row.state is SimulationState.FINISHED:
            selection = queries.Selection(
                decided=said["dossiers"] and said["dossiers"] is Dossiers.DECIDED,
                **{name: said[name] for name in FILTERS[1:]},
            )
            changes = queries.changes(session, actor(), row, selection, wanted.keys(int, int), MOST + 1)
        kept, following = wanted.of(changes, lambda named: [named.change.dossier, named.change.position])
        return page(
            "rulebooks/simulation.html",
            status,
            **heading(visible_rulebook(session, actor(), rulebook)),
            simulation=views.whole_simulation(
                row, queries.changed_since(session, row), queries.named_batches(session, row), actor()
            ),
            changes=kept,
            chosen=chosen,
            following=following
            and url_for(
                ".show", **{**chosen, "rulebook": rulebook, "simulation": simulation, "cursor": following}
            ),
            statuses=list(Status),
            typed=typed,
        )

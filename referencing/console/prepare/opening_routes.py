"""Opening a candidature: for a commercial name of a software of one's own, on a DSR that is published."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, authorise
from referencing.candidatures.api.schemas import CandidatureIn
from referencing.candidatures.filing.operations import draft
from referencing.catalogue.queries import dsrs, published
from referencing.components.declaring import declare_component
from referencing.components.schemas import ComponentRolesIn
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, component_line, lines, load, refused, words
from referencing.solutions import operations as solutions
from referencing.solutions import ownership
from referencing.solutions.queries import softwares
from referencing.solutions.schemas import NilIn, SoftwareIn, SolutionIn
from referencing.web.requests import actor, transaction

blueprint = Blueprint("opening", __name__)

MOST = 500


@blueprint.get("/dossiers/nouveau")
def show() -> Response:
    """What a candidature needs."""
    return _page(BLANK)


@blueprint.post("/dossiers/nouveau")
def open_candidature() -> Response:
    """Draft it, with its items resolved against what is known of the software."""
    try:
        asked = load(CandidatureIn(), _candidature())
        if "composition" in asked:
            asked["composition"] = [(one["role"], one["component"]) for one in asked["composition"]]
        with transaction() as session:
            opened = draft(session, actor(), **asked)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.prepare.show", candidature=opened.id), 303)


@blueprint.post("/logiciels")
def register_software() -> Response:
    """Register a software with its NIL, and the first name under which it is sold."""
    try:
        said = load(SoftwareIn(), words("name", "nil"))
        with transaction() as session:
            software = solutions.register_software(session, actor(), **said)
            name = load(SolutionIn(), {**words("commercial_name"), "software": str(software.id)})
            solutions.register_solution(session, actor(), **name)
            if roles := request.form.get("roles", "").replace(",", " ").split():
                declare_component(
                    session, actor(), software.id, load(ComponentRolesIn(), {"roles": roles})["roles"]
                )
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.opening.show"), 303)


@blueprint.post("/logiciels/<uuid:software>/nil")
def correct_nil(software: UUID) -> Response:
    """Correct a NIL that the agency refused or has not confirmed."""
    try:
        said = load(NilIn(), words("nil"))
        with transaction() as session:
            ownership.correct_nil(session, actor(), software, said["nil"])
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.opening.show"), 303)


@blueprint.post("/solutions")
def register_solution() -> Response:
    """Put another commercial name on a software."""
    try:
        with transaction() as session:
            said = load(SolutionIn(), words("software", "commercial_name"))
            solutions.register_solution(session, actor(), **said)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.opening.show"), 303)


def _candidature() -> dict[str, Any]:
    return {
        **words("dsr", "solution", "software_version", "mode"),
        "composition": [component_line(line) for line in lines("composition")],
        "profiles": lines("profiles"),
    }


def _page(typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        authorise(actor(), Right.PREPARE_CANDIDATURES)
        return page(
            "prepare/opening.html",
            status,
            softwares=softwares(session, actor(), None, MOST),
            dsrs=[dsr for dsr in dsrs(session, actor(), None, MOST) if published(dsr) is not None],
            typed=typed,
        )

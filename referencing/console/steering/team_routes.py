"""The verifiers, for leads: what each handles, their conflicts of interest, and what none of them can take."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.catalogue.proposals import Guichet
from referencing.catalogue.queries import every_chapter
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, number, refused, words
from referencing.reviews.queues import verifiers
from referencing.reviews.steering import declarations
from referencing.reviews.steering.schemas import ConflictIn, VerifierIn
from referencing.steering.unhandled import unhandled
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("team", __name__)

#: How many verifiers, or conflicts of interest, are on a page, and among how many of the agency one chooses.
MOST, MOST_OTHERS = 50, 500


@blueprint.get("/pilotage/equipe")
def show() -> Response:
    """Who handles what, and what nobody can take."""
    return _page(BLANK)


@blueprint.post("/pilotage/equipe/<uuid:verifier>")
def set_up(verifier: UUID) -> Response:
    """Say what a verifier handles and how much at once."""
    try:
        said: dict[str, Any] = {name: request.form.getlist(name) for name in ("chapters", "guichets")}
        said["most_in_hand"] = number(request.form.get("most_in_hand", ""))
        with transaction() as session:
            verifiers.set_up(session, actor(), verifier, **load(VerifierIn(), said))
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.team.show", fait="reglages"), 303)


@blueprint.post("/pilotage/equipe/conflits")
def declare_conflict() -> Response:
    """Say that somebody of the agency neither judges nor reads what is of an organisation."""
    try:
        said = load(ConflictIn(), words("verifier", "organisation", "reason"))
        with transaction() as session:
            declarations.declare_conflict(session, actor(), **said)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.team.show", fait="conflit"), 303)


@blueprint.post("/pilotage/equipe/conflits/<uuid:conflict>/retrait")
def end_conflict(conflict: UUID) -> Response:
    """Take back a conflict of interest that is over."""
    try:
        with transaction() as session:
            declarations.end_conflict(session, actor(), conflict)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.team.show", fait="retrait"), 303)


def _page(typed: Typed, status: int = 200) -> Response:
    asked, asked_conflicts = listed(MOST), listed(MOST, "conflits")
    with transaction() as session:
        rows = verifiers.verifiers(session, actor(), id_cursor(asked), MOST + 1)
        team, following = asked.of(rows, lambda row: [row.id])
        declared = declarations.conflicts(session, actor(), id_cursor(asked_conflicts), MOST + 1)
        conflicts, more_conflicts = asked_conflicts.of(declared, lambda conflict: [conflict.id])
        return page(
            "steering/team.html",
            status,
            unhandled=unhandled(session, actor()),
            team=team,
            following=following and url_for(".show", cursor=following),
            chapters=every_chapter(session),
            guichets=list(Guichet),
            conflicts=conflicts,
            more_conflicts=more_conflicts and url_for(".show", conflits=more_conflicts, _anchor="conflicts"),
            agency=declarations.who_may_be_in_conflict(session, actor(), MOST_OTHERS),
            typed=typed,
        )

"""What leads tolerate of false reuses, the rules beyond it, and what is proposed for each: read, accepted, refused."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import Conflict, DomainError
from referencing.base.permissions import Right, authorise
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, number, refused, words
from referencing.equivalence.rulebooks.queries import id_in_force
from referencing.safeguards import operations, queries, schemas
from referencing.safeguards.states import SAFEGUARD, SafeguardState
from referencing.safeguards.views import KINDS
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from . import entries

blueprint = Blueprint("safeguards", __name__)

#: How many proposals are on the page, and dossiers that one would change.
MOST = 50


@blueprint.get("/regles/surete")
def show() -> Response:
    """The threshold, the rules in force that are beyond it, and what was proposed."""
    return _overview(BLANK)


@blueprint.post("/regles/surete/seuil")
def set_threshold() -> Response:
    """Set what is tolerated, or nothing where the share is left empty."""
    try:
        said = words("reason") | {name: number(text) for name, text in words("share", "rate").items()}
        wanted = {"share": None, **load(schemas.ThresholdIn(partial=("share",)), said)}
        with transaction() as session:
            operations.set_threshold(session, actor(), **wanted)
    except DomainError as error:
        return _overview(refused(error), error.status)
    return redirect(url_for(".show", fait="seuil"), 303)


@blueprint.post("/regles/surete")
def propose() -> Response:
    """Propose that a rule asks for confirmation."""
    try:
        with transaction() as session:
            proposed = operations.propose(session, actor(), request.form.get("rule", "")).id
    except DomainError as error:
        return _overview(refused(error), error.status)
    return redirect(url_for(".read", safeguard=proposed), 303)


def _overview(typed: Typed, status: int = 200) -> Response:
    asked = listed(MOST)
    with transaction() as session:
        authorise(actor(), Right.EDIT_RULEBOOKS)
        rows = queries.safeguards(session, actor(), id_cursor(asked), MOST + 1)
        proposed, following = asked.of(rows, lambda safeguard: [safeguard.id])
        beyond = queries.beyond(session, actor())
        return page(
            "rulebooks/safeguards.html",
            status,
            threshold=queries.threshold(session, actor()),
            beyond=beyond,
            waiting=queries.proposed_for(session, [line.rule for line, _ in beyond]),
            safeguards=proposed,
            following=following and url_for(".show", cursor=following),
            in_force=id_in_force(session),
            kinds=KINDS,
            said=entries,
            states=SAFEGUARD.states,
            typed=typed,
        )


@blueprint.get("/regles/surete/<uuid:safeguard>")
def read(safeguard: UUID) -> Response:
    """What is proposed for a rule, and what that would change: nothing is changed by reading it."""
    return _safeguard(safeguard, BLANK)


@blueprint.post("/regles/surete/<uuid:safeguard>/acceptation")
def accept(safeguard: UUID) -> Response:
    """Put the proposed rules in force; what is lost was read, and is named by its digest."""
    try:
        said = load(schemas.SafeguardAcceptanceIn(), words("digest", "accept_warnings"))
        with transaction() as session:
            operations.accept(session, actor(), safeguard, **said)
    except DomainError as error:
        return _safeguard(safeguard, refused(error), error.status)
    return redirect(url_for(".show", fait="acceptee"), 303)


@blueprint.post("/regles/surete/<uuid:safeguard>/refus")
def refuse(safeguard: UUID) -> Response:
    """Leave the rules as they are."""
    try:
        said = load(schemas.SafeguardRefusalIn(), words("reason"))
        with transaction() as session:
            operations.refuse(session, actor(), safeguard, said["reason"])
    except DomainError as error:
        return _safeguard(safeguard, refused(error), error.status)
    return redirect(url_for(".show", fait="refusee"), 303)


def _safeguard(safeguard: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        stored = queries.safeguard(session, actor(), safeguard)
        foreseen, hindrance = None, None
        if stored.state is SafeguardState.PROPOSED:
            try:
                foreseen = operations.what_if_accepted(session, actor(), safeguard, None, MOST)
            except Conflict as error:
                hindrance = refused(error)
        return page(
            "rulebooks/safeguard.html",
            status,
            safeguard=stored,
            kinds=KINDS,
            foreseen=foreseen,
            hindrance=hindrance,
            states=SAFEGUARD.states,
            typed=typed,
        )

"""Rules put in force, or taken up again: what that changes in open dossiers is read first, and named to confirm it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import Conflict, DomainError, Invalid
from referencing.base.permissions import Right, authorise
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.equivalence.rulebooks import schemas, withdrawal
from referencing.equivalence.rulebooks.models import Rulebook, RulebookState
from referencing.equivalence.rulebooks.queries import visible_rulebook
from referencing.simulations.publication import operations
from referencing.simulations.publication.schemas import PublicationIn, RulesReinstatementIn
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from .routes import heading

blueprint = Blueprint("publications", __name__)

#: Dossiers on a page of what would change.
MOST = 20


@blueprint.get("/regles/<uuid:rulebook>/publication")
def show(rulebook: UUID) -> Response:
    """What publishing or reinstating these rules would change: nothing is changed by it."""
    return _page(rulebook, BLANK)


@blueprint.post("/regles/<uuid:rulebook>/publication")
def publish(rulebook: UUID) -> Response:
    """Publish them; what is lost by it was read, and is named by its digest."""
    try:
        said = load(PublicationIn(), words("valid_from", "digest", "accept_warnings"))
        with transaction() as session:
            operations.publish(session, actor(), rulebook, **said)
    except DomainError as error:
        return _page(rulebook, refused(error), error.status)
    return _done(rulebook, "publie")


@blueprint.post("/regles/<uuid:rulebook>/reprise")
def reinstate(rulebook: UUID) -> Response:
    """Go back to rules that others replaced."""
    try:
        said = load(RulesReinstatementIn(), words("reason", "digest"))
        with transaction() as session:
            again = operations.reinstate(session, actor(), rulebook, **said).rulebook.id
    except DomainError as error:
        return _page(rulebook, refused(error), error.status)
    return _done(again, "repris")


@blueprint.post("/regles/<uuid:rulebook>/retrait")
def withdraw(rulebook: UUID) -> Response:
    """Take back rules that wait for their day."""
    try:
        said = load(schemas.WithdrawalIn(), words("reason"))
        with transaction() as session:
            withdrawal.withdraw_rulebook(session, actor(), rulebook, **said)
    except DomainError as error:
        return _page(rulebook, refused(error), error.status)
    return _done(rulebook, "retire")


def _done(rulebook: UUID, said: str) -> Response:
    return redirect(url_for("console.rulebooks.show", rulebook=rulebook, fait=said), 303)


def _page(rulebook: UUID, typed: Typed, status: int = 200) -> Response:
    day = request.values.get("valid_from", "").strip()
    wanted = listed(MOST)
    with transaction() as session:
        authorise(actor(), Right.EDIT_RULEBOOKS)
        stored = visible_rulebook(session, actor(), rulebook)
        foreseen, hindrance = None, None
        try:
            foreseen = _foreseen(session, stored, id_cursor(wanted), day)
        except (Conflict, Invalid) as error:
            hindrance = refused(error)
        kept, following = wanted.of((foreseen and foreseen.affected) or [], lambda row: [row.candidature])
        onward = url_for(".show", rulebook=rulebook, cursor=following, valid_from=day or None)
        return page(
            "rulebooks/publication.html",
            status,
            **heading(stored),
            foreseen=foreseen,
            hindrance=hindrance,
            affected=kept,
            day=day,
            following=following and onward,
            typed=typed,
        )


def _foreseen(session: Session, rulebook: Rulebook, cursor: Any, day: str) -> operations.Published | None:
    """What publishing a draft, or reinstating what was replaced, would change; of any other rulebook nothing."""
    if rulebook.state is RulebookState.SUPERSEDED:
        return operations.what_if_reinstated(session, actor(), rulebook.id, cursor, MOST + 1)
    if rulebook.frozen:
        return None
    valid_from = load(PublicationIn(), {"valid_from": day})["valid_from"]
    return operations.what_if_published(
        session, actor(), rulebook.id, cursor, MOST + 1, valid_from=valid_from
    )

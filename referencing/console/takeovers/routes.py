"""Past referencings: check a file, have it taken over, see how far it is and what it is worth, take it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.takeover import checking, operations, queries
from referencing.takeover.checking import Report
from referencing.takeover.foresight import leaning_on
from referencing.takeover.schemas import SHOWN, TakingBackIn
from referencing.takeover.states import TAKEOVER
from referencing.web.forms import one_named_file
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("takeovers", __name__)

#: How many are on a page of a list.
MOST = 50


@blueprint.get("/reprises")
def find() -> Response:
    """What was taken over, the latest first, and the form for a file."""
    return _list(BLANK)


@blueprint.post("/reprises")
def receive() -> Response:
    """Check a file and show what it would bring, or have it taken over."""
    try:
        file, filename = one_named_file("act")
        with transaction() as session:
            if request.form.get("act") != "take":
                return _list(BLANK, report=checking.check(session, actor(), file))
            takeover, _ = operations.take_over(session, actor(), file, filename)
    except DomainError as error:
        return _list(refused(error), error.status)
    return redirect(url_for(".show", takeover=takeover.id), 303)


def _list(typed: Typed, status: int = 200, report: Report | None = None) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.takeovers(session, actor(), id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        return page(
            "takeovers/list.html",
            status,
            takeovers=kept,
            following=following and url_for(".find", cursor=following),
            report=report,
            most=SHOWN,
            typed=typed,
        )


@blueprint.get("/reprises/<uuid:takeover>")
def show(takeover: UUID) -> Response:
    """How far a takeover is, and which open dossiers owe something to it."""
    return _page(takeover, BLANK)


@blueprint.post("/reprises/<uuid:takeover>/retrait")
def take_back(takeover: UUID) -> Response:
    """Show what leans on a takeover, or take it back as a whole."""
    if request.form.get("act") == "ask":
        return _page(takeover, BLANK, asked=True)
    try:
        said = load(TakingBackIn(), words("reason", "digest"))
        with transaction() as session:
            operations.take_back(session, actor(), takeover, **said)
    except DomainError as error:
        return _page(takeover, refused(error), error.status, asked=True)
    return redirect(url_for(".show", takeover=takeover), 303)


def _page(takeover: UUID, typed: Typed, status: int = 200, *, asked: bool = False) -> Response:
    """The page of a takeover; what leans on it is looked for only when it is `asked`: there may be much of it."""
    wanted = listed(MOST)
    reads = may(actor(), Right.READ_CANDIDATURES)
    with transaction() as session:
        shown = queries.takeover(session, actor(), takeover)
        rows: Sequence[Any] = ()
        if reads:
            rows = queries.coverage_by_dossier(session, actor(), shown, id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.candidature_id])
        may_take_back = bool(TAKEOVER.open_to(actor(), shown.state))
        return page(
            "takeovers/page.html",
            status,
            takeover=shown,
            progress=queries.progress(session, shown.id),
            coverage=queries.coverage(session, shown.id),
            dossiers=kept,
            following=following and url_for(".show", takeover=takeover, cursor=following),
            may_take_back=may_take_back,
            leaning=leaning_on(session, shown) if asked and may_take_back else None,
            typed=typed,
        )


@blueprint.get("/reprises/<uuid:takeover>/referencements")
def list_referencings(takeover: UUID) -> Response:
    """The referencings of a takeover, each with the dossier that it became."""
    wanted = listed(MOST)
    with transaction() as session:
        shown = queries.takeover(session, actor(), takeover)
        rows = queries.referencings(session, shown, wanted.keys(int), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.number])
        return page(
            "takeovers/referencings.html",
            takeover=shown,
            referencings=kept,
            reads=may(actor(), Right.READ_CANDIDATURES),
            following=following and url_for(".list_referencings", takeover=takeover, cursor=following),
        )


@blueprint.get("/reprises/<uuid:takeover>/remarques")
def list_problems(takeover: UUID) -> Response:
    """What was wrong with the file of a takeover, by row."""
    wanted = listed(MOST)
    with transaction() as session:
        shown = queries.takeover(session, actor(), takeover)
        rows = queries.problems(session, shown, wanted.keys(int), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.number])
        return page(
            "takeovers/problems.html",
            takeover=shown,
            problems=kept,
            following=following and url_for(".list_problems", takeover=takeover, cursor=following),
        )

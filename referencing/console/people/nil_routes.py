"""Whose a NIL is: what waits for a lead because two softwares have it, and what the lead says."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.solutions import nil_queries, ownership
from referencing.solutions.models import NilStanding
from referencing.solutions.schemas import NilJudgementIn
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("nils", __name__)

#: How many are on a page of the list.
MOST = 50


@blueprint.get("/personnes/nil")
def show_claims() -> Response:
    """The NILs that two softwares have, or with `voir=tous` all that nobody confirmed."""
    wanted, everything = listed(MOST), request.args.get("voir") == "tous"
    with transaction() as session:
        rows = nil_queries.claims(
            session,
            actor(),
            id_cursor(wanted),
            MOST + 1,
            standing=NilStanding.UNCONFIRMED,
            contested=None if everything else True,
        )
        kept, following = wanted.of(rows, lambda row: [row.software.id])
        more = following and url_for(".show_claims", cursor=following, voir="tous" if everything else None)
        return page("people/nils.html", claims=kept, everything=everything, following=more)


@blueprint.get("/personnes/nil/<uuid:software>")
def show_claim(software: UUID) -> Response:
    """A software with its NIL, beside those that look alike."""
    return _page(software, BLANK)


@blueprint.post("/personnes/nil/<uuid:software>")
def judge(software: UUID) -> Response:
    """Say whether the NIL is this software's, and why."""
    decide = ownership.confirm_nil if request.form.get("act") == "confirm" else ownership.refuse_nil
    try:
        reason = load(NilJudgementIn(), words("reason"))["reason"]
        with transaction() as session:
            decide(session, actor(), software, reason)
    except DomainError as error:
        return _page(software, refused(error), error.status)
    return redirect(url_for(".show_claims", fait=request.form.get("act")), 303)


def _page(software: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        claim = nil_queries.claim(session, actor(), software)
        return page("people/nil.html", status, claim=claim, typed=typed)

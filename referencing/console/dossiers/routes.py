"""Dossiers: find one, see where it stands and why, act on it, and write about it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Actor, Right
from referencing.base.sheets import csv_lines
from referencing.candidatures.api import queries
from referencing.candidatures.api.item_schemas import ItemsArguments
from referencing.candidatures.api.schemas import (
    OUTCOMES,
    AdmissibilityIn,
    CandidaturesArguments,
    DecisionIn,
)
from referencing.candidatures.api.views import act_view, item_view
from referencing.candidatures.filing import operations
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.record.states import ItemState, State
from referencing.candidatures.verdicts import instruction
from referencing.catalogue.queries import dsrs
from referencing.console.changes import dossier_of, place_of, seen, watch
from referencing.console.pages import page
from referencing.console.saved_views.shelf import add_shelf, opened_with, shelf
from referencing.console.typed import BLANK, Typed, lines, listed, load, narrowing, refused, words
from referencing.journal.disclosure import disclosed
from referencing.journal.queries import latest
from referencing.saved_views.models import Listed
from referencing.web.pages import MAX_PAGE, Page, id_cursor, whole_sheet
from referencing.web.requests import actor, transaction

from .file import PHASES, dossier_file, progress
from .lines import COLUMNS, dossiers_rows, lines_of

blueprint = Blueprint("dossiers", __name__)

ADDRESS = "/dossiers"
#: How many are on a page of a list.
MOST = 50
FILTERS = ("q", "state", "holder", "dsr", "couloir", "dispositif", "vague", "organisation", "imported")


@blueprint.get(ADDRESS)
def find() -> Response:
    """The dossiers that one may read, the newest first, narrowed down by what is typed or by a view that was kept."""
    return _list(BLANK)


def _list(typed: Typed, status: int = 200) -> Response:
    chosen = narrowing(*FILTERS)
    shown = listed(MOST)
    with transaction() as session:
        views = shelf(session, ADDRESS, Listed.CANDIDATURES, FILTERS, chosen)
        if onward := opened_with(views):
            return onward
        rows = _narrowed(session, actor(), chosen, id_cursor(shown), MOST + 1)
        kept, following = shown.of(rows, lambda row: [row.candidature.id])
        known = dsrs(session, actor(), None, 500)
        return page(
            "dossiers/list.html",
            status,
            shelf=views,
            typed=typed,
            dossiers=lines_of(session, actor(), kept),
            following=_onward(url_for(".find"), chosen, following),
            chosen=chosen,
            states=[state for state in State if state is not State.GIVEN_UP],
            dsrs=[dsr.code for dsr in known],
            couloirs=sorted({dsr.couloir for dsr in known}),
            dispositifs=sorted({dsr.dispositif for dsr in known}),
            vagues=sorted({dsr.vague for dsr in known}),
        )


add_shelf(blueprint, ADDRESS, Listed.CANDIDATURES, FILTERS, _list)


@blueprint.get("/dossiers.csv")
def download() -> Response:
    """The dossiers that the list would show, as a sheet: a page and a short transaction after the other."""
    chosen, who = narrowing(*FILTERS), actor()

    def written(session: Session, cursor: Sequence[Any] | None) -> tuple[str, list[dict[str, Any]]]:
        on_page = lines_of(session, who, _narrowed(session, who, chosen, cursor, MAX_PAGE))
        header = csv_lines([COLUMNS]) if cursor is None else ""
        return header + dossiers_rows(on_page), on_page

    return whole_sheet("dossiers", written, lambda line: [line["id"]], MAX_PAGE)


def _narrowed(
    session: Session, who: Actor, chosen: dict[str, Any], cursor: Sequence[Any] | None, limit: int
) -> Sequence[queries.Dossier]:
    arguments = load(CandidaturesArguments(), chosen)
    among = record_queries.Among(**{name: arguments[name] for name in FILTERS if name != "state"})
    return queries.dossiers(session, who, cursor, limit, state=arguments["state"], among=among, newest=True)


def _onward(address: str, chosen: dict[str, Any], cursor: str | None) -> str | None:
    """The next page of a list, with what narrows it down."""
    return cursor and f"{address}?{urlencode({**chosen, 'cursor': cursor})}"


@blueprint.get("/dossiers/<uuid:candidature>")
def show(candidature: UUID) -> Response:
    """Where a dossier stands and why, and its items."""
    return _page(candidature, BLANK)


@blueprint.get("/dossiers/<uuid:candidature>/changements")
def follow(candidature: UUID) -> Response:
    """The stream that tells when something happened to the dossier."""
    with transaction() as session:
        record_queries.candidature(session, actor(), candidature)
    return watch(*dossier_of(actor(), candidature), place_of(actor(), candidature))


def _page(candidature: UUID, typed: Typed, status: int = 200) -> Response:
    chosen = narrowing("state", "chapter")
    arguments = load(ItemsArguments(), {**chosen, "limit": MOST, "cursor": request.args.get("cursor")})
    shown: Page = arguments["page"]
    cursor = shown.keys(int)
    with transaction() as session:
        shown_as = seen(session, *dossier_of(actor(), candidature), place=place_of(actor(), candidature))
        file = dossier_file(session, actor(), candidature)
        rows = queries.items(
            session, candidature, cursor, MOST + 1, state=arguments["state"], chapter=arguments["chapter"]
        )
        kept, following = shown.of(rows, lambda row: [row.item.position])
        return page(
            "dossiers/page.html",
            status,
            file=file,
            bars=progress(session, candidature),
            phases=PHASES,
            items=[item_view(row, actor()) for row in kept],
            following=_onward(url_for(".show", candidature=candidature), chosen, following),
            chosen=chosen,
            item_states=list(ItemState),
            typed=typed,
            seen=shown_as,
        )


@blueprint.post("/dossiers/<uuid:candidature>/depot")
def submit(candidature: UUID) -> Response:
    """File it; what misses is confirmed by a box that the person ticks."""
    return _acting(
        candidature,
        lambda session: operations.submit(session, actor(), candidature, incomplete=_meant()),
    )


@blueprint.post("/dossiers/<uuid:candidature>/reprise")
def take_back(candidature: UUID) -> Response:
    """Go on working on what was filed, before its admissibility is judged."""
    return _acting(candidature, lambda session: operations.take_back(session, actor(), candidature))


@blueprint.post("/dossiers/<uuid:candidature>/retrait")
def withdraw(candidature: UUID) -> Response:
    """Take it back."""
    return _acting(candidature, lambda session: operations.withdraw(session, actor(), candidature))


@blueprint.post("/dossiers/<uuid:candidature>/recevabilite")
def judge_admissibility(candidature: UUID) -> Response:
    """Say whether it is complete."""

    def judge(session: Any) -> object:
        said = load(AdmissibilityIn(), words("outcome", "comment"))
        complete = said["outcome"] == "admissible"
        return instruction.judge_admissibility(
            session, actor(), candidature, complete=complete, comment=said["comment"], incomplete=_meant()
        )

    return _acting(candidature, judge)


@blueprint.post("/dossiers/<uuid:candidature>/decision")
def decide(candidature: UUID) -> Response:
    """Reference, refuse, or send back."""

    def say(session: Any) -> object:
        typed = {**words("outcome", "comment"), "items": lines("items"), "nonconform": _ticked("nonconform")}
        said = load(DecisionIn(), typed)
        action = OUTCOMES[said.pop("outcome")]
        return instruction.decide(session, actor(), candidature, action=action, **said)

    return _acting(candidature, say)


def _meant() -> bool:
    """Whether the person says that the dossier is meant to go on without what misses."""
    return _ticked("incomplete")


def _ticked(name: str) -> bool:
    return request.form.get(name) == "1"


def _acting(candidature: UUID, act: Any) -> Response:
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return _page(candidature, refused(error), error.status)
    return redirect(url_for("console.dossiers.show", candidature=candidature), 303)


@blueprint.get("/dossiers/<uuid:candidature>/historique")
def show_timeline(candidature: UUID) -> Response:
    """What happened, the newest first."""
    before = request.args.get("avant", type=int)
    with transaction() as session:
        record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        file = dossier_file(session, actor(), candidature)
        entries = latest(session, f"candidature:{candidature}", before, MOST + 1)
        following = entries[MOST - 1].number if len(entries) > MOST else None
        return page(
            "dossiers/timeline.html",
            file=file,
            acts=queries.ACTS,
            events=[disclosed(entry, actor()) for entry in entries[:MOST]],
            following=following and url_for(".show_timeline", candidature=candidature, avant=following),
        )


@blueprint.get("/dossiers/<uuid:candidature>/recepisses/<int:number>")
def show_receipt(candidature: UUID, number: int) -> Response:
    """The receipt of an act, to be printed, checked again against the record."""
    with transaction() as session:
        record_queries.candidature(session, actor(), candidature, Right.FOLLOW_CANDIDATURES)
        file = dossier_file(session, actor(), candidature)
        entry, intact = queries.act(session, candidature, number)
        return page("dossiers/receipt.html", file=file, act=act_view(entry, actor()), intact=intact)

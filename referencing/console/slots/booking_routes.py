"""An editor chooses a slot for a dossier, its agenda, and books; a session that is booked goes to another slot."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, NotFound
from referencing.base.permissions import Right, may
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.record.states import State, Track
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, refused
from referencing.duo.booking import booking, moving
from referencing.duo.sessions import queries
from referencing.duo.sessions.phases import PHASES
from referencing.duo.slots.models import Slot
from referencing.duo.slots.slots import NO_SLOT
from referencing.web.requests import actor, transaction

from .weeks import MOST, wanted_monday, week_of, with_slots

blueprint = Blueprint("booking", __name__)


@blueprint.get("/dossiers/<uuid:candidature>/seances")
def show(candidature: UUID) -> Response:
    """The sessions of a dossier, and the slots of a week that it can have."""
    return _dossier_page(candidature, BLANK)


def _dossier_page(candidature: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        dossier = record_queries.candidature(session, actor(), candidature)
        books = may(actor(), Right.BOOK_SESSIONS) and dossier.mode is Track.DUO
        planned = week_of(session, actor(), wanted_monday(session), candidature)
        bookable = books and dossier.state is State.IN_REVIEW
        return page(
            "slots/dossier.html",
            status,
            candidature=dossier,
            sessions=queries.sessions(session, actor(), None, MOST, candidature=candidature),
            week=with_slots(session, actor(), planned, candidature=candidature) if bookable else planned,
            books=bookable,
            phases=PHASES,
            typed=typed,
        )


@blueprint.post("/dossiers/<uuid:candidature>/seances/<uuid:slot>/retenir")
def hold(candidature: UUID, slot: UUID) -> Response:
    """Keep a slot for the dossier while its agenda is prepared."""
    try:
        with transaction() as session:
            booking.hold(session, actor(), candidature, slot)
    except DomainError as error:
        return _dossier_page(candidature, refused(error), error.status)
    return redirect(url_for("console.booking.prepare", candidature=candidature, slot=slot), 303)


@blueprint.get("/dossiers/<uuid:candidature>/seances/<uuid:slot>")
def prepare(candidature: UUID, slot: UUID) -> Response:
    """What the session would show: take off, add, book."""
    return _agenda_page(candidature, slot, BLANK)


def _agenda_page(candidature: UUID, slot_id: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        slot = session.get(Slot, slot_id)
        if slot is None:
            raise NotFound(NO_SLOT)
        dossier = record_queries.candidature(session, actor(), candidature)
        proposal = booking.proposed(session, actor(), candidature, slot.minutes)
        return page(
            "slots/agenda.html", status, candidature=dossier, slot=slot, proposal=proposal, typed=typed
        )


@blueprint.post("/dossiers/<uuid:candidature>/seances/<uuid:slot>")
def book(candidature: UUID, slot: UUID) -> Response:
    """Book the slot with the items that are ticked."""
    try:
        with transaction() as session:
            live = booking.book(session, actor(), candidature, slot, request.form.getlist("items")).id
    except DomainError as error:
        return _agenda_page(candidature, slot, refused(error), error.status)
    return redirect(url_for("console.live.show", live=live), 303)


@blueprint.get("/seances/<uuid:live>/deplacer")
def choose(live: UUID) -> Response:
    """The slots of a week to which a session can go."""
    return _moving_page(live, BLANK)


def _moving_page(live: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        booked = queries.live_session(session, actor(), live, Right.TAKE_PART)
        planned = week_of(session, actor(), wanted_monday(session), booked.candidature_id)
        shown = with_slots(session, actor(), planned, moved=live)
        return page("slots/moving.html", status, live=booked, week=shown, phases=PHASES, typed=typed)


@blueprint.post("/seances/<uuid:live>/deplacer/<uuid:slot>")
def move(live: UUID, slot: UUID) -> Response:
    """Take the session there, with its agenda."""
    revision = request.form.get("revision", 0, type=int)
    try:
        with transaction() as session:
            moving.move(session, actor(), live, slot, revision)
    except DomainError as error:
        return _moving_page(live, refused(error), error.status)
    return redirect(url_for("console.live.show", live=live), 303)

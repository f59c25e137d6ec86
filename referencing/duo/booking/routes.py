"""Slots over HTTP: offering them, seeing which suit a dossier, holding and booking one."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.duo.conduct import schemas
from referencing.duo.conduct.views import time_cursor, whole
from referencing.duo.slots import schemas as slot_schemas
from referencing.duo.slots import slots
from referencing.web.descriptions import ETAG, IF_MATCH, LOCATION, needs, reads, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import booking, moving, queries

blueprint = Blueprint("duo_slots", __name__, url_prefix="/api/v1", description="Slots of live sessions")


@blueprint.route("/duo/slots")
@needs(Right.SEE_SLOTS)
@blueprint.arguments(slot_schemas.SlotsArguments, location="query")
@blueprint.response(200, slot_schemas.SlotsOut)
def list_slots(arguments: dict[str, Any]) -> Response:
    """The slots to come that a candidature can have, or a session be moved to; one's own, or everybody's for a lead.

    Where a candidature or a session finds none, `none_because` says why.
    """
    page: Page = arguments.pop("page")
    with transaction() as session:
        rows = queries.slots(session, actor(), time_cursor(page), page.limit + 1, **arguments)
        listed, following = page.of(rows, lambda one: [one.slot.starts_at.isoformat(), one.slot.id])
        if not rows and page.after is None and (reason := _none_because(session, arguments)):
            return answer({"items": [], "next": None, "none_because": reason})
        return listing([_slot_for(actor(), one) for one in listed], following)


@blueprint.route("/duo/slots", methods=["POST"])
@needs(Right.OFFER_SLOTS)
@blueprint.arguments(slot_schemas.AvailabilityIn)
@blueprint.response(201, slot_schemas.OfferedOut)
def offer_slots(words: dict[str, Any]) -> Response:
    """Offer slots: of one day, or each week until another; by clocks in Paris, without public holidays."""
    with transaction() as session:
        offered, count = slots.offer(session, actor(), slots.Offer(**words))
        return answer({**shape(slot_schemas.AvailabilityOut)(offered), "slots": count}, 201)


@blueprint.route("/duo/slots/<uuid:slot>", methods=["DELETE"])
@needs(Right.OFFER_SLOTS)
@blueprint.response(204)
def withdraw_slot(slot: UUID) -> Response:
    """No longer offer one slot."""
    with transaction() as session:
        slots.withdraw_slot(session, actor(), slot)
        return Response(status=204)


@blueprint.route("/duo/availabilities")
@needs(Right.OFFER_SLOTS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(slot_schemas.AvailabilityOut))
def list_availabilities(arguments: dict[str, Page]) -> Response:
    """What is offered: one's own, everybody's for a lead."""
    page = arguments["page"]
    with transaction() as session:
        rows = slots.availabilities(session, actor(), id_cursor(page), page.limit + 1)
        listed, following = page.of(rows, lambda one: [one.id])
        return listing([*map(shape(slot_schemas.AvailabilityOut), listed)], following)


@blueprint.route("/duo/availabilities/<uuid:availability>", methods=["DELETE"])
@needs(Right.OFFER_SLOTS)
@blueprint.response(204)
def withdraw_availability(availability: UUID) -> Response:
    """No longer offer what it gives; sessions that are booked stay."""
    with transaction() as session:
        slots.withdraw_availability(session, actor(), availability)
        return Response(status=204)


@blueprint.route("/duo/staffing")
@needs(Right.STAFF_SESSIONS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(slot_schemas.StaffingOut))
def list_staffing(arguments: dict[str, Page]) -> Response:
    """How many verifiers sessions have, where a lead has set it; everywhere else it is one."""
    page = arguments["page"]
    with transaction() as session:
        rows = slots.staffings(session, actor(), id_cursor(page), page.limit + 1)
        listed, following = page.of(rows, lambda one: [one.id])
        return listing([*map(shape(slot_schemas.StaffingOut), listed)], following)


@blueprint.route("/duo/staffing", methods=["PUT"])
@needs(Right.STAFF_SESSIONS)
@blueprint.arguments(slot_schemas.StaffingIn)
@blueprint.response(200, slot_schemas.StaffingOut)
def set_staffing(words: dict[str, Any]) -> Response:
    """Say how many verifiers the sessions of a couloir have, or of all the others when none is named."""
    with transaction() as session:
        staffing = slots.staff(session, actor(), **words)
        return answer(shape(slot_schemas.StaffingOut)(staffing))


@blueprint.route("/candidatures/<uuid:candidature>/duo-agenda")
@needs(Right.FOLLOW_SESSIONS)
@blueprint.arguments(slot_schemas.AgendaArguments, location="query")
@blueprint.response(200, slot_schemas.AgendaProposalOut)
def read_agenda_proposal(arguments: dict[str, int], candidature: UUID) -> Response:
    """What a session of that length would show, with what must be ready; and what would be left."""
    with transaction() as session:
        proposal = booking.proposed(session, actor(), candidature, arguments["minutes"])
        return answer(shape(slot_schemas.AgendaProposalOut)(proposal))


@blueprint.route("/candidatures/<uuid:candidature>/duo-holds", methods=["POST"])
@needs(Right.BOOK_SESSIONS)
@blueprint.arguments(slot_schemas.SlotIn)
@blueprint.response(201, slot_schemas.HoldOut)
def hold_slots(words: dict[str, UUID], candidature: UUID) -> Response:
    """Keep a slot while the agenda is prepared, until `expires_at`; a dossier holds one at a time."""
    with transaction() as session:
        held = booking.hold(session, actor(), candidature, words["slot"])
        agenda = booking.proposed(session, actor(), candidature, held.minutes)
        body = {**shape(slot_schemas.HeldOut)(held), "agenda": shape(slot_schemas.AgendaProposalOut)(agenda)}
        return answer(body, 201)


@blueprint.route("/duo/holds/<uuid:held>", methods=["DELETE"])
@needs(Right.BOOK_SESSIONS)
@blueprint.response(204)
def release(held: UUID) -> Response:
    """Give a held slot back."""
    with transaction() as session:
        booking.release(session, actor(), held)
        return Response(status=204)


@blueprint.route("/candidatures/<uuid:candidature>/duo-sessions", methods=["POST"])
@needs(Right.BOOK_SESSIONS)
@tells(ETAG, LOCATION)
@blueprint.arguments(slot_schemas.BookingIn)
@blueprint.response(201, schemas.WholeSessionOut)
def book_session(words: dict[str, Any], candidature: UUID) -> Response:
    """Book a slot; without `items` the agenda is what is proposed for it."""
    with transaction() as session:
        live = booking.book(session, actor(), candidature, words["slot"], words["items"])
        headers = {"Location": f"/api/v1/duo/sessions/{live.id}", **etag(live.revision)}
        return answer(whole(session, actor(), live.id), 201, headers)


@blueprint.route("/duo/sessions/<uuid:live>/move", methods=["POST"])
@needs(Right.TAKE_PART)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(slot_schemas.SlotIn)
@blueprint.response(200, schemas.WholeSessionOut)
def move(words: dict[str, UUID], live: UUID) -> Response:
    """Take a booked session to another slot, with its agenda (If-Match: the session's revision)."""
    with transaction() as session:
        moved = moving.move(session, actor(), live, words["slot"], expected_version())
        return answer(whole(session, actor(), live), 200, etag(moved.revision))


def _none_because(session: Session, asked: dict[str, Any]) -> str | None:
    if asked["moved"] is not None:
        return queries.why_not_moved(session, actor(), asked["moved"])
    if asked["candidature"] is not None:
        return queries.why_none(session, actor(), asked["candidature"])
    return None


def _slot_for(reader: Actor, view: queries.SlotView) -> dict[str, Any]:
    """Whose slot it is, is for the agency: an editor meets who verifies in the session."""
    for_all = {} if reader.of_agency else {"verifier": None, "name": None}
    return {**shape(slot_schemas.SlotOut)(view), **for_all}

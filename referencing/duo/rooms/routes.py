"""The room and the calendar of a session over HTTP."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.accounts.queries import email_address
from referencing.base.db import now
from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.duo.rooms.providers.settings import providers
from referencing.duo.sessions import letters
from referencing.duo.sessions.attendance import attended
from referencing.duo.sessions.calendar import calendar
from referencing.duo.slots.offers import EARLY
from referencing.files.reads.models import ReadKind
from referencing.files.reads.operations import note_session_read
from referencing.web.descriptions import needs
from referencing.web.idempotency import repeats_itself
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, schemas
from .models import ConferenceRoom

blueprint = Blueprint(
    "duo_rooms", __name__, url_prefix="/api/v1/duo/sessions", description="Where a live session meets"
)

ICALENDAR = {"type": "string", "description": "RFC 5545"}


@blueprint.route("/<uuid:session>/room")
@needs(Right.TAKE_PART)
@blueprint.response(200, schemas.SessionRoomOut)
def read_room(session: UUID) -> Response:
    """The room that the session has now, for its participants; without a link."""
    with transaction() as opened:
        return answer(_session_room(opened, session))


@blueprint.route("/<uuid:session>/room/entry", methods=["POST"])
@needs(Right.TAKE_PART)
@repeats_itself  # a link lets its bearer in: none is kept, and who asks again is given another
@blueprint.response(200, schemas.EntryOut)
def enter_room(session: UUID) -> Response:
    """A link of one's own to the room. Where its provider has failed, to a room of the next one."""
    with transaction() as opened:
        link, until = operations.enter(opened, actor(), _providers(), session)
        room = operations.current(opened, session)
        entry = {"link": link, "until": until, "room": _room_view(room)}
        return answer(entry, headers={"Cache-Control": "no-store"})


@blueprint.route("/<uuid:session>/room", methods=["PUT"])
@needs(Right.TAKE_PART)
@blueprint.arguments(schemas.LinkIn)
@blueprint.response(200, schemas.SessionRoomOut)
def give_room_link(words: dict[str, str], session: UUID) -> Response:
    """Give the link of a room made elsewhere; it takes the place of the room there was."""
    with transaction() as opened:
        operations.give_link(opened, actor(), session, words["link"])
        return answer(_session_room(opened, session))


@blueprint.route("/<uuid:session>/room/replacement", methods=["POST"])
@needs(Right.TAKE_PART)
@blueprint.arguments(schemas.FailureIn)
@blueprint.response(200, schemas.SessionRoomOut)
def replace_room(words: dict[str, Any], session: UUID) -> Response:
    """The room of that number does not work: open one of the next provider, to which everybody goes.

    When it was replaced already, this answers the room there is.
    """
    with transaction() as opened:
        operations.replace(opened, actor(), _providers(), session, **words)
        return answer(_session_room(opened, session))


@blueprint.route("/<uuid:session>/room/recordings")
@needs(Right.FOLLOW_SESSIONS)
@blueprint.response(200, schemas.RecordingsOut)
def list_recordings(session: UUID) -> Response:
    """What was recorded in the session's rooms, as their providers tell; for the agency."""
    with transaction() as opened:
        recorded = operations.recordings(opened, actor(), _providers(), session)
        note_session_read(
            opened, actor(), request.remote_addr, ReadKind.RECORDING, session, "enregistrements"
        )
        items = [{"provider": kind, **asdict(recording)} for kind, recording in recorded]
        return answer({"items": items})


@blueprint.route("/<uuid:session>/calendar.ics")
@needs(Right.TAKE_PART)
@blueprint.response(200, ICALENDAR, content_type="text/calendar")
def read_calendar(session: UUID) -> Response:
    """The invitation of a participant, as the session is now: the same UID, a higher SEQUENCE after each change."""
    with transaction() as opened:
        live, own = attended(opened, actor(), session)
        made = replace(
            letters.invitation(live, own, now(opened), letters.describe(opened, live)),
            address=email_address(opened, own.account_id),
            organiser=parts().settings.mail_from,
        )
    headers = {"Content-Disposition": 'attachment; filename="session-duo.ics"', "Cache-Control": "no-cache"}
    media_type = f"text/calendar; charset=utf-8; method={made.method}"
    return Response(calendar(made), headers=headers, content_type=media_type)


def _providers() -> operations.Providers:
    return providers(parts().settings.duo)


def _session_room(session: Session, session_id: UUID) -> dict[str, Any]:
    live, _ = attended(session, actor(), session_id)
    return {
        "opens_at": live.starts_at - EARLY,
        "room": _room_view(operations.current(session, live.id)),
    }


def _room_view(room: ConferenceRoom | None) -> dict[str, Any] | None:
    return None if room is None else shape(schemas.RoomOut)(room)

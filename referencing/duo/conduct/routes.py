"""Sessions over HTTP: their phases, who is there, the agenda, what is shown and decided, what happened."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.errors import NotFound
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.tasks.tracks import with_something_submitted
from referencing.duo.sessions import events, hindrances, people, queries
from referencing.duo.sessions.models import CheckKind, Line, LiveSession
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.web.descriptions import ETAG, IF_MATCH, LAST_EVENT_ID, needs, reads, tells
from referencing.web.forms import FORM, file_parts
from referencing.web.idempotency import once, repeats_itself, unless_answered
from referencing.web.pages import Page, listing
from referencing.web.requests import (
    actor,
    answer,
    etag,
    expected_version,
    last_event,
    parts,
    transaction,
)
from referencing.web.streams import STREAM

from . import captures, operations, schemas, verdicts
from .streams import follow
from .verdicts import LiveVerdict, Notes
from .views import line_view, session_view, time_cursor, whole

blueprint = Blueprint("duo", __name__, url_prefix="/api/v1/duo", description="Live sessions")


@blueprint.route("/sessions")
@needs(Right.FOLLOW_SESSIONS)
@blueprint.arguments(schemas.SessionsArguments, location="query")
@blueprint.response(200, page_of(schemas.SessionOut))
def list_live_sessions(arguments: dict[str, Any]) -> Response:
    """Sessions by their times: one's own for a verifier, the organisation's for an editor, all for a lead."""
    page: Page = arguments.pop("page")
    needs = arguments.pop("needs_verifier")
    with transaction() as session:
        which = [] if needs is None else [hindrances.that_need_verifier(session, wanted=needs)]
        rows = queries.sessions(session, actor(), time_cursor(page), page.limit + 1, **arguments, which=which)
        listed, following = page.of(rows, lambda one: [one.starts_at.isoformat(), one.id])
        needing = hindrances.needing_verifier(session, [one.id for one in listed])
        return listing([session_view(one, actor(), needing) for one in listed], following)


@blueprint.route("/sessions/<uuid:live>")
@needs(Right.FOLLOW_SESSIONS)
@tells(ETAG)
@blueprint.response(200, schemas.WholeSessionOut)
def read_session(live: UUID) -> Response:
    """A session with its agenda, who is there and what was tried; `last_event` is where its events stand."""
    with transaction() as session:
        return session_answer(queries.live_session(session, actor(), live), whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/opening", methods=["POST"])
@needs(Right.CONDUCT_SESSIONS)
@tells(ETAG)
@blueprint.response(200, schemas.WholeSessionOut)
def open_session(live: UUID) -> Response:
    """Begin the session."""
    with transaction() as session:
        opened = operations.open_session(session, actor(), live)
        return session_answer(opened, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/pause", methods=["POST"])
@needs(Right.CONDUCT_SESSIONS)
@tells(ETAG)
@blueprint.arguments(schemas.SessionReasonIn)
@blueprint.response(200, schemas.WholeSessionOut)
def pause(words: dict[str, str], live: UUID) -> Response:
    """Suspend the session for a while."""
    with transaction() as session:
        paused = operations.pause(session, actor(), live, words["reason"])
        return session_answer(paused, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/resumption", methods=["POST"])
@needs(Right.CONDUCT_SESSIONS)
@tells(ETAG)
@blueprint.response(200, schemas.WholeSessionOut)
def resume(live: UUID) -> Response:
    """Go on after a pause."""
    with transaction() as session:
        resumed = operations.resume(session, actor(), live)
        return session_answer(resumed, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/closing", methods=["POST"])
@needs(Right.CONDUCT_SESSIONS)
@tells(ETAG)
@blueprint.arguments(schemas.ClosingIn)
@blueprint.response(200, schemas.WholeSessionOut)
def close(words: dict[str, Any], live: UUID) -> Response:
    """End the session; `leftovers` says where what was not decided goes.

    Where nothing was decided, it is refused (409, `pending`) unless the body says `{"nothing_decided": true}`.
    """
    with transaction() as session:
        closed = operations.close(session, actor(), live, **words)
        return session_answer(closed, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/interruption", methods=["POST"])
@needs(Right.CONDUCT_SESSIONS)
@tells(ETAG)
@blueprint.arguments(schemas.InterruptionIn)
@blueprint.response(200, schemas.WholeSessionOut)
def interrupt(words: dict[str, Any], live: UUID) -> Response:
    """Technical trouble ends the session; what was decided stands."""
    with transaction() as session:
        ended = operations.interrupt(session, actor(), live, words["leftovers"], words["reason"])
        return session_answer(ended, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/absence", methods=["POST"])
@needs(Right.TAKE_PART)
@tells(ETAG)
@blueprint.arguments(schemas.MissedIn)
@blueprint.response(200, schemas.WholeSessionOut)
def note_absence(words: dict[str, Any], live: UUID) -> Response:
    """One side did not come, a quarter of an hour after the beginning."""
    with transaction() as session:
        missed = operations.miss(session, actor(), live, **words)
        return session_answer(missed, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/cancellation", methods=["POST"])
@needs(Right.TAKE_PART)
@tells(ETAG)
@blueprint.arguments(schemas.CalledOffIn)
@blueprint.response(200, schemas.WholeSessionOut)
def cancel(words: dict[str, str], live: UUID) -> Response:
    """Call the session off before it begins; an editor until a day before."""
    with transaction() as session:
        cancelled = operations.cancel(session, actor(), live, words["reason"])
        return session_answer(cancelled, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/agenda", methods=["PUT"])
@needs(Right.TAKE_PART)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.AgendaIn)
@blueprint.response(200, schemas.WholeSessionOut)
def set_agenda(words: dict[str, Any], live: UUID) -> Response:
    """Set what is still to be shown, in order (If-Match: the session's revision)."""
    with transaction() as session:
        changed = operations.set_agenda(session, actor(), live, expected_version(), words["items"])
        return session_answer(changed, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/checks/<kind>", methods=["PUT"])
@needs(Right.TAKE_PART)
@blueprint.arguments(schemas.TechnicalCheckIn)
@blueprint.response(200, schemas.TechnicalCheckOut)
def note_check(words: dict[str, Any], live: UUID, kind: str) -> Response:
    """Note whether the room, the test cards or the test patients work."""
    with transaction() as session:
        noted = operations.note_check(session, actor(), live, _kind(kind), **words)
        return answer(shape(schemas.TechnicalCheckOut)(noted))


@blueprint.route("/sessions/<uuid:live>/presence", methods=["POST"])
@needs(Right.TAKE_PART)
@tells(ETAG)
@blueprint.response(200, schemas.WholeSessionOut)
def note_arrival(live: UUID) -> Response:
    """Be there, from half an hour before; the second time changes nothing."""
    with transaction() as session:
        entered = people.arrive(session, actor(), live)
        return session_answer(entered, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/presence", methods=["DELETE"])
@needs(Right.TAKE_PART)
@tells(ETAG)
@blueprint.response(200, schemas.WholeSessionOut)
def note_departure(live: UUID) -> Response:
    """Not be there any more; the session goes on."""
    with transaction() as session:
        entered = people.depart(session, actor(), live)
        return session_answer(entered, whole(session, actor(), live))


@blueprint.route("/sessions/<uuid:live>/items/<proof:item>")
@needs(Right.FOLLOW_SESSIONS)
@tells(ETAG)
@blueprint.response(200, schemas.AskedLineOut)
def read_agenda_line(live: UUID, item: str) -> Response:
    """One line of the agenda, by its item's id or code, with its ETag."""
    with transaction() as session:
        queries.live_session(session, actor(), live)
        return _line_answer(session, queries.line(session, live, item))


@blueprint.route("/sessions/<uuid:live>/items/<proof:item>/showing", methods=["POST"])
@needs(Right.CONDUCT_SESSIONS)
@tells(ETAG)
@blueprint.response(200, schemas.AskedLineOut)
def show_item(live: UUID, item: str) -> Response:
    """This item is shown from now on."""
    with transaction() as session:
        return _line_answer(session, verdicts.show(session, actor(), live, item))


@blueprint.route("/sessions/<uuid:live>/items/<proof:item>/notes", methods=["PUT"])
@needs(Right.CONDUCT_SESSIONS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.NotesIn)
@blueprint.response(200, schemas.AskedLineOut)
def write_item_notes(words: dict[str, Any], live: UUID, item: str) -> Response:
    """Note what is seen, step by step, without deciding (If-Match: the line's revision)."""
    with transaction() as session:
        written = verdicts.write_notes(session, actor(), live, item, expected_version(), Notes(**words))
        return _line_answer(session, written)


@blueprint.route("/sessions/<uuid:live>/items/<proof:item>/verdict", methods=["PUT"])
@needs(Right.CONDUCT_SESSIONS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.LiveVerdictIn)
@blueprint.response(200, schemas.AskedLineOut)
def give_live_verdict(words: dict[str, Any], live: UUID, item: str) -> Response:
    """Say what was found (If-Match: the line's revision); in an open session it takes the place of the one before."""
    notes = Notes(words.pop("note"), words.pop("recording"), words.pop("timecode"))
    with transaction() as session:
        live_verdict = LiveVerdict(notes=notes, **words)
        decided = verdicts.decide(
            session, actor(), parts().vault, live, item, expected_version(), live_verdict
        )
        return _line_answer(session, decided)


@blueprint.route("/sessions/<uuid:live>/items/<proof:item>/captures", methods=["POST"])
@needs(Right.TAKE_PART)
@tells(ETAG)
@repeats_itself
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(schemas.CaptureArguments, location="query")
@blueprint.response(201, schemas.AskedLineOut)
def add_capture(arguments: dict[str, int | None], live: UUID, item: str) -> Response:
    """Add files taken of what is shown; they are the item's proof once somebody decides."""
    with transaction() as session, unless_answered():
        kind = captures.may_capture(session, actor(), live, item).item.expected_proof.kind
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, one.filename, one.media_type, one, limit) for one in file_parts()]
    files = all_examined(vault.storage, stored, kind)

    def effect() -> Response:
        with transaction() as session:
            timecode = arguments["timecode"]
            taken = captures.capture(session, actor(), vault, live, item, files, timecode)
            return _line_answer(session, taken, 201)

    return once([part for one in stored for part in (one.filename, one.sha256)], effect)


@blueprint.route("/sessions/<uuid:live>/events")
@needs(Right.FOLLOW_SESSIONS)
@reads(LAST_EVENT_ID)
@blueprint.arguments(schemas.SessionEventsArguments, location="query")
@blueprint.response(200, schemas.SessionEventsOut)
@blueprint.alt_response(
    200,
    content_type=STREAM,
    description="with `Accept: text/event-stream`: the same events, pushed as they happen; `Last-Event-ID` resumes",
)
def follow_session(arguments: dict[str, int], live: UUID) -> Response:
    """What happened in a session after an event's number, oldest first; `next` is where to go on.

    Asked for `text/event-stream`, it is told as it happens. A stream ends after ten minutes: come back with
    `Last-Event-ID`, and nothing is missed.
    """
    with transaction() as session:
        queries.live_session(session, actor(), live)
        if request.accept_mimetypes.best_match(["application/json", STREAM]) == STREAM:
            return follow(session, live, last_event(arguments["after"]))
        happened = events.events_after(session, live, arguments["after"], arguments["limit"])
        following = happened[-1].number if happened else arguments["after"]
        return answer({"items": [*map(shape(schemas.SessionEventOut), happened)], "next": following})


def _kind(name: str) -> CheckKind:
    try:
        return CheckKind(name)
    except ValueError as error:
        kinds = ", ".join(CheckKind)
        raise NotFound(f"Rien de ce nom ne s'essaie : choisissez parmi {kinds}.") from error


def session_answer(live: LiveSession, body: dict[str, Any]) -> Response:
    return answer(body, 200, etag(live.revision))


def _line_answer(session: Session, line: Line, status: int = 200) -> Response:
    supplied = with_something_submitted(session, [line.item_id])
    return answer(line_view(line, supplied, actor()), status, etag(line.revision))

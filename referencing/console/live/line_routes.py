"""The line in hand of a live session: shown, noted, captured, decided."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.db import now
from referencing.base.errors import DomainError
from referencing.console.typed import load, refused, words
from referencing.console.verdict_form import steps, verdict
from referencing.duo.conduct import captures, verdicts
from referencing.duo.conduct.schemas import LiveVerdictIn, NotesIn
from referencing.duo.conduct.verdicts import LiveVerdict, Notes
from referencing.duo.sessions import queries
from referencing.files.downloads import serve
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.web.forms import labelled_file_parts
from referencing.web.requests import actor, parts, transaction

from .routes import acting, session_page
from .timecodes import seconds

blueprint = Blueprint("live_lines", __name__)

#: The most files that are captured at once.
MOST = 20
_ABOUT = ("note", "recording")


@blueprint.post("/seances/<uuid:live>/preuves/<uuid:item>/montrer")
def begin(live: UUID, item: UUID) -> Response:
    """This item is shown from now on: everybody sees it in hand."""
    return acting(live, lambda session: verdicts.show(session, actor(), live, str(item)))


@blueprint.post("/seances/<uuid:live>/preuves/<uuid:item>/verdict")
def write(live: UUID, item: UUID) -> Response:
    """Keep the notes, or decide, by the button; a verdict that is begun stays typed when the notes are kept."""
    if "notes" not in request.form:
        return acting(live, lambda session: _decide(session, live, str(item)))
    begun = any(words("outcome", "comment", "missing", "due_on").values())
    return acting(live, lambda session: _note(session, live, str(item)), unsent=begun)


def _note(session: Session, live: UUID, item: str) -> None:
    noted_steps = [step for step in steps() if step["outcome"] or step["comment"]]
    noted = load(NotesIn(), {"timecode": _timecode(), "steps": noted_steps})
    notes = Notes(**{**noted, **words(*_ABOUT)})
    verdicts.write_notes(session, actor(), live, item, _revision(), notes)


def _decide(session: Session, live: UUID, item: str) -> None:
    loaded = load(LiveVerdictIn(), {**verdict(*_ABOUT), "timecode": _timecode()})
    notes = Notes(loaded.pop("note"), loaded.pop("recording"), loaded.pop("timecode"))
    said = LiveVerdict(notes=notes, **loaded)
    verdicts.decide(session, actor(), parts().vault, live, item, _revision(), said)


@blueprint.post("/seances/<uuid:live>/preuves/<uuid:item>/captures")
def capture(live: UUID, item: UUID) -> Response:
    """Add files taken of what is shown, at this moment of the session."""
    try:
        with transaction() as session:
            kind = captures.may_capture(session, actor(), live, str(item)).item.expected_proof.kind
        storage, limit = parts().vault.storage, parts().settings.largest_file
        stored = [
            store_file(storage, one.filename, one.media_type, one, limit)
            for one in labelled_file_parts("file", MOST)
        ]
        files = all_examined(storage, stored, kind)
        with transaction() as session:
            timecode = _elapsed(session, live)
            captures.capture(session, actor(), parts().vault, live, str(item), files, timecode)
    except DomainError as error:
        return session_page(live, refused(error), error.status)
    return redirect(url_for("console.live.show", live=live), 303)


@blueprint.get("/seances/<uuid:live>/captures/<uuid:file>")
def read_capture(live: UUID, file: UUID) -> Response:
    """A file taken of what was shown, from a response of its own."""
    with transaction() as session:
        queries.live_session(session, actor(), live)
        kept = queries.capture(session, live, file)
    return serve(kept, inline="telecharger" not in request.args)


def _elapsed(session: Session, live: UUID) -> int | None:
    opened = queries.live_session(session, actor(), live).opened_at
    return None if opened is None else int((now(session) - opened).total_seconds())


def _timecode() -> str:
    return seconds(request.form.get("timecode", ""))


def _revision() -> int:
    return request.form.get("revision", 0, type=int)

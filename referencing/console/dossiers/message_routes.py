"""What editor and agency tell each other about a dossier."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.files.sent import sent_files
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.messages import operations, queries
from referencing.messages.schemas import MOST_FILES, MessageIn, ReadIn
from referencing.messages.views import message_view
from referencing.web.requests import actor, parts, transaction

from .file import dossier_file

blueprint = Blueprint("messages", __name__)

MOST = 100


@blueprint.get("/dossiers/<uuid:candidature>/messages")
def show(candidature: UUID) -> Response:
    """What was written, and a form to write more."""
    return _page(candidature, BLANK)


@blueprint.post("/dossiers/<uuid:candidature>/messages")
def send(candidature: UUID) -> Response:
    """Write to the other side, or a note that the agency keeps to itself; with files."""
    try:
        said = load(MessageIn(), {**words("text", "item"), "internal": request.form.get("internal") == "on"})
        with transaction() as session:
            operations.may_send(session, actor(), candidature, said["item"], internal=said["internal"])
        files = sent_files(MOST_FILES)
        with transaction() as session:
            operations.send(session, actor(), parts().vault, candidature, **said, files=files)
    except DomainError as error:
        return _page(candidature, refused(error), error.status)
    return _to_messages(candidature)


@blueprint.post("/dossiers/<uuid:candidature>/messages/lus")
def mark_read(candidature: UUID) -> Response:
    """Say that everything up to this message was read."""
    with transaction() as session:
        operations.mark_read(session, actor(), candidature, load(ReadIn(), words("message"))["message"])
    return _to_messages(candidature)


def _to_messages(candidature: UUID) -> Response:
    return redirect(url_for("console.messages.show", candidature=candidature), 303)


def _page(candidature: UUID, typed: Typed, status: int = 200) -> Response:
    last = request.args.get("apres", type=UUID)
    with transaction() as session:
        file = dossier_file(session, actor(), candidature)
        rows = queries.messages(session, actor(), candidature, last, MOST + 1)
        following = rows[MOST - 1].id if len(rows) > MOST else None
        exchanged = [row for row in rows[:MOST] if not row.internal]
        return page(
            "dossiers/messages.html",
            status,
            file=file,
            messages=[message_view(row, actor()) for row in rows[:MOST]],
            last=exchanged[-1].id if exchanged else None,
            following=following and url_for(".show", candidature=candidature, apres=following),
            typed=typed,
        )

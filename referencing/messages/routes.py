"""Messages and the feed of events over HTTP."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.catalogue.proposals import ProofKind
from referencing.files.downloads import BYTES, serve
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.files.scanning import accept_unscannable
from referencing.journal.disclosure import disclosed
from referencing.journal.schemas import FeedEventOut
from referencing.proofs.schemas import ReasonIn
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.forms import announced_file_parts, read_json
from referencing.web.idempotency import body, once, repeats_itself
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.problems import invalid
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, queries, schemas
from .views import message_view, reading_view

blueprint = Blueprint(
    "messages", __name__, url_prefix="/api/v1", description="What editor and agency tell each other"
)


@blueprint.route("/candidatures/<uuid:candidature>/messages")
@needs(Right.DISCUSS)
@blueprint.arguments(schemas.MessagesArguments, location="query")
@blueprint.response(200, page_of(schemas.MessageOut))
def list_messages(arguments: dict[str, Any], candidature: UUID) -> Response:
    """The messages about a candidature or one of its items, oldest first."""
    page: Page = arguments["page"]
    last = (page.keys(UUID) or (None,))[0]
    with transaction() as session:
        rows = queries.messages(session, actor(), candidature, last, page.limit + 1, item=arguments["item"])
        listed, following = page.of(rows, lambda one: [one.id])
        return listing([message_view(one, actor()) for one in listed], following)


@blueprint.route("/messages/unread")
@needs(Right.DISCUSS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.MessageOut))
def list_unread_messages(arguments: dict[str, Page]) -> Response:
    """What the other side wrote and nobody of one's own has read yet, over all dossiers; oldest first.

    What is written about a dossier that is decided or withdrawn waits for a lead.
    """
    page = arguments["page"]
    with transaction() as session:
        rows = queries.inbox(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([message_view(row, actor()) for row in shown], following)


@blueprint.route("/candidatures/<uuid:candidature>/messages", methods=["POST"])
@needs(Right.DISCUSS)
@tells(LOCATION)
@repeats_itself
@blueprint.doc(requestBody=schemas.MESSAGE_BODY)
@blueprint.response(201, schemas.MessageOut)
def send_message(candidature: UUID) -> Response:
    """Write to the other side, about the candidature or one of its items.

    Without files, JSON; with files, a form whose first field `message` is that JSON. They stream to the storage.
    """
    if request.mimetype == "multipart/form-data":
        announced, files = announced_file_parts("message", schemas.LONGEST_FIELD, schemas.MOST_FILES)
        words, received = _words("message", _parsed(announced)), [announced.decode(errors="replace")]
    else:
        words, received, files = _words("json", request.get_json()), [*body()], iter(())
    with transaction() as session:
        operations.may_send(session, actor(), candidature, words["item"], internal=words["internal"])
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, part.filename, part.media_type, part, limit) for part in files]
    kept = all_examined(vault.storage, stored, ProofKind.OTHER)

    def effect() -> Response:
        with transaction() as session:
            sent = operations.send(session, actor(), vault, candidature, **words, files=kept)
            session.expire_all()
            view = message_view(queries.message(session, actor(), sent.id), actor())
            return answer(view, 201, {"Location": f"/api/v1/messages/{view['id']}"})

    return once([*received, *(part for one in stored for part in (one.filename, one.sha256))], effect)


def _parsed(announced: bytes) -> Any:
    return read_json(announced, "Le champ « message »")


def _words(place: str, sent: Any) -> dict[str, Any]:
    try:
        words: dict[str, Any] = schemas.MessageIn().load(sent)
    except ma.ValidationError as error:
        raise invalid({place: error.messages}) from error
    return words


@blueprint.route("/candidatures/<uuid:candidature>/messages/read")
@needs(Right.DISCUSS)
@blueprint.response(200, schemas.ReadMarksOut)
def read_message_marks(candidature: UUID) -> Response:
    """How many messages one has yet to read, and how far the other side has read."""
    with transaction() as session:
        return answer(reading_view(queries.reading(session, actor(), candidature), actor()))


@blueprint.route("/candidatures/<uuid:candidature>/messages/read", methods=["PUT"])
@needs(Right.DISCUSS)
@blueprint.arguments(schemas.ReadIn)
@blueprint.response(200, schemas.ReadMarksOut)
def mark_messages_read(words: dict[str, UUID], candidature: UUID) -> Response:
    """Say up to which message one has read."""
    with transaction() as session:
        operations.mark_read(session, actor(), candidature, words["message"])
        return answer(reading_view(queries.reading(session, actor(), candidature), actor()))


@blueprint.route("/messages/<uuid:message>")
@needs(Right.DISCUSS)
@blueprint.response(200, schemas.MessageOut)
def read_message(message: UUID) -> Response:
    """One message."""
    with transaction() as session:
        return answer(message_view(queries.message(session, actor(), message), actor()))


@blueprint.route("/messages/<uuid:message>/files/<uuid:file>")
@needs(Right.DISCUSS)
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_message_file(message: UUID, file: UUID) -> Response:
    """An attachment as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        attachment = queries.file(session, actor(), message, file)
    return serve(attachment)


@blueprint.route("/messages/<uuid:message>/files/<uuid:file>/acceptance", methods=["POST"])
@needs(Right.DISCUSS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.MessageOut)
def accept_message_file(words: dict[str, str], message: UUID, file: UUID) -> Response:
    """Accept, with a reason, to read an attachment that the antivirus could not scan."""
    with transaction() as session:
        accept_unscannable(session, actor(), queries.file(session, actor(), message, file), words["reason"])
        session.flush()
        return answer(message_view(queries.message(session, actor(), message), actor()))


@blueprint.route("/events")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.arguments(schemas.EventsArguments, location="query")
@blueprint.response(200, page_of(FeedEventOut, goes_on=True))
def read_events(arguments: dict[str, Any]) -> Response:
    """What happened on the candidatures that one may read, oldest first.

    `next` is always there: ask again from it later. No event ever appears before a cursor that was given.
    """
    page: Page = arguments["page"]
    stream, number = page.keys(str, int) or queries.BEGINNING
    reader = actor()
    with transaction() as session:
        entries = queries.events(session, reader, (stream, number), page.limit, arguments["candidature"])
        following = page.onward(entries, lambda one: [one.stream, one.number], queries.BEGINNING)
        return listing([shape(FeedEventOut)(disclosed(one, reader)) for one in entries], following)

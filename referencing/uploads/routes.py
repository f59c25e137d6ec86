"""Resumable uploads over HTTP: tus 1.0.0, and one view more that shows an upload and its receipt."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import format_datetime
from typing import Any, cast
from uuid import UUID

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed

from referencing.base.errors import (
    ChecksumMismatch,
    FieldError,
    Gone,
    Invalid,
    Locked,
    Unauthenticated,
    UnsupportedMedia,
    UnsupportedVersion,
    of_kind,
)
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.proofs.queries import proof
from referencing.proofs.views import receipt_view
from referencing.web.bodies import LINE, Line
from referencing.web.descriptions import LINK, LOCATION, UPLOAD_OFFSET, needs, reads, refuses, tells
from referencing.web.pages import Page, id_cursor, listing
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, queries, schemas, tus
from .models import Upload
from .states import UploadState

blueprint = Blueprint(
    "uploads", __name__, url_prefix="/api/v1", description="Large files, in pieces (tus 1.0.0)"
)

_upload = shape(schemas.UploadProgressOut)

#: What every answer tells of tus, and what those about an upload tell of it.
_TUS = ("Tus-Resumable", "Tus-Version")
_PROGRESS = (*_TUS, UPLOAD_OFFSET, "Upload-Length", "Upload-Expires", LINK)
_CONTENT = {"content": {tus.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}


@blueprint.before_request
def _speak_tus() -> None:
    """Raises UnsupportedVersion; what only this API has (GET) needs no version."""
    if request.method in {"GET", "OPTIONS"}:
        return
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise UnsupportedVersion(
            f"Envoyez l'en-tête « Tus-Resumable: {tus.VERSION} », la version comprise ici."
        )


@blueprint.after_request
def _say_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = tus.VERSION
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/uploads", methods=["OPTIONS"])
@tells("Tus-Extension", "Tus-Checksum-Algorithm", "Tus-Max-Size", *_TUS)
@refuses(Unauthenticated)
@blueprint.response(204)
def discover_uploads() -> Response:
    """The version, the extensions and the limits of tus that are understood here."""
    return Response(
        status=204,
        headers={
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
            "Tus-Max-Size": str(parts().settings.largest_upload),
        },
    )


@blueprint.route("/uploads")
@needs(Right.SUPPLY_PROOFS)
@tells(*_TUS)
@blueprint.arguments(schemas.UploadsArguments, location="query")
@blueprint.response(200, page_of(schemas.UploadProgressOut))
def list_uploads(arguments: dict[str, Any]) -> Response:
    """One's own uploads that may still go on, in the order of beginning: after a program was killed, say.

    What has become a proof, was refused or has expired is not there.
    """
    page: Page = arguments["page"]
    with transaction() as session:
        begun = queries.unfinished(
            session, actor(), id_cursor(page), page.limit + 1, arguments["candidature"]
        )
        on_page, following = page.of(begun, lambda upload: [upload.id])
        return listing([_upload(upload, actor()) for upload in on_page], following)


@blueprint.route("/uploads", methods=["POST"])
@needs(Right.SUPPLY_PROOFS)
@reads("Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Checksum")
@blueprint.doc(requestBody=_CONTENT)
@tells(LOCATION, *_PROGRESS)
@refuses(UnsupportedVersion, ChecksumMismatch, Gone, Locked)
@blueprint.response(201)
def begin() -> Response:
    """Begin an upload for an item; the request may bring the first bytes.

    `Upload-Metadata` names `candidature`, `item` (id or expected proof's code), `filename`, and may give `filetype`
    and the `sha256` of the whole file in hexadecimal; of an intrusion test also `performed_on`, the day of the test.
    """
    length = tus.number("Upload-Length", request.headers.get("Upload-Length"))
    metadata = request.headers.get("Upload-Metadata")
    words = _words(tus.metadata(metadata))
    vault, settings = parts().vault, parts().settings
    with transaction() as session:
        upload = operations.begin(
            session,
            actor(),
            vault,
            operations.Announced(**words, length=length, metadata=metadata or ""),
            largest=settings.largest_upload,
            quota=settings.upload_quota,
        )
    if request.mimetype == tus.MEDIA_TYPE:
        upload = _receive(upload.id, 0)
    headers = _progress(upload) | {"Location": f"/api/v1/uploads/{upload.id}"}
    return Response(status=201, headers=headers)


def _words(pairs: dict[str, str]) -> dict[str, Any]:
    try:
        words: dict[str, Any] = schemas.MetadataIn().load(pairs)
    except ma.ValidationError as error:
        messages = cast("dict[str, list[str]]", error.messages)
        errors = [FieldError(f"/{key}", sentences[0]) for key, sentences in messages.items()]
        raise Invalid("Corrigez l'en-tête Upload-Metadata.", errors) from error
    return words


@blueprint.route("/uploads/<uuid:upload>")
@needs(Right.SUPPLY_PROOFS)
@tells("Upload-Metadata", *_PROGRESS)
@refuses(UnsupportedVersion, Gone)
@blueprint.response(200, schemas.UploadOut)
def read_upload(upload: UUID) -> Response:
    """An upload with its progress, and its receipt once it is a proof. HEAD is that of tus: who asks is to go on.

    So a request of whose client nothing is heard any more ends first, and what it brought counts.
    """
    if request.method == "HEAD":
        with suppress(Locked), _held(upload):
            pass
    with transaction() as session:
        own_upload = queries.upload(session, actor(), upload)
        if request.method == "HEAD":
            operations.refuse_gone(session, own_upload)
        return answer(
            _view(session, own_upload),
            headers=_progress(own_upload) | {"Upload-Metadata": own_upload.metadata_},
        )


@blueprint.route("/uploads/<uuid:upload>", methods=["PATCH"])
@needs(Right.SUPPLY_PROOFS)
@reads("Tus-Resumable", "Upload-Offset", "Upload-Checksum")
@blueprint.doc(requestBody=_CONTENT)
@tells(*_PROGRESS)
@refuses(UnsupportedVersion, ChecksumMismatch, Gone, Locked)
@blueprint.response(204)
def write(upload: UUID) -> Response:
    """Bring the bytes from `Upload-Offset` on. The last ones make the file a proof of its item."""
    if request.mimetype != tus.MEDIA_TYPE:
        raise UnsupportedMedia(f"Envoyez les octets tels quels, en {tus.MEDIA_TYPE}.")
    offset = tus.number("Upload-Offset", request.headers.get("Upload-Offset"))
    return Response(status=204, headers=_progress(_receive(upload, offset)))


@blueprint.route("/uploads/<uuid:upload>", methods=["DELETE"])
@needs(Right.SUPPLY_PROOFS)
@reads("Tus-Resumable")
@tells(*_TUS)
@refuses(UnsupportedVersion, Gone, Locked)
@blueprint.response(204)
def terminate(upload: UUID) -> Response:
    """Forget an upload that is not a proof yet."""
    with _held(upload), transaction() as session:
        operations.terminate(session, actor(), upload)
    return Response(status=204)


@blueprint.route("/uploads/<uuid:upload>", methods=["POST"])
@needs(Right.SUPPLY_PROOFS)
@reads("Tus-Resumable", "X-HTTP-Method-Override")
@blueprint.doc(requestBody=_CONTENT)
@tells(*_PROGRESS)
@refuses(UnsupportedVersion, ChecksumMismatch, Gone, Locked)
@blueprint.response(204)
def override_upload_method(upload: UUID) -> Response:
    """PATCH or DELETE, as `X-HTTP-Method-Override` says, for who cannot send them."""
    views: dict[str, Callable[[UUID], Response]] = {"PATCH": write, "DELETE": terminate}
    view = views.get(request.headers.get("X-HTTP-Method-Override", ""))
    if view is None:
        raise MethodNotAllowed(["GET", "HEAD", "PATCH", "DELETE"])
    return view(upload)


def _receive(upload_id: UUID, offset: int) -> Upload:
    """Take in the body of a request. Raises the refusal of an upload that is now whole and no proof."""
    sessions, vault = parts().sessions, parts().vault
    announced = tus.checksum(request.headers.get("Upload-Checksum"))
    with _held(upload_id) as is_wanted:
        with transaction() as session:
            upload = operations.may_receive(session, actor(), vault, upload_id, offset)
        if upload.state is UploadState.RECEIVING:
            body = tus.Body(_Connection(is_wanted), upload.length - offset, announced)
            operations.receive(sessions, vault, upload, body)
        with transaction() as session:
            upload = operations.finish(session, vault, upload_id)
    if upload.refusal is not None:
        raise of_kind(upload.refusal["kind"], upload.refusal["detail"])
    if upload.state is UploadState.LOST:
        raise Gone(operations.LOST)
    return upload


@contextmanager
def _held(upload_id: UUID) -> Iterator[Callable[[], bool]]:
    """Lock an upload that the actor may know of: others do not learn that somebody writes to it.

    Yields what tells whether somebody else of the actor's waits for it.
    """
    with transaction() as session:
        queries.upload(session, actor(), upload_id)
    with queries.held(parts().direct, upload_id) as is_wanted:
        yield is_wanted


class _Connection:
    """The body as the server gives it, without the copies of what parses other bodies.

    It ends when nothing comes and the upload `is_wanted` elsewhere; of a server without lines, when that one ends it.
    """

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        line: Line | None = request.environ.get(LINE)
        if line is not None:
            line.is_useless = is_wanted
        self._stream = request.environ["wsgi.input"]
        chunked = bool(request.environ.get("wsgi.input_terminated")) and request.content_length is None
        self._left = sys.maxsize if chunked else request.content_length or 0
        self._announced = not chunked

    def read(self, size: int, /) -> bytes:
        """Raises OSError when the client is gone."""
        size = min(size, self._left)
        block: bytes = self._stream.read(size) if size else b""
        if not block and size and self._announced:
            raise ConnectionResetError
        self._left -= len(block)
        return block


def _progress(upload: Upload) -> dict[str, str]:
    headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length)}
    if upload.state is UploadState.RECEIVING:
        headers["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    if upload.proof_id is not None:
        headers["Link"] = f'</api/v1/proofs/{upload.proof_id}>; rel="item"'
    return headers


def _view(session: Session, upload: Upload) -> dict[str, Any]:
    version = proof(session, actor(), upload.proof_id) if upload.proof_id else None
    receipt = receipt_view(session, actor(), version) if version else None
    return {**_upload(upload, actor()), "receipt": receipt}

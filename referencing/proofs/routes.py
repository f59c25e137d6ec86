"""Proofs and their files over HTTP."""

from urllib.parse import quote
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.datastructures import Range

from referencing.errors import RangeNotSatisfiable
from referencing.http import actor, answer, parts, transaction

from . import queries, scanning, schemas
from .models import KeptFile
from .scanning import refuse_unread
from .views import proof_view

blueprint = Blueprint("proofs", __name__, url_prefix="/api/v1", description="What was supplied")


BYTES = {"type": "string", "format": "binary"}


@blueprint.route("/proofs/<uuid:proof>")
@blueprint.response(200, schemas.ProofOut)
def read_proof(proof: UUID) -> Response:
    """One version of what was supplied for an item, and what was found on it."""
    with transaction() as session:
        return answer(proof_view(queries.proof(session, actor(), proof)))


@blueprint.route("/proofs/<uuid:proof>/files/<uuid:file>")
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_file(proof: UUID, file: UUID) -> Response:
    """A file as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        found = queries.file(session, actor(), proof, file)
    return serve(found)


def serve(found: KeptFile) -> Response:
    """A kept file, or the part of it that the request asks for. Raises Conflict while nobody may read it."""
    refuse_unread(parts().vault, found)
    size = found.content.size
    asked = _range(found)
    start, stop = _span(asked, size) if asked else (0, size)
    content = parts().vault.storage.read(found.sha256, start=start, length=stop - start)
    response = Response(content, status=206 if asked else 200, headers=_headers(found))
    response.content_length = stop - start
    if asked:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


@blueprint.route("/proofs/<uuid:proof>/files/<uuid:file>/acceptance", methods=["POST"])
@blueprint.arguments(schemas.ReasonIn)
@blueprint.response(200, schemas.ProofOut)
def accept_unscannable(words: dict[str, str], proof: UUID, file: UUID) -> Response:
    """Accept, with a reason, to read a file that the antivirus could not scan."""
    with transaction() as session:
        found = queries.file(session, actor(), proof, file)
        scanning.accept_unscannable(session, actor(), found, words["reason"])
        session.flush()
        return answer(proof_view(queries.proof(session, actor(), proof)))


def _range(file: KeptFile) -> Range | None:
    """One range of bytes, of the very content that the client has a part of (If-Range)."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    condition = request.if_range
    return asked if condition.etag in {None, file.sha256} and condition.date is None else None


def _span(asked: Range, size: int) -> tuple[int, int]:
    """From which byte to before which; a suffix longer than the file is all of it (RFC 9110, 14.1.2)."""
    start, stop = asked.ranges[0]
    if start < 0:
        return max(size + start, 0), size
    if start >= size:
        raise RangeNotSatisfiable(f"Le fichier a {size} octets : demandez une plage qui y tient.")
    return start, min(stop or size, size)


def _headers(file: KeptFile) -> dict[str, str]:
    name = file.filename.replace("/", "_").replace("\\", "_")
    return {
        "Content-Type": file.media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Scan": file.content.scan,
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "private, no-cache",
    }

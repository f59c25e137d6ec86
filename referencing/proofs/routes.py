"""Proofs and their files over HTTP."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from werkzeug.datastructures import Range

from referencing.errors import RangeNotSatisfiable
from referencing.http import actor, answer, parts, transaction
from referencing.inspection.families import UNKNOWN, Family, agree, canonical, family_of

from . import queries, scanning, schemas
from .models import ProofFile
from .scanning import refuse_unread
from .staleness import stale
from .views import proof_view

blueprint = Blueprint("proofs", __name__, url_prefix="/api/v1", description="What was supplied")


@blueprint.route("/proofs/<uuid:proof>")
@blueprint.response(200, schemas.ProofOut)
def read_proof(proof: UUID) -> Response:
    """One version of what was supplied for an item, and what was found on it."""
    with transaction() as session:
        return answer(_view(session, proof))


@blueprint.route("/proofs/<uuid:proof>/files/<uuid:file>")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
@blueprint.alt_response(
    206, schema={"type": "string", "format": "binary"}, content_type="application/octet-stream", success=True
)
def read_file(proof: UUID, file: UUID) -> Response:
    """A file as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        found = queries.file(session, actor(), proof, file)
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
        return answer(_view(session, proof))


def _view(session: Session, proof_id: UUID) -> dict[str, Any]:
    found = queries.proof(session, actor(), proof_id)
    return proof_view(found, stale(session, [found.id]))


def _range(file: ProofFile) -> Range | None:
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


def _served_type(file: ProofFile) -> str:
    """As declared, with its charset, where the content agrees; else what the content is, where that is certain.

    The declaration comes from outside: it must not choose the program that opens the file.
    """
    if file.detected_type is None or agree(canonical(file.media_type), file.detected_type):
        return file.media_type
    return UNKNOWN if family_of(file.detected_type) is Family.OTHER else file.detected_type


def _headers(file: ProofFile) -> dict[str, str]:
    name = file.filename.replace("/", "_").replace("\\", "_")
    return {
        "Content-Type": _served_type(file),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Scan": file.content.scan,
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "private, no-cache",
    }

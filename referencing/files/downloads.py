"""A kept file over HTTP: whole or in part, and as nothing that a browser would run."""

from urllib.parse import quote

from flask import Response, g, request
from werkzeug.datastructures import Range

from referencing.base.errors import RangeNotSatisfiable
from referencing.files.inspection.families import UNKNOWN, Family, agree, canonical, family_of
from referencing.web.answers.digests import REPRESENTATION, digest_field
from referencing.web.requests import actor, parts, transaction

from .models import KeptFile
from .reads.operations import note_read
from .scanning import refuse_unread

#: What a browser may show by itself, by content; everything else is downloaded.
_SHOWN = frozenset({Family.IMAGE, Family.PDF, Family.TEXT, Family.VIDEO})
_NOT_SHOWN = frozenset({"image/tiff", "video/x-msvideo", "video/x-matroska"})  # which no browser reads
#: A page that shows a file is of ours; the file itself runs nothing, loads nothing and speaks for nobody.
_SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
    "frame-ancestors 'self'"
)

#: The body of a file, as the description of the API says it.
BYTES = {"type": "string", "format": "binary"}


def may_be_shown(content_type: str | None) -> bool:
    """Whether a browser may show a file in a page, by the type that it was found to be; what was not looked at: no."""
    return content_type is not None and content_type not in _NOT_SHOWN and family_of(content_type) in _SHOWN


def serve(file: KeptFile, *, inline: bool = False) -> Response:
    """A kept file, the part of it that the request asks for, or nothing where the client has it (RFC 9110, 13.1.2).

    `inline` lets a browser show it, when it is of a kind that may be. Who reads it is noted before a byte is sent.
    Raises Conflict while nobody may read it.
    """
    refuse_unread(parts().vault, file)
    if request.if_none_match.contains_weak(file.sha256):
        return Response(status=304, headers=_headers(file, inline=inline))
    size = file.content.size
    byte_range = _range(file)
    start, stop = _span(byte_range, size) if byte_range else (0, size)
    with transaction() as session:
        note_read(session, actor(), request.remote_addr, file)
    content = parts().vault.storage.read(file.sha256, start=start, length=stop - start)
    headers = _headers(file, inline=inline and may_be_shown(file.detected_type))
    response = Response(content, status=206 if byte_range else 200, headers=headers)
    response.content_length = stop - start
    if byte_range:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _range(file: KeptFile) -> Range | None:
    """The one range of bytes that a request asks for, of the content that the client has a part of (If-Range)."""
    byte_range = request.range
    if byte_range is None or byte_range.units != "bytes" or len(byte_range.ranges) != 1:
        return None
    condition = request.if_range
    return byte_range if condition.etag in {None, file.sha256} and condition.date is None else None


def _span(byte_range: Range, size: int) -> tuple[int, int]:
    """The first byte of a range and the one behind its last; too long a suffix is the whole file (RFC 9110, 14.1.2)."""
    start, stop = byte_range.ranges[0]
    if start < 0:
        return max(size + start, 0), size
    if start >= size:
        raise RangeNotSatisfiable(f"Le fichier a {size} octets : demandez une plage qui y tient.")
    return start, min(stop or size, size)


def _served_type(file: KeptFile) -> str:
    """The declared type, with its charset, where the content agrees; else the content's, where that is certain.

    The declaration comes from outside: it must not choose the program that opens the file.
    """
    if file.detected_type is None or agree(canonical(file.media_type), file.detected_type):
        return file.media_type
    return UNKNOWN if family_of(file.detected_type) is Family.OTHER else file.detected_type


def _shown_type(file: KeptFile) -> str:
    """A text is shown as plain text, whatever language it is written in."""
    content = file.detected_type or UNKNOWN
    return "text/plain; charset=utf-8" if family_of(content) is Family.TEXT else content


def _headers(file: KeptFile, *, inline: bool) -> dict[str, str]:
    name = file.filename.replace("/", "_").replace("\\", "_")
    return {
        "Content-Type": _shown_type(file) if inline else _served_type(file),
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _SANDBOX if inline else "sandbox; default-src 'none'",
        "X-Frame-Options": "SAMEORIGIN" if inline else "DENY",
        "X-Content-Type-Options": "nosniff",
        "X-Scan": file.scan,
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        REPRESENTATION: digest_field(bytes.fromhex(file.sha256)),
        # A program asks again by the digest that it has; a browser keeps nothing on a machine that others may use.
        "Cache-Control": "private, no-store" if "browser" in g else "private, no-cache",
    }

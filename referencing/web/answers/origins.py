"""Pages of other origins that may call the API, by a setting (CORS, in the Fetch standard); none by default.

They send a key of their own: no cookie of the console is ever let pass, and what is below other addresses than the
API's is nobody's but the console's.
"""

from collections.abc import Set
from functools import partial

from flask import Flask, Response, request

from referencing.web.requests import ALLOWED_ORIGIN

from .finishing import API

#: What a page may send, and may read, beside what the standard allows to everybody.
_SENT = (
    *(
        "Authorization",
        "Content-Digest",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "If-Range",
    ),
    *(
        "Last-Event-ID",
        "Prefer",
        "Range",
        "Tus-Resumable",
        "Upload-Checksum",
        "Upload-Length",
        "Upload-Metadata",
    ),
    *("Upload-Offset", "X-HTTP-Method-Override", "X-Request-Id"),
)
_READ = (
    *("Accept-Ranges", "Allow", "Content-Digest", "Content-Disposition", "Content-Range", "ETag"),
    *(
        "Idempotent-Replayed",
        "Link",
        "Location",
        "Preference-Applied",
        "RateLimit",
        "RateLimit-Policy",
        "Repr-Digest",
    ),
    *(
        "Retry-After",
        "Tus-Checksum-Algorithm",
        "Tus-Extension",
        "Tus-Max-Size",
        "Tus-Resumable",
        "Tus-Version",
    ),
    *("Upload-Expires", "Upload-Length", "Upload-Metadata", "Upload-Offset", "X-Request-Id", "X-Scan"),
)
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
#: Seconds for which a browser need not ask again.
_REMEMBERED = 7_200


def admit_origins(app: Flask, origins: Set[str]) -> None:
    """Let pages of these origins call the API; before anything else asks for a key."""
    if origins:
        app.before_request(partial(_answer_preflight, origins))
        app.after_request(partial(_tell_origin, origins))


def _answer_preflight(origins: Set[str]) -> Response | None:
    """What a browser asks before it sends a page's request: by no key, as it has none to send."""
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not is_preflight or not _is_admitted(origins):
        return None
    told = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": ", ".join(_SENT),
        "Access-Control-Max-Age": str(_REMEMBERED),
    }
    return Response(status=204, headers=told)


def _tell_origin(origins: Set[str], response: Response) -> Response:
    if not request.path.startswith(API):
        return response
    response.vary.add("Origin")
    if _is_admitted(origins):
        allowed = {"Access-Control-Allow-Origin": request.headers["Origin"]}
        response.headers.update(allowed)
        response.headers["Access-Control-Expose-Headers"] = ", ".join(_READ)
        request.environ[ALLOWED_ORIGIN] = allowed
    return response


def _is_admitted(origins: Set[str]) -> bool:
    return request.path.startswith(API) and request.headers.get("Origin") in origins

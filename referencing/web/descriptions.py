"""What the description of an operation tells beside its shapes.

The headers that it reads and tells, the right that it takes, what it refuses beyond what all of them refuse.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from apispec import APISpec, BasePlugin
from flask_smorest import Blueprint

from referencing.base.errors import DomainError
from referencing.base.permissions import Right

from .headers import REPLAYED
from .requests import CHANGES

View = TypeVar("View", bound=Callable[..., Any])

IF_MATCH, IF_MATCH_IF_ANY = "If-Match", "If-Match-if-any"
IDEMPOTENCY_KEY, PREFER, CONTENT_DIGEST = "Idempotency-Key", "Prefer", "Content-Digest"
IF_NONE_MATCH, PREFERENCE_APPLIED = "If-None-Match", "Preference-Applied"
LAST_EVENT_ID = "Last-Event-ID"
ETAG, LOCATION, LINK, RETRY_AFTER = "ETag", "Location", "Link", "Retry-After"
UPLOAD_OFFSET = "Upload-Offset"
#: Of a file: its name, the bytes of it that came, and what the scan found.
OF_A_FILE = ("Content-Disposition", "Accept-Ranges", "Content-Range", "X-Scan", "Repr-Digest")
#: Of a table or a text that is taken away as a file.
OF_A_SHEET = ("Content-Disposition", "Repr-Digest")

_VERSION_READ = "the ETag of what one has read, or its `revision`: another one by now is refused (412)"

#: By the name that the description has for it: the header, whether it has to come, and what it says.
_PARAMETERS = {
    IF_MATCH: (IF_MATCH, True, f"{_VERSION_READ}, and so is none (428)"),
    IF_MATCH_IF_ANY: (IF_MATCH, False, _VERSION_READ),
    IDEMPOTENCY_KEY: (
        IDEMPOTENCY_KEY,
        False,
        "of one's own choice, 200 characters at most: sent again within 72 hours, the request gets the first answer",
    ),
    PREFER: (
        PREFER,
        False,
        "`return=minimal`: no body is answered where one knows by which address to read it (RFC 7240)",
    ),
    CONTENT_DIGEST: (
        CONTENT_DIGEST,
        False,
        "`sha-256=:BASE64:` of the body: another one that came is refused (RFC 9530)",
    ),
    IF_NONE_MATCH: (IF_NONE_MATCH, False, "the ETag of what one has: 304 where that still holds"),
    LAST_EVENT_ID: (LAST_EVENT_ID, False, "of a stream that was cut: the number of the last event that came"),
    "Tus-Resumable": ("Tus-Resumable", True, "`1.0.0`"),
    "Upload-Length": ("Upload-Length", True, "bytes of the whole file"),
    "Upload-Metadata": (
        "Upload-Metadata",
        True,
        "pairs, separated by commas, of a key and its value in base64 of UTF-8: "
        "`candidature MDFhMjI1ZGE=,item TEdDLVYy,filename YS5wZGY=`",
    ),
    "Upload-Offset": ("Upload-Offset", True, "the byte from which the content goes on, as HEAD tells it"),
    "Upload-Checksum": (
        "Upload-Checksum",
        False,
        "of this request's bytes: `sha256`, `sha1` or `md5`, a blank, and the digest in base64",
    ),
    "X-HTTP-Method-Override": ("X-HTTP-Method-Override", True, "`PATCH` or `DELETE`"),
}

#: How the headers are written of which nothing else is understood.
_PATTERNS = {
    IDEMPOTENCY_KEY: r'^("[ !#-\[\]-~]{1,200}"|[^"]{1,200})$',
    "Tus-Resumable": r"^1\.0\.0$",
    "Upload-Length": "^[0-9]+$",
    "Upload-Offset": "^[0-9]+$",
    "X-HTTP-Method-Override": "^(PATCH|DELETE)$",
}

#: What an answer says by a header, and whether it is a number.
_ANSWERS = {
    ETAG: ("the version of what is answered, for `If-Match` or `If-None-Match`", False),
    LOCATION: ("the address of what was made, or of its progress", False),
    LINK: ("RFC 8288: the address of the next page, where there is one, or of what came of an upload", False),
    RETRY_AFTER: ("seconds after which it is worth asking again", True),
    REPLAYED: ("`true` on an answer that was given before to a request with this key", False),
    PREFERENCE_APPLIED: ("`return=minimal` where a body was left out", False),
    "Repr-Digest": (
        "`sha-256=:BASE64:` of the whole file, whatever part of it is answered (RFC 9530)",
        False,
    ),
    "WWW-Authenticate": ("how one says who one is", False),
    "RateLimit": ("what is left of the share of this minute, where there is a limit", False),
    "RateLimit-Policy": ("the share of a minute, where there is a limit", False),
    "Content-Disposition": ("the name of the file", False),
    "Accept-Ranges": ("`bytes`: parts of the file may be asked for", False),
    "Content-Range": ("which bytes of the file these are", False),
    "X-Scan": ("what the scan for viruses found", False),
    UPLOAD_OFFSET: ("how many bytes are there", True),
    "Upload-Length": ("how many bytes there will be", True),
    "Upload-Expires": ("when what has come of the upload is forgotten", False),
    "Upload-Metadata": ("what the upload was begun with", False),
    "Tus-Resumable": ("the version of tus that is spoken", False),
    "Tus-Version": ("the versions of tus that are understood", False),
    "Tus-Extension": ("the extensions of tus that are understood", False),
    "Tus-Checksum-Algorithm": ("the digests that `Upload-Checksum` may name", False),
    "Tus-Max-Size": ("the most bytes of one upload", True),
}

READS, TELLS, REFUSES, RIGHTS = "x-reads", "x-tells", "x-refuses", "x-rights"
#: Headers of a piece of an upload: its offset makes it repeatable, whatever key comes.
_OF_PIECES = frozenset({"Upload-Offset", "X-HTTP-Method-Override"})


def reads(*names: str) -> Callable[[View], View]:
    """Have a view described with these headers of its request: names of `_PARAMETERS`."""
    described: Callable[[View], View] = Blueprint.doc(**{READS: names})
    return described


def tells(*names: str) -> Callable[[View], View]:
    """Have a view described with these headers of what it answers: names of `_ANSWERS`."""
    described: Callable[[View], View] = Blueprint.doc(**{TELLS: names})
    return described


def refuses(*errors: type[DomainError]) -> Callable[[View], View]:
    """Have a view described with problems that few operations answer."""
    described: Callable[[View], View] = Blueprint.doc(**{REFUSES: errors})
    return described


def needs(*rights: Right) -> Callable[[View], View]:
    """Have a view take one of these rights, asked before its request is read; one without serves whoever is known."""

    def marked(view: View) -> View:
        described: View = Blueprint.doc(**{RIGHTS: rights})(view)
        described.rights = rights  # type: ignore[attr-defined]
        return described

    return marked


def asks_no_key(*, hears_one: bool = False) -> Callable[[View], View]:
    """Have a view answer without a key, as no other does; one that comes says who asks where the view `hears_one`."""

    def marked(view: View) -> View:
        described: View = Blueprint.doc(security=[{}, {"key": []}] if hears_one else [])(view)
        described.asks_no_key, described.hears_key = True, hears_one  # type: ignore[attr-defined]
        return described

    return marked


class Headers(BasePlugin):
    """Tells the headers that views read, and that any change below `api` may carry an Idempotency-Key."""

    def __init__(self, api: str) -> None:
        self.api = api

    def init_spec(self, spec: APISpec) -> None:
        for described, (header, required, words) in _PARAMETERS.items():
            pattern = {"pattern": _PATTERNS[header]} if header in _PATTERNS else {}
            parameter = {
                "name": header,
                "required": required,
                "description": words,
                "schema": {"type": "string", "minLength": 1, **pattern},
            }
            spec.components.parameter(described, "header", parameter)
        for header, (words, is_number) in _ANSWERS.items():
            schema = {"type": "integer", "minimum": 0} if is_number else {"type": "string", "minLength": 1}
            spec.components.header(header, {"description": words, "schema": schema}, lazy=True)

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **_: Any
    ) -> None:
        for method, operation in (operations or {}).items():
            names = list(operation.pop(READS, ()))
            if path and path.startswith(self.api):
                names += self._of_all(method, operation, whole=_OF_PIECES.isdisjoint(names))
            if names:
                operation["parameters"] = [*operation.get("parameters", []), *names]

    @staticmethod
    def _of_all(method: str, operation: dict[str, Any], *, whole: bool) -> Iterator[str]:
        """What any operation of its kind reads; one that is not `whole` takes pieces of an upload."""
        responses: dict[str, Any] = operation["responses"]
        if "304" in responses:
            yield IF_NONE_MATCH
        if whole and method.upper() in CHANGES:
            yield IDEMPOTENCY_KEY
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            yield CONTENT_DIGEST
        if any(
            PREFERENCE_APPLIED in responses.get(status, {}).get("headers", ()) for status in ("201", "204")
        ):
            yield PREFER

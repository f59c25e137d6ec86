"""What the description of an operation tells beside its shapes: the headers that it reads, the right that it takes."""

from collections.abc import Callable
from typing import Any, TypeVar

from apispec import APISpec, BasePlugin
from flask_smorest import Blueprint

from referencing.base.permissions import MAY, Right

from .requests import CHANGES

View = TypeVar("View", bound=Callable[..., Any])

IF_MATCH, IF_MATCH_IF_ANY = "If-Match", "If-Match-if-any"
IDEMPOTENCY_KEY = "Idempotency-Key"
LAST_EVENT_ID = "Last-Event-ID"

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

_READS, _RIGHTS = "x-reads", "x-rights"
#: Headers of a piece of an upload: its offset makes it repeatable, whatever key comes.
_OF_PIECES = frozenset({"Upload-Offset", "X-HTTP-Method-Override"})


def reads(*names: str) -> Callable[[View], View]:
    """Have a view described with these headers: names of `_PARAMETERS`."""
    described: Callable[[View], View] = Blueprint.doc(**{_READS: names})
    return described


def needs(*rights: Right) -> Callable[[View], View]:
    """Have a view take one of these rights, asked before its request is read; one without serves whoever is known."""

    def marked(view: View) -> View:
        described: View = Blueprint.doc(**{_RIGHTS: rights})(view)
        described.rights = rights  # type: ignore[attr-defined]
        return described

    return marked


class Headers(BasePlugin):
    """Tells the headers that views read, and that any change below `api` may carry an Idempotency-Key."""

    def __init__(self, api: str) -> None:
        self.api = api

    def init_spec(self, spec: APISpec) -> None:
        for described, (header, required, words) in _PARAMETERS.items():
            parameter = {
                "name": header,
                "required": required,
                "description": words,
                "schema": {"type": "string"},
            }
            spec.components.parameter(described, "header", parameter)

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **_: Any
    ) -> None:
        for method, operation in (operations or {}).items():
            names = list(operation.pop(_READS, ()))
            whole = _OF_PIECES.isdisjoint(names)
            if whole and method.upper() in CHANGES and path and path.startswith(self.api):
                names.append(IDEMPOTENCY_KEY)
            if names:
                operation["parameters"] = [*operation.get("parameters", []), *names]


class Rights(BasePlugin):
    """Tells of each operation the right it takes, as the roles of its key's security, and in words with who has it."""

    def operation_helper(
        self,
        path: str | None = None,  # noqa: ARG002 - apispec's signature
        operations: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        for operation in (operations or {}).values():
            rights = operation.pop(_RIGHTS, ())
            if rights:
                words = " or ".join(f"`{right}` ({', '.join(sorted(MAY[right]))})" for right in rights)
                operation["security"] = [{"key": [right.value]} for right in rights]
                operation["description"] = f"{operation.get('description', '')}\n\nRight: {words}.".strip()

"""What is said of every operation by its name, its address and its method, once for all of them."""

from collections.abc import Sequence
from typing import Any

from apispec import BasePlugin
from werkzeug.routing import Rule

from referencing.base.errors import DomainError
from referencing.base.permissions import MAY
from referencing.web.descriptions import (
    ETAG,
    IF_MATCH,
    IF_MATCH_IF_ANY,
    LINK,
    LOCATION,
    OF_A_FILE,
    OF_A_SHEET,
    PREFERENCE_APPLIED,
    READS,
    REFUSES,
    RIGHTS,
    TELLS,
)
from referencing.web.headers import REPLAYED
from referencing.web.requests import CHANGES

from .problems import name_of, statuses

ANYBODY = "Who: anybody, without a key."
WHOEVER_IS_KNOWN = "Who: whoever is known; each sees what is theirs."


class Operations(BasePlugin):
    """Names operations, says who may call them, which problems they answer and with which headers."""

    def __init__(self, api: str) -> None:
        self.api = api

    def operation_helper(
        self,
        path: str | None = None,
        operations: dict[str, Any] | None = None,
        *,
        rule: Rule | None = None,
        **_: Any,
    ) -> None:
        if path is None or rule is None:
            return
        for method, operation in (operations or {}).items():
            operation["operationId"] = operation_id(str(rule.endpoint), rule.rule)
            operation["responses"] = {str(code): answer for code, answer in operation["responses"].items()}
            _say_who(operation)
            if path.startswith(self.api):
                _tell_headers(operation, method.upper())
            self._tell_problems(path, method, operation)

    def _tell_problems(self, path: str, method: str, operation: dict[str, Any]) -> None:
        responses = operation["responses"]
        refused: tuple[type[DomainError], ...] = operation.pop(REFUSES, ())
        if path.startswith(self.api) and method != "options":
            versions = {IF_MATCH, IF_MATCH_IF_ANY} & set(operation.get(READS, ()))
            expected = statuses(
                changes=method.upper() in CHANGES,
                known=operation.get("security") != [],
                versioned=bool(versions),
                ranged="206" in responses,
            )
        else:
            expected = set()
        for status in sorted(expected | {error.status for error in refused}):
            if not _has_shape(responses.get(str(status), {})):
                responses[str(status)] = name_of(status)


def _has_shape(response: Any) -> bool:
    """Whether the view says by itself what it answers so, as no problem."""
    return isinstance(response, dict) and "content" in response


def _say_who(operation: dict[str, Any]) -> None:
    """Say who may call an operation: by a right, as the role of its key's security and in words with who has it."""
    rights = operation.pop(RIGHTS, ())
    words = ANYBODY if "security" in operation else WHOEVER_IS_KNOWN
    if rights:
        by_right = " or ".join(f"`{right}` ({', '.join(sorted(MAY[right]))})" for right in rights)
        words = f"Right: {by_right}."
        operation["security"] = [{"key": [right.value]} for right in rights]
    operation["description"] = f"{operation.get('description', '')}\n\n{words}".strip()


def _tell_headers(operation: dict[str, Any], method: str) -> None:
    """The headers of an operation of the API: those that its view tells, and those that any of its kind has."""
    names = list(operation.pop(TELLS, ()))
    responses: dict[str, Any] = operation["responses"]
    if any(parameter.get("name") == "cursor" for parameter in _inline(operation)):
        names.append(LINK)
    if "206" in responses:
        names += OF_A_FILE
    elif any(_is_sheet(response) for response in responses.values()):
        names += OF_A_SHEET
    if method == "GET" and "content" in responses.get("200", {}):
        names.append(ETAG)
        responses["304"] = {"description": "Nothing has changed since the ETag of `If-None-Match`."}
    if method in CHANGES:
        names.append(REPLAYED)
        if _is_minimal_where_preferred(method, responses, names):
            names.append(PREFERENCE_APPLIED)
            if "200" in responses:
                responses.setdefault("204", {"description": "Done; the body is left out, as preferred."})
    for status, response in responses.items():
        if status.startswith(("2", "3")) and isinstance(response, dict) and names:
            response["headers"] = {name: name for name in names} | response.get("headers", {})


def _is_minimal_where_preferred(method: str, responses: dict[str, Any], names: Sequence[str]) -> bool:
    """Whether `Prefer: return=minimal` is heard: where the answer, in JSON, has an address to be read by."""
    is_json = any(
        "application/json" in responses.get(status, {}).get("content", {}) for status in ("200", "201")
    )
    return is_json and (method != "POST" or LOCATION in names)


def _is_sheet(response: Any) -> bool:
    """Whether an answer may be something else than JSON, and then has the name of a file."""
    return isinstance(response, dict) and bool(response.get("content", {}).keys() - {"application/json"})


def _inline(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in operation.get("parameters", []) if isinstance(one, dict)]


def operation_id(endpoint: str, address: str) -> str:
    """The name of the view, as `submitCandidature`: a verb that stands alone takes the noun from its address."""
    words = endpoint.rpartition(".")[2].split("_")
    if len(words) == 1:
        words += _noun(address).split("-")
    return words[0] + "".join(word.title() for word in words[1:])


def _noun(address: str) -> str:
    """What an address names last by an id, or else first, in the singular."""
    parts = address.strip("/").split("/")
    named = [parts[place - 1] for place, part in enumerate(parts) if part.startswith("<") and place]
    noun = named[-1] if named else parts[min(2, len(parts) - 1)]
    return f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")

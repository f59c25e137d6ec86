"""Every answer that a test of these rooms gets of the API is one that its description has: status, headers, body."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import jsonschema_rs
from flask import Flask, Response, request

from referencing.base.errors import pointer_step
from tests.structure.application import described

#: The folder into which answers are written, while `python -m tests.structure.examples` has tests ask for them.
RECORDED = "REFERENCING_RECORDED_ANSWERS"
#: The rooms whose tests' answers are held against the description.
HELD = tuple(f"tests/{room}/" for room in ("candidatures", "requests", "stories", "web"))
#: What an answer says by headers and the description has to tell.
TOLD = re.compile(
    r"ETag|Location|Link|Retry-After|Content-(Disposition|Range)|X-Scan|Repr-Digest|(Upload|Tus)-\w+"
)
_HERE = "urn:openapi"
_JSON = "application/json"
_DESCRIPTION = "/api/v1/openapi.json"


def watched(app: Flask) -> Flask:
    """The application, in which an answer that its description does not have is a fault of the test."""

    def compare(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else ""
        is_held = os.environ.get("PYTEST_CURRENT_TEST", "").startswith(HELD) or RECORDED in os.environ
        of_api = rule.startswith("/api/v1/") and rule != _DESCRIPTION
        if is_held and of_api and request.method not in {"HEAD", "OPTIONS"}:
            of_operation = Described(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule), request.method.lower())
            faults = list(of_operation.faults(response))
            assert not faults, f"{request.method} {rule}: {'; '.join(faults)}"
            if RECORDED in os.environ and response.status_code < 300:
                record(of_operation.operation["operationId"], response)
        return response

    app.after_request(compare)
    return app


class Described:
    """An operation as the application describes it."""

    def __init__(self, path: str, method: str) -> None:
        self.place = f"#/paths/{pointer_step(path)}/{method}"
        self.operation = described()["paths"][path][method]

    @classmethod
    @cache
    def every(cls) -> Mapping[str, "Described"]:
        """All of them, by their ids."""
        return {
            operation["operationId"]: cls(path, method)
            for path, methods in described()["paths"].items()
            for method, operation in methods.items()
            if "operationId" in operation
        }

    def faults_of(self, example: dict[str, Any]) -> Iterator[str]:
        """What of a recorded request and its answer is not as described now."""
        status = example["status"]
        answer = self.operation["responses"].get(str(status))
        if answer is None:
            yield _undescribed(status)
            return
        if "request" in example:
            asked = self.operation.get("requestBody", {})
            yield from _differences(f"{self.place}/requestBody", asked, _JSON, example["request"])
        if "answer" in example:
            yield from _differences(f"{self.place}/responses/{status}", answer, _JSON, example["answer"])

    def faults(self, response: Response) -> Iterator[str]:
        """What of an answer the description does not have."""
        status = response.status_code
        if status in {405, 501}:  # of no operation
            return
        answer = self.operation["responses"].get(str(status))
        if answer is None:
            yield _undescribed(status)
            return
        place = f"{self.place}/responses/{status}"
        if "$ref" in answer:
            place = answer["$ref"]
            answer = described()["components"]["responses"][place.rpartition("/")[2]]
        told = {name for name in dict(response.headers) if TOLD.fullmatch(name)}
        if status < 400 and told - answer.get("headers", {}).keys():
            yield f"tells {sorted(told - answer.get('headers', {}).keys())}: say so by @tells"
        if answer.get("content") and not (response.is_streamed or response.direct_passthrough):
            yield from _differences(place, answer, response.mimetype or "", response.json)


def _undescribed(status: int) -> str:
    return f"answers {status}, which is not described"


def _differences(place: str, body: dict[str, Any], kind: str, value: Any) -> Iterator[str]:
    """What of a value, where it is JSON, is not as the body at this place of the description."""
    if kind not in body.get("content", {}):
        yield f"has {kind} at {place}, which is not described"
    elif kind.endswith("json"):
        for error in validator(f"{place}/content/{pointer_step(kind)}/schema").iter_errors(value):
            at = "/".join(str(step) for step in error.instance_path)
            yield f"/{at} {error.message[:300]}"


@cache
def registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(_HERE, described())], draft=jsonschema_rs.Draft202012)


@cache
def validator(place: str) -> jsonschema_rs.Draft202012Validator:
    """What checks a value against the schema at a place of the description."""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"{_HERE}{quote(place, safe='#/~%')}"}, registry=registry(), validate_formats=True
    )


def record(operation: str, response: Response) -> None:
    """Keep what was asked and answered, as an example of the operation."""
    arguments = {name: str(value) for name, value in (request.view_args or {}).items()}
    line = {"operation": operation, "status": response.status_code, "arguments": arguments}
    if request.is_json and request.get_json():
        line["request"] = request.get_json()
    if response.mimetype == "application/json" and not response.is_streamed:
        line["answer"] = response.json
    folder = Path(os.environ[RECORDED])
    (folder / f"{operation}-{uuid4().hex}.json").write_text(json.dumps(line))

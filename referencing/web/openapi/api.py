"""flask-smorest with problems as problem+json, in what it answers and in what it describes."""

from functools import cached_property
from http import HTTPStatus

import orjson
from flask import Response
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from referencing.web.problems import ProblemSchema, of_http

from .document import completed
from .problems import described_problems


class DescribedApi(Api):
    """An Api whose description is completed by rule, once it is asked for."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None  # each status has its own

    def handle_http_exception(self, error: HTTPException) -> Response:
        return of_http(error)

    @cached_property
    def _description(self) -> bytes:
        return orjson.dumps(completed(self.spec.to_dict()))

    def _openapi_json(self) -> Response:
        return Response(self._description, content_type="application/json")

    def _register_responses(self) -> None:
        problems = dict(described_problems())
        for name, described in problems.items():
            self.spec.components.response(name, described, lazy=True)
        for code in HTTPStatus:
            if code.name not in problems:
                self.spec.components.response(code.name, {"description": code.phrase}, lazy=True)

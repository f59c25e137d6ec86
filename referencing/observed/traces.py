"""Traces, where OpenTelemetry's own variables say where to: of a request, its statements, its jobs, and its files.

Spans name routes, tasks, statements without their values, and operations of a storage: nobody, and nothing of anybody.
"""

from dataclasses import replace
from functools import wraps
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, request
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from referencing.base.outgoing.traces import propagator, span, tracer
from referencing.base.vault import Vault

from .routes import method_and_route

#: Seconds that one sending of spans may take; then they are lost, and nobody waits.
SENDING = 5
#: Characters of a statement that are kept.
LONGEST = 2_000


def export() -> None:
    """Send the spans of this process from now on: an exporter's thread does not outlive a fork."""
    named = Resource({"service.name": "referencing", "service.version": version("segur-referencing")})
    provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=SENDING)))
    trace.set_tracer_provider(provider)
    sa.event.listen(sa.Engine, "before_cursor_execute", _begin_statement)
    sa.event.listen(sa.Engine, "after_cursor_execute", _end_statement)
    sa.event.listen(sa.Engine, "handle_error", _end_failed)


def follow(app: Flask) -> None:
    """Before all else that an application does with a request."""
    parts = app.extensions["referencing"]
    app.extensions["referencing"] = replace(parts, vault=followed(parts.vault))
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(_end)


def followed(vault: Vault) -> Vault:
    """The vault, with a span for what its storage is asked."""
    return replace(vault, storage=_Storage(vault.storage))


class _Storage:
    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._storage, name)

        @wraps(operation)
        def traced(*place: Any, **named: Any) -> Any:
            with span(f"storage {name}", SpanKind.CLIENT):
                return operation(*place, **named)

        return traced


def _begin() -> None:
    method, route = method_and_route()
    begun = tracer.start_span(
        f"{method} {route}",
        propagator.extract(request.headers),
        SpanKind.SERVER,
        {"http.request.method": method, "http.route": route},
    )
    g.span, g.traced = begun, context.attach(trace.set_span_in_context(begun))


def _tell(response: Response) -> Response:
    g.span.set_attribute("http.response.status_code", response.status_code)
    g.span.set_attribute("request.id", g.request_id)
    if response.status_code >= 500:
        g.span.set_status(Status(StatusCode.ERROR))
    return response


def _end(_: BaseException | None) -> None:
    context.detach(g.traced)
    g.span.end()


def _begin_statement(
    _connection: object, _cursor: object, statement: str, _values: object, execution: Any, _many: bool
) -> None:
    """A statement for which nobody asked, as those of the relay, is in no trace."""
    if trace.get_current_span().is_recording():
        told = {"db.system.name": "postgresql", "db.query.text": statement[:LONGEST]}
        execution.span = tracer.start_span(statement.split(None, 1)[0], kind=SpanKind.CLIENT, attributes=told)


def _end_statement(
    _connection: object, _cursor: object, _statement: str, _values: object, execution: Any, _many: bool
) -> None:
    if (begun := getattr(execution, "span", None)) is not None:
        begun.end()


def _end_failed(failure: sa.ExceptionContext) -> None:
    if (begun := getattr(failure.execution_context, "span", None)) is not None:
        begun.set_status(Status(StatusCode.ERROR, type(failure.original_exception).__name__))
        begun.end()

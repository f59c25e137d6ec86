"""Spans of OpenTelemetry's traces, which go nowhere unless its own variables say where to (`observed.traces`).

An error's message may repeat what somebody wrote: a span says of an error only what kind it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind, Status, StatusCode, get_tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

tracer = get_tracer("referencing")
propagator = TraceContextTextMapPropagator()


def followed_trace() -> str | None:
    """The trace in which this happens, as W3C's `traceparent`; None where none is followed."""
    carried: dict[str, str] = {}
    propagator.inject(carried)
    return carried.get("traceparent")


@contextmanager
def span(name: str, kind: SpanKind, traceparent: str | None = None) -> Iterator[None]:
    """What happens meanwhile, in the trace that is given, or else in that which is followed."""
    within = propagator.extract({"traceparent": traceparent}) if traceparent else None
    with tracer.start_as_current_span(
        name, within, kind, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield
        except BaseException as error:
            begun.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise

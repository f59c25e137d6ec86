"""A request, its statements, its jobs and what they ask of the storage are one trace, in which nobody is named."""

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.proofs.conftest import free_port
from tests.serving.conftest import becomes
from tests.uploads.server import Server

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
WITHIN = 60.0


@dataclass
class Collector:
    """What takes traces: OTLP over HTTP."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Span]:
        """Of the caller's trace."""
        return [
            span
            for body in list(self.bodies)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == TRACE
        ]


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers["Content-Encoding"] == "gzip"
            collector.bodies.append(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        collector.url = f"http://127.0.0.1:{http.server_port}"
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield collector
        finally:
            http.shutdown()
            thread.join()


def test_a_proof_is_followed_from_the_request_to_the_storage_and_the_job() -> None:
    with collecting() as collector, tempfile.TemporaryDirectory() as folder:
        server = Server(
            Path(folder),
            free_port(),
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_BSP_SCHEDULE_DELAY="100",
            CLAMD_URL=f"tcp://127.0.0.1:{free_port()}",  # where nobody looks into contents: the job fails
            PROCESSES="1",
        )
        server.start()
        try:
            item = server.item()
            supplied = requests.post(
                f"{server.url}/candidatures/{item.candidature}/items/{quote(item.code, safe='')}/proofs",
                headers={**item.headers, "traceparent": f"00-{TRACE}-{CALLER}-01"},
                files={"file": ("Résumé de Zoé.txt", b"Un essai.")},
                timeout=WITHIN,
            )
            assert supplied.status_code == 201, supplied.text
            becomes(lambda: any(span.name == "job scan_content" for span in collector.spans()), WITHIN)
            becomes(lambda: any(span.name.startswith("POST") for span in collector.spans()), WITHIN)
        finally:
            server.stop()

    spans = {span.span_id: span for span in collector.spans()}
    (request,) = (span for span in spans.values() if span.kind == Span.SPAN_KIND_SERVER)
    assert request.name == "POST /api/v1/candidatures/<uuid:candidature>/items/<proof:item>/proofs"
    assert request.parent_span_id.hex() == CALLER
    assert attributes(request)["http.response.status_code"] == supplied.status_code
    assert attributes(request)["request.id"] == supplied.headers["X-Request-Id"]
    of_request = [span for span in spans.values() if span.parent_span_id == request.span_id]
    assert {"storage store", "INSERT", "SELECT"} <= {span.name for span in of_request}
    job = next(span for span in spans.values() if span.name == "job scan_content")
    assert job.parent_span_id == request.span_id
    assert job.status.code == Status.STATUS_CODE_ERROR
    told = b"".join(span.SerializeToString() for span in spans.values()).decode(errors="replace")
    for private in ("Zoé", "Résumé", item.candidature, item.key, "Alizé", supplied.json()["id"]):
        assert private not in told


def attributes(span: Span) -> dict[str, str | int]:
    return {
        told.key: told.value.int_value if told.value.HasField("int_value") else told.value.string_value
        for told in span.attributes
    }


def test_a_collector_that_is_away_changes_no_answer() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(
            Path(folder),
            free_port(),
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{free_port()}",
            OTEL_BSP_SCHEDULE_DELAY="100",
            PROCESSES="1",
        )
        server.start()
        try:
            item = server.item()
            for _ in range(20):
                answer = requests.get(f"{server.url}/me", headers=item.headers, timeout=WITHIN)
                assert answer.status_code == 200
            becomes(lambda: "opentelemetry" in server.last_lines(), WITHIN)
        finally:
            server.stop()

"""What is counted and timed, for Prometheus; the processes of one server count together."""

import os
from collections.abc import Callable
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from referencing.base.jobs import Task

#: Where the processes of one server keep what they count; the library's name for it.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: Seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
BUCKETS_OF_JOBS = (0.01, 0.1, 1, 10, 60, 300, 600)


def count_together(folder: str) -> None:
    """Have all processes that are forked from this one count in a folder; before anything is counted."""
    os.environ[FOLDER] = folder
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def forget_process(pid: int) -> None:
    """What a process that has ended held is held no more; what it counted stays counted."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


class Meters:
    """The counters of one application. Their labels name routes, tasks and statuses: nobody, and nothing of anybody."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        self.registry = own
        request = ("method", "route")
        self.requests = Counter("http_requests", "Requests answered", (*request, "status"), registry=own)
        self.seconds = Histogram(
            "http_request_seconds", "Time until an answer begins", request, registry=own, buckets=BUCKETS
        )
        self.statements = Counter("http_statements", "SQL statements of requests", request, registry=own)
        self.received = Counter("http_received_bytes", "Bytes announced in bodies", request, registry=own)
        self.connections = Gauge(
            "database_connections_in_use",
            "Connections to the database that somebody works on",
            registry=own,
            multiprocess_mode="livesum",
        )
        self.jobs = Counter("jobs_attempted", "Attempts at jobs", ("task", "outcome"), registry=own)
        self.job_seconds = Histogram(
            "job_seconds", "Time of an attempt", ("task",), registry=own, buckets=BUCKETS_OF_JOBS
        )

    def watch_pool(self, engine: sa.Engine) -> None:
        """Count the connections that are taken from a pool."""
        sa.event.listen(engine, "checkout", lambda *_: self.connections.inc())
        sa.event.listen(engine, "checkin", lambda *_: self.connections.dec())

    def timed(self, name: str, task: Task) -> Task:
        """The task, with each attempt at it counted and timed."""

        def attempt(*place: Any, **arguments: Any) -> None:
            began, outcome = perf_counter(), "failed"
            try:
                task(*place, **arguments)
                outcome = "done"
            finally:
                self.jobs.labels(name, outcome).inc()
                self.job_seconds.labels(name).observe(perf_counter() - began)

        return attempt

    def with_others(self, *collectors: Collector) -> CollectorRegistry:
        """All that is to be told now: what all processes counted, and what these collectors find."""
        registry = CollectorRegistry()
        if FOLDER in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(_Counted(self.registry))
        for collector in collectors:
            registry.register(collector)
        return registry


class _Counted(Collector):
    def __init__(self, registry: CollectorRegistry) -> None:
        self.collect: Callable[[], Any] = registry.collect

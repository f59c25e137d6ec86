"""The calls a person waits for, over HTTP on a filled database, beside bare views at the same addresses.

Both servers are gunicorn's, one process with threads each, on one database. In turns they play stories, each on its own
software and making each call once; the fastest counts, but for the first, in which all is met for the first time.
Statements are counted in this process, on an application of its own.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any
from uuid import UUID

import click
import requests

from bench.servers import application, tidy
from bench.servers import server as serving
from referencing.base import db
from tests.proofs.conftest import free_port
from tests.requests import story, world
from tests.requests.counting import Counting
from tests.uploads.server import STARTS_WITHIN, Server


@click.command("requests")
@click.option("--dossiers", type=click.IntRange(1), default=200, show_default=True)
@click.option("--items", type=click.IntRange(20), default=280, show_default=True, help="of a dossier")
@click.option("--verifications", type=click.IntRange(1), default=50_000, show_default=True)
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True)
def run(dossiers: int, items: int, verifications: int, runs: int) -> None:
    """Each call a person waits for, as a ratio to a bare view."""
    needed = 2 * (runs + 1) + 1
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        engine = db.connect(db.database_url(server.settings))
        stack.callback(engine.dispose)
        factory = db.sessions(engine)
        with db.transaction(factory) as session:
            filled = world.fill(session, max(dossiers, needed), items, verifications)
        tidy(factory)
        solutions = iter(filled.solutions)
        supply_missing = partial(_supply_missing, factory)
        counting = Counting(stack.enter_context(application(server.settings)))
        story.play(counting, filled, next(solutions), supply_missing, size=1_000)
        whole = stack.enter_context(Timed(server.port))
        bare = stack.enter_context(Timed(stack.enter_context(_bare(server))))
        for played in range(runs + 1):
            for send in (whole, bare):
                if played == 1:
                    send.seconds.clear()
                story.play(send, filled, next(solutions), supply_missing)
        assert whole.states == bare.states, (whole.states, bare.states)
    title = f"requests: {dossiers} dossiers of {items} items, {verifications:,} verifications, best of {runs}"
    _tell(title, whole.seconds, bare.seconds, counting)


def _supply_missing(factory: db.Sessions, dossier: UUID) -> None:
    with db.transaction(factory) as session:
        world.supply_missing(session, dossier)


class Timed(requests.Session):
    """Makes the calls on one connection, and keeps how long the fastest of each took, in seconds.

    `states` says how many items of the last draft were in each.
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self.url = f"http://127.0.0.1:{port}/api/v1"
        self.seconds: dict[str, float] = {}
        self.states: Counter[str] = Counter()

    def __call__(self, call: story.Call) -> Any:
        files = {} if call.file is None else {"file": ("preuve.txt", call.file, "text/plain")}
        asked = requests.Request(
            call.method,
            self.url + call.path,
            headers={"Authorization": f"Bearer {call.key}"},
            json=call.json,
            files=files,
        )
        prepared = self.prepare_request(asked)
        start = time.perf_counter()
        response = self.send(prepared, timeout=60)
        seconds = time.perf_counter() - start
        assert response.ok, response.text
        self.seconds[call.name] = min(seconds, self.seconds.get(call.name, seconds))
        answer = response.json()
        if call.name == story.ITEMS:
            self.states = Counter(item["state"] for item in answer["items"])
        return answer


@contextmanager
def _bare(server: Server) -> Iterator[int]:
    """The port of the bare views, on the database of the server."""
    port, files = free_port(), server.folder / "bare"
    files.mkdir()
    url = db.database_url(server.settings).set(drivername="postgresql")
    named = {"BENCH_DATABASE_URL": url.render_as_string(hide_password=False), "BENCH_FILES": str(files)}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--threads",
        "16",
        "--keep-alive",
        "30",
    ]
    command += [
        "--no-control-socket",
        "--log-level",
        "error",
        "--bind",
        f"127.0.0.1:{port}",
        "bench.bare.app:create_app()",
    ]
    process = subprocess.Popen(command, env=os.environ | named)  # noqa: S603 - our own
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        with suppress(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)
            return
        time.sleep(0.05)
    raise TimeoutError("the bare views did not start")


def _tell(title: str, whole: dict[str, float], bare: dict[str, float], counting: Counting) -> None:
    print(f"\n{title}")
    print(f"  {'':<20} {'statements':>10} {'transactions':>12} {'bare':>12} {'API':>12} {'ratio':>8}")
    for name, seconds in whole.items():
        counted = f"{counting.statements[name]:>10} {counting.transactions[name]:>12}"
        floor = bare[name]
        print(
            f"  {name:<20} {counted} {floor * 1000:>9.2f} ms {seconds * 1000:>9.2f} ms {seconds / floor:>6.2f} x"
        )

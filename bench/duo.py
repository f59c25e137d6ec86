"""A live session with its watchers: how soon each sees a verdict, and what one watcher costs the server."""

import multiprocessing
import re
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import time as day_time
from multiprocessing.connection import Connection

import click
import requests
import sqlalchemy as sa

from bench.servers import server as serving
from bench.timing import best, table
from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from referencing.duo.conduct import streams
from referencing.duo.sessions.agenda import AROUND, DEFAULT
from referencing.duo.sessions.models import LiveSession
from referencing.duo.slots.slots import LONGEST
from tests.builders import Asked
from tests.conftest import Time
from tests.duo.live import Live
from tests.uploads.server import Server

#: A person follows five streams at the most.
EACH = 5
KIND = ProofKind.DEMONSTRATION
#: As many as the longest session has time for.
ITEMS = (LONGEST - AROUND) // DEFAULT[KIND]


@click.command("duo")
@click.option("--items", type=click.IntRange(2, ITEMS), default=ITEMS, show_default=True)
@click.option("--watchers", type=click.IntRange(1), default=20, show_default=True)
@click.option("--crowd", type=click.IntRange(1), default=400, show_default=True, help="who watch at once")
def run(items: int, watchers: int, crowd: int) -> None:
    """How soon watchers see a verdict of a live session."""
    codes = [f"X{number}" for number in range(items)]
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        engine = db.connect(db.database_url(server.settings))
        stack.callback(engine.dispose)
        factory = db.sessions(engine, clock := Time())
        people = -(-max(watchers, crowd) // EACH)
        with db.transaction(db.sessions(engine)) as session:
            keys = [create_account(session, f"Lead {n}", Role.LEAD) for n in range(people)]
        with factory() as session:
            live = Live(session, clock)
            held = _running(live, codes)
            alone = _heard(live, held, codes[: items // 3 or 1], engine.url)
            with _watching(server, keys, str(held.id), watchers) as arrivals:
                before = _processor(server)
                sent = _decided(live, held, codes[items // 3 or 1 :])
                heard = arrivals(len(sent))
                spent = _processor(server) - before
        delays = [[each[number] - at for each in heard] for number, at in sent.items()]
        _tell(alone, delays, spent, watchers)
        _crowd(server, keys, str(held.id), crowd)


def _running(live: Live, codes: Sequence[str]) -> LiveSession:
    """A session that is open, with all of these items on its agenda."""
    asked = [Asked(code, kind=KIND) for code in codes]
    slot = live.offer(starts_at=day_time(9), ends_at=day_time(9 + LONGEST // 60), slot_minutes=LONGEST)
    return live.opened(live.book(live.dossier("LGC-V2", "NIL-1", *asked), slot))


def _decided(live: Live, held: LiveSession, codes: Sequence[str]) -> dict[int, float]:
    """The number of each verdict's event, and when its commit began."""
    sent = {}
    for code in codes:
        live.decide(held, code)
        number = held.last_event
        sent[number] = time.perf_counter()
        live.session.commit()
        time.sleep(0.02)
    return sent


def _heard(live: Live, held: LiveSession, codes: Sequence[str], url: sa.URL) -> list[float]:
    """Seconds from a verdict's commit to its notification, on a connection that does nothing but listen."""
    delays = []
    with streams.listener(url) as listener:
        for code in codes:
            live.decide(held, code)
            start = time.perf_counter()
            live.session.commit()
            next(listener.notifies(timeout=5, stop_after=1))
            delays.append(time.perf_counter() - start)
    return delays


Arrivals = Callable[[int], list[dict[int, float]]]


@contextmanager
def _watching(server: Server, keys: Sequence[str], session: str, count: int) -> Iterator[Arrivals]:
    """Watchers in a process of their own; they tell when each event came, once so many more have come to all."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_watch, args=(server.port, keys, session, count, theirs))
    process.start()

    def arrivals(more: int) -> list[dict[int, float]]:
        ours.send(more)
        found: list[dict[int, float]] = ours.recv()
        return found

    try:
        assert ours.recv() == "ready"
        yield arrivals
    finally:
        process.terminate()
        process.join()


def _watch(port: int, keys: Sequence[str], session: str, count: int, parent: Connection) -> None:
    selector = selectors.DefaultSelector()
    seen: list[dict[int, float]] = [{} for _ in range(count)]
    for number in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(
            f"GET /api/v1/duo/sessions/{session}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {keys[number // EACH]}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        selector.register(connection, selectors.EVENT_READ, number)
    known: list[int] | None = None
    wanted = 0
    selector.register(parent, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                wanted = parent.recv()
                continue
            block = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]
            now = time.perf_counter()
            for found in re.findall(rb"^id: (\d+)$", block, re.MULTILINE):
                seen[key.data][int(found)] = now
        if known is None and len({len(one) for one in seen}) == 1 and seen[0]:
            known = [len(one) for one in seen]
            parent.send("ready")
        if known and wanted and all(len(one) >= known[0] + wanted for one in seen):
            parent.send(seen)
            wanted = 0


def _processor(server: Server) -> float:
    """Seconds of processor time that the processes of the server have used, without those of the database."""
    assert server.process is not None
    family = [server.process, *server.process.children(recursive=True)]
    times = [one.cpu_times() for one in family if "postgres" not in one.name()]
    return sum(one.user + one.system for one in times)


def _tell(alone: Sequence[float], delays: Sequence[Sequence[float]], spent: float, watchers: int) -> None:
    last = [max(each) for each in delays]
    table(
        f"duo: from a verdict's commit to its {watchers} watchers, {len(delays)} verdicts",
        [
            ("floor: a connection that only listens, median", statistics.median(alone)),
            ("a watcher, median", statistics.median(one for each in delays for one in each)),
            ("the last watcher, median", statistics.median(last)),
            ("the last watcher, worst", max(last)),
        ],
    )
    each = spent / (len(delays) * watchers)
    print(f"  {'the server, for an event told to one watcher':<58} {each * 1000:>10.2f} ms of its processor")


def _crowd(server: Server, keys: Sequence[str], session: str, crowd: int) -> None:
    """What so many watchers take, and leave to the others."""
    with requests.Session() as client:
        alone = best(lambda: client.get(f"http://127.0.0.1:{server.port}/healthz", timeout=10), 50)
        before = server.memory()
        with _watching(server, keys, session, crowd):
            added = (server.memory() - before) / crowd
            crowded = best(lambda: client.get(f"http://127.0.0.1:{server.port}/healthz", timeout=10), 50)
    table(
        f"duo: another request while {crowd} watch",
        [("floor: while nobody watches", alone), ("while they watch", crowded)],
    )
    print(f"  {'memory for a watcher':<58} {added / 1024:>10.1f} KiB")

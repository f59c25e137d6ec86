"""Clients at once on a filled database: how many requests a second one process answers, and one for each core.

The clients are a process of their own for each, which read answers and do nothing with them; they share the machine's
cores with the server and its database, so the ratio is less than a machine of its own would show.
"""

import http.client
import multiprocessing
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

import click
import psutil

from bench.servers import server as serving
from bench.servers import tidy
from referencing import registers
from referencing.base import db
from tests.requests import world
from tests.uploads.server import Server


@click.command("crowd")
@click.option("--clients", type=click.IntRange(1), default=8, show_default=True)
@click.option("--seconds", type=click.IntRange(1), default=10, show_default=True, help="of a turn")
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="turns of each, the best counts"
)
@click.option("--dossiers", type=click.IntRange(1), default=100, show_default=True)
@click.option("--items", type=click.IntRange(20), default=280, show_default=True, help="of a dossier")
def run(clients: int, seconds: int, runs: int, dossiers: int, items: int) -> None:
    """Clients at once: requests a second with a process for each core, as a ratio to one process."""
    cores = len(psutil.Process().cpu_affinity())
    best: Counter[int] = Counter()
    failed = 0
    with ExitStack() as stack:
        servers = {
            processes: stack.enter_context(serving(PROCESSES=str(processes))) for processes in (1, cores)
        }
        calls = {processes: fill(server, dossiers, items) for processes, server in servers.items()}
        for _ in range(runs):
            for processes, server in servers.items():
                served = turn(server.port, calls[processes], clients, seconds)
                best[processes] = max(best[processes], served.answered)
                failed += served.failed
    title = (
        f"crowd: {clients} clients at once, {dossiers} dossiers of {items} items, best {seconds} s of {runs}"
    )
    click.echo(f"\n{title}")
    for processes, answered in best.items():
        ratio = answered / best[1]
        click.echo(f"  {processes} process(es)  {answered / seconds:8.1f} requests a second  {ratio:5.2f}")
    click.echo(f"  errors {failed}")


@dataclass(frozen=True, slots=True)
class Turn:
    answered: int
    failed: int


def fill(server: Server, dossiers: int, items: int) -> list[tuple[str, str]]:
    """Fill the server's database; answers what clients read there, as keys and paths."""
    registers.tables()
    engine = db.connect(db.database_url(server.settings))
    factory = db.sessions(engine)
    with db.transaction(factory) as session:
        filled = world.fill(session, dossiers, items, 1)
    tidy(factory)
    engine.dispose()
    return [
        (filled.editor, "/api/v1/me"),
        (filled.editor, "/api/v1/candidatures?limit=50"),
        (filled.editor, "/api/v1/softwares"),
        (filled.verifier, "/api/v1/tasks?limit=50"),
        (filled.verifier, "/api/v1/candidatures?limit=50"),
    ]


def turn(port: int, calls: list[tuple[str, str]], clients: int, seconds: int) -> Turn:
    """Clients who ask all the time, for so many seconds."""
    with multiprocessing.get_context("spawn").Pool(clients) as crowd:
        told = crowd.starmap(_ask, [(port, calls[at:] + calls[:at], seconds) for at in range(clients)])
    return Turn(sum(answered for answered, _ in told), sum(failed for _, failed in told))


def _ask(port: int, calls: list[tuple[str, str]], seconds: int) -> tuple[int, int]:
    """One client, on one connection: how many requests were answered, and how many were not."""
    statuses: Counter[int] = Counter()
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for key, path in calls:
            client.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            response = client.getresponse()
            response.read()
            statuses[response.status] += 1
    client.close()
    return statuses[200], statuses.total() - statuses[200]

"""How many deliveries to webhooks a second one server makes, and what they cost the requests that it serves meanwhile.

The floor is the bare exchange: POSTs of one length over one line, by one program that signs and keeps nothing.
Receivers and clients share the machine's cores with the server and its database.
"""

import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from urllib.parse import urlsplit
from uuid import uuid4

import click
import requests
import sqlalchemy as sa

from bench.crowd import fill, turn
from bench.servers import server as serving
from referencing.accounts.models import Organisation
from referencing.base import db
from referencing.journal.operations import SYSTEM, Line, record, record_all
from tests.uploads.server import Server
from tests.webhooks.receivers import keeping

#: Bytes of the body of a delivery, about.
BODY = b"x" * 150
#: Streams that the events of a turn are of, in turn.
STREAMS = 10
EVENT = "candidature.settled"


@click.command("webhooks")
@click.option("--receivers", type=click.IntRange(1, 50), default=20, show_default=True)
@click.option(
    "--events", type=click.IntRange(1), default=500, show_default=True, help="told to each receiver"
)
@click.option("--clients", type=click.IntRange(1), default=4, show_default=True)
@click.option("--seconds", type=click.IntRange(1), default=10, show_default=True, help="of a turn of clients")
@click.option("--dossiers", type=click.IntRange(1), default=50, show_default=True)
@click.option("--items", type=click.IntRange(20), default=100, show_default=True, help="of a dossier")
def run(receivers: int, events: int, clients: int, seconds: int, dossiers: int, items: int) -> None:
    """Deliveries a second, alone and beside clients; requests a second, alone and beside deliveries."""
    kept: list[list[str]] = [[] for _ in range(receivers)]
    with ExitStack() as stack:
        addresses = [stack.enter_context(keeping(ids)) for ids in kept]
        server = stack.enter_context(serving(WEBHOOK_NETWORKS="127.0.0.0/8"))
        calls = fill(server, dossiers, items)
        bare = _bare(addresses[0], receivers * events)
        kept[0].clear()
        quiet = turn(server.port, calls, clients, seconds)
        for address in addresses:
            _make(server, calls[0][0], address)
        engine = db.connect(db.database_url(server.settings))
        stack.callback(engine.dispose)
        feed = _Feed(db.sessions(engine), kept)
        alone = feed.alone(events)
        with feed.going_on(events):
            begun, before = time.perf_counter(), feed.told
            busy = turn(server.port, calls, clients, seconds)
            beside = (feed.told - before) / (time.perf_counter() - begun)
    click.echo(f"\nwebhooks: {receivers} receivers, {events} events, {clients} clients, {seconds} s")
    for label, rate, floor in (
        ("bare POSTs over one line", bare, bare),
        ("deliveries, nothing asked meanwhile", alone, bare),
        ("deliveries, clients asking meanwhile", beside, bare),
        ("requests, nothing delivered meanwhile", quiet.answered / seconds, quiet.answered / seconds),
        ("requests, deliveries meanwhile", busy.answered / seconds, quiet.answered / seconds),
    ):
        click.echo(f"  {label:<40} {rate:>10.1f} a second {rate / floor:>6.2f}")
    click.echo(f"  errors {quiet.failed + busy.failed}")


def _bare(address: str, posts: int) -> float:
    """Exchanges a second."""
    place = urlsplit(address)
    line = http.client.HTTPConnection(place.netloc)
    begun = time.perf_counter()
    for _ in range(posts):
        line.request("POST", place.path, BODY, {"webhook-id": "bare"})
        line.getresponse().read()
    line.close()
    return posts / (time.perf_counter() - begun)


def _make(server: Server, key: str, address: str) -> None:
    words = {"label": "Mesure", "address": address}
    answer = requests.post(
        f"{server.url}/webhooks", json=words, headers={"Authorization": f"Bearer {key}"}, timeout=60
    )
    answer.raise_for_status()


class _Feed:
    """Has things happen to an organisation's dossiers, and counts the deliveries that tell of them."""

    def __init__(self, factory: db.Sessions, kept: Sequence[list[str]]) -> None:
        self.factory = factory
        self.kept = kept
        self.due = 0
        self.lines = [Line(SYSTEM, EVENT, f"candidature:{uuid4()}", {}) for _ in range(STREAMS)]
        with db.transaction(factory) as session:
            organisation = session.scalars(sa.select(Organisation.id)).one()
            for line in self.lines:
                record(session, SYSTEM, EVENT, line.stream, {}, organisation_id=organisation)
        self.due += STREAMS * len(kept)

    @property
    def told(self) -> int:
        return sum(map(len, self.kept))

    def tell(self, events: int, ending: Event) -> None:
        """Record so many events, and wait until each receiver was told of them, or until `ending`."""
        with db.transaction(self.factory) as session:
            for start in range(0, events, STREAMS):
                record_all(session, self.lines[: events - start])
        self.due += events * len(self.kept)
        while self.told < self.due and not ending.is_set():
            ending.wait(0.01)

    def alone(self, events: int) -> float:
        """Deliveries a second, from when so many events are there until all receivers were told of all."""
        begun, before = time.perf_counter(), self.told
        self.tell(events, Event())
        return (self.told - before) / (time.perf_counter() - begun)

    @contextmanager
    def going_on(self, events: int) -> Iterator[None]:
        """There is always something to be told meanwhile."""
        ending = Event()

        def go_on() -> None:
            while not ending.is_set():
                self.tell(events, ending)

        thread = Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()

"""Ten thousand events to twenty receivers, five of which misbehave, by a server that is killed ten times: minutes.

What a killed server held is told again once it is held no more, after a minute and a half.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from socket import socket
from threading import Event
from time import monotonic
from uuid import UUID

import pytest
import requests

from referencing import registers
from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.operations import SYSTEM, record
from referencing.webhooks.delivery import HELD
from tests.builders import Asked, Story, publish_dsr
from tests.proofs.conftest import free_port
from tests.uploads.server import Server
from tests.webhooks.receivers import keeping, speaking
from tests.webhooks.test_reach import flood_head, leave

pytestmark = pytest.mark.endurance

EVENTS = int(os.environ.get("REFERENCING_TEST_EVENTS", "10000"))
KILLS = int(os.environ.get("REFERENCING_TEST_WEBHOOK_KILLS", "10"))
GOOD = 15
#: Seconds without any delivery after which nothing more is to come.
SILENCE = 3 * HELD.total_seconds()


def hang(_: socket) -> None:
    Event().wait(60)


def fail(connection: socket) -> None:
    connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


def flood(connection: socket) -> None:
    """Ten gigabytes that nobody asked for; the answer counts, so that it goes on."""
    connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 1_000_000)


BAD = hang, fail, flood, flood_head, leave


class Feed:
    """Ten dossiers of an organisation, and the messages that tell of all that happened to them, in order."""

    def __init__(self, server: Server) -> None:
        registers.tables()
        self.engine = db.connect(db.database_url(server.settings))
        self.sessions = db.sessions(self.engine)
        self.messages: list[str] = []
        with db.transaction(self.sessions) as session:
            publish_dsr(session, "LGC-V1", Asked("INS.1"))
            story = Story(session)
            solutions = [story.solution(f"Alpha {n}", f"NIL-{n}") for n in range(10)]
            self.dossiers = [story.draft(solution, "LGC-V1").id for solution in solutions]
            self.key = create_account(session, "Camille", Role.EDITOR, story.organisation)

    def happen(self, times: int, drawn: Random) -> None:
        with db.transaction(self.sessions) as session:
            for _ in range(times):
                dossier: UUID = drawn.choice(self.dossiers)
                place = record(session, SYSTEM, "candidature.settled", f"candidature:{dossier}", {})
                self.messages.append(f"{dossier}_{place.number}")


@pytest.fixture
def server() -> Iterator[Server]:
    """Not in pytest's folder, which the next session of pytest closes to the database's own user."""
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as folder:
        started = Server(Path(folder), free_port(), WEBHOOK_NETWORKS="127.0.0.0/8")
        Path(folder).chmod(0o755)
        started.start()
        yield started
        started.stop()


def test_each_good_receiver_has_every_event_in_order_whatever_the_others_and_the_kills(
    server: Server,
) -> None:
    drawn = Random(EVENTS)
    kept: list[list[str]] = [[] for _ in range(GOOD)]
    with ExitStack() as stack:
        feed = Feed(server)
        stack.callback(feed.engine.dispose)
        addresses = [stack.enter_context(keeping(ids)) for ids in kept]
        addresses += [stack.enter_context(speaking(speak)) for speak in BAD]
        for address in drawn.sample(addresses, len(addresses)):
            make(server, feed.key, address)
        for turn in count(1):
            feed.happen(EVENTS * turn // (KILLS + 1) - len(feed.messages), drawn)
            if turn > KILLS:
                break
            await_told(kept, number_told(kept) + drawn.randint(1, GOOD * (EVENTS // (KILLS + 1))))
            server.kill()
            server.start()
        await_told(kept, GOOD * EVENTS)
    for ids in kept:
        assert list(dict.fromkeys(ids)) == feed.messages, "each of them, in order, again only as itself"


def make(server: Server, key: str, address: str) -> None:
    words = {"label": "Endurance", "address": address}
    headers = {"Authorization": f"Bearer {key}"}
    requests.post(f"{server.url}/webhooks", json=words, headers=headers, timeout=60).raise_for_status()


def number_told(kept: Sequence[list[str]]) -> int:
    return sum(len(set(ids)) for ids in kept)


def await_told(kept: Sequence[list[str]], number: int) -> None:
    """Until so many were told, each counted once; as long as something is told from time to time."""
    before, until = -1, 0.0
    while (told := number_told(kept)) < number:
        if told > before:
            before, until = told, monotonic() + SILENCE
        assert monotonic() < until, f"{told} of {number}, and no more"
        Event().wait(0.2)

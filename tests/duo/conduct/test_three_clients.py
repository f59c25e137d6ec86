"""Two verifiers and an editor in one session, over HTTP, each with a stream: all see the same, whatever is cut."""

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import pytest
import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.base.workdays import is_working_day
from referencing.candidatures.record.states import Track
from referencing.catalogue.proposals import ProofKind
from tests.builders import Asked, Story, publish_dsr
from tests.proofs.conftest import free_port
from tests.uploads.server import Server

CODES = [f"LGC-V2:X{number}#01.01" for number in range(1, 7)]
THREADS = 16
_numbers = count(1)


@dataclass
class Person:
    url: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def ask(self, method: str, path: str, status: int, **words: Any) -> Any:
        headers = {**self.headers, **words.pop("headers", {})}
        response = requests.request(method, self.url + path, headers=headers, timeout=30, **words)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def decide(self, session: str, code: str, expected: int = 200) -> int:
        """Read the line, then decide on what was read, as one who looks before writing; the status answered."""
        line = f"/duo/sessions/{session}/items/{quote(code, safe='')}"
        read = requests.get(self.url + line, headers=self.headers, timeout=30)
        headers = {**self.headers, "If-Match": read.headers["ETag"]}
        words = {"outcome": "conform", "comment": "Vu.", "recording": "enregistrement 1"}
        answered = requests.put(f"{self.url}{line}/verdict", json=words, headers=headers, timeout=30)
        assert answered.status_code in {expected, 412}, answered.text
        return answered.status_code


@dataclass
class Follower:
    """Who follows a session's stream, comes back when it is cut, and stops once the session is closed."""

    person: Person
    session: str
    cut_after: int | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0

    def start(self) -> Thread:
        thread = Thread(target=self._follow, daemon=True)
        thread.start()
        return thread

    def _follow(self) -> None:
        while not self.events or self.events[-1]["action"] != "session.closed":
            self._read()

    def _read(self) -> None:
        self.connections += 1
        came_back = {"Last-Event-ID": str(self.events[-1]["number"])} if self.events else {}
        headers = {**self.person.headers, **came_back, "Accept": "text/event-stream"}
        url = f"{self.person.url}/duo/sessions/{self.session}/events"
        with requests.get(url, headers=headers, stream=True, timeout=60) as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            for line in response.iter_lines(chunk_size=1):
                if not line.startswith(b"data: "):
                    continue
                self.events.append(json.loads(line[6:]))
                if self.events[-1]["action"] == "session.closed" or self._is_cut():
                    return

    def _is_cut(self) -> bool:
        return self.cut_after is not None and len(self.events) % self.cut_after == 0


class Agency:
    """A DUO dossier in review on a server, of an editor of its own, and those who work on it."""

    def __init__(self, server: Server, engine: sa.Engine) -> None:
        self.server = server
        self.engine = engine
        with db.transaction(db.sessions(self.engine)) as session:
            publish_dsr(
                session, "LGC-V2", *(Asked(f"X{n}", kind=ProofKind.DEMONSTRATION) for n in range(1, 7))
            )
            story = Story(session, f"Éditions Alizé {next(_numbers)}")
            dossier = story.draft(story.solution(), "LGC-V2", mode=Track.DUO)
            story.submit(dossier)
            story.admit(dossier)
            self.dossier = str(dossier.id)
            self.first = self._person(session, Role.VERIFIER)
            self.second = self._person(session, Role.VERIFIER)
            self.lead = self._person(session, Role.LEAD)
            self.editor = self._person(session, Role.EDITOR, story.organisation)

    def _person(self, session: Session, role: Role, organisation: str | None = None) -> Person:
        return Person(self.server.url, create_account(session, f"Noël {next(_numbers)}", role, organisation))

    def somebody(self, role: Role, organisation: str | None = None) -> Person:
        with db.transaction(db.sessions(self.engine)) as session:
            return self._person(session, role, organisation)

    def booked(self) -> str:
        """A session of both verifiers, whose time has come."""
        self.lead.ask("PUT", "/duo/staffing", 200, json={"couloir": None, "verifiers": 2})
        day = datetime.now(db.PARIS).date() + timedelta(days=2)
        while not is_working_day(day):
            day += timedelta(days=1)
        offer = {"first_day": day.isoformat(), "starts_at": "09:00", "ends_at": "12:00", "slot_minutes": 180}
        for verifier in (self.first, self.second):
            verifier.ask("POST", "/duo/slots", 201, json=offer)
        offered = self.editor.ask("GET", f"/duo/slots?candidature={self.dossier}", 200)["items"]
        booking = {"slot": offered[0]["id"]}
        session = self.editor.ask("POST", f"/candidatures/{self.dossier}/duo-sessions", 201, json=booking)
        self._the_day_comes(datetime.fromisoformat(session["starts_at"]) - datetime.now(UTC))
        return str(session["id"])

    def _the_day_comes(self, wait: timedelta) -> None:
        """The server's clock is the machine's: what is to come is moved towards it."""
        with self.engine.begin() as connection:
            for table in ("duo_session", "duo_slot"):
                moved = f"UPDATE {table} SET starts_at = starts_at - :wait, ends_at = ends_at - :wait"
                connection.execute(sa.text(moved), {"wait": wait})


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder), free_port())
        server.start()
        yield server
        server.stop()


@pytest.fixture
def agency(served: Server) -> Iterator[Agency]:
    engine = db.connect(db.database_url(served.settings))
    yield Agency(served, engine)
    engine.dispose()


def test_all_see_the_same_in_the_same_order_and_nothing_twice(agency: Agency) -> None:
    session = agency.booked()
    people = (agency.first, agency.second, agency.editor)
    followers = [
        Follower(agency.first, session),
        Follower(agency.second, session, cut_after=3),
        Follower(agency.editor, session, cut_after=1),
    ]
    threads = [follower.start() for follower in followers]
    for person in people:
        person.ask("POST", f"/duo/sessions/{session}/presence", 200)
    agency.first.ask("POST", f"/duo/sessions/{session}/opening", 200)
    with ThreadPoolExecutor(4) as pool:
        both = [pool.submit(person.decide, session, code) for code in CODES for person in people[:2]]
        statuses = [one.result() for one in both]
    assert statuses.count(200) >= len(CODES)  # who was overtaken is told so, and has overwritten nothing
    agency.second.ask("POST", f"/duo/sessions/{session}/closing", 200, json={"leftovers": "queue"})
    for thread in threads:
        thread.join(30)

    feed = agency.editor.ask("GET", f"/duo/sessions/{session}/events?limit=500", 200)["items"]
    assert [one["number"] for one in feed] == list(range(1, len(feed) + 1))
    assert {one["action"] for one in feed} >= {
        "session.scheduled",
        "session.open",
        "item.decided",
        "session.closed",
    }
    for follower in followers:
        assert follower.events == feed
    assert followers[1].connections > 1
    assert followers[2].connections >= len(feed)


def test_who_watches_keeps_no_thread_of_the_requests(agency: Agency) -> None:
    session = agency.booked()
    others = [agency.somebody(Role.LEAD) for _ in range(THREADS)]
    followers = [Follower(one, session) for one in others for _ in range(3)]  # three times the threads
    threads = [follower.start() for follower in followers]
    until = monotonic() + 30
    while not all(follower.events for follower in followers):
        assert monotonic() < until
        sleep(0.05)
    agency.first.ask("POST", f"/duo/sessions/{session}/opening", 200)
    agency.first.ask("POST", f"/duo/sessions/{session}/closing", 200, json={"leftovers": "queue"})
    for thread in threads:
        thread.join(30)
    assert all(follower.events[-1]["action"] == "session.closed" for follower in followers)


def test_another_organisation_is_told_that_there_is_no_such_session(agency: Agency) -> None:
    session = agency.booked()
    stranger = agency.somebody(Role.EDITOR, "Éditions Bise")
    accept = {"Accept": "text/event-stream"}
    problem = stranger.ask("GET", f"/duo/sessions/{session}/events", 404, headers=accept)
    assert problem["status"] == 404


@pytest.mark.parametrize("given", ["abc", "-1", "9" * 12])
def test_a_last_event_that_is_no_number_is_refused(agency: Agency, given: str) -> None:
    session = agency.booked()
    headers = {"Accept": "text/event-stream", "Last-Event-ID": given}
    agency.editor.ask("GET", f"/duo/sessions/{session}/events", 400, headers=headers)

"""A session that is booked, with its people: two verifiers, an editor and a lead."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from referencing.base import db
from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.conftest import Time
from tests.console.browser import Browser
from tests.duo.live import Live, Memory

#: A Tuesday after the clocks have changed: nine o'clock in Paris.
BEGINS = datetime(2026, 4, 7, 7, 0, tzinfo=UTC)
OFFER = {"first_day": "2026-04-07", "starts_at": "09:00", "ends_at": "11:00", "slot_minutes": 60}
FIRST, SECOND = "DPI-V2:X1#01.01", "DPI-V2:X2#01.01"


@dataclass
class Meeting:
    """A session before its beginning; `path` is its page's."""

    people: People
    clock: Time
    dossier: Dossier
    id: str

    @property
    def path(self) -> str:
        return f"/seances/{self.id}"

    @property
    def zoe(self) -> Any:
        return self.people(Role.VERIFIER, "Zoé")

    @property
    def yves(self) -> Any:
        return self.people(Role.VERIFIER, "Yves")

    def read(self) -> Any:
        return self.zoe.get(f"/duo/sessions/{self.id}")

    def line(self, code: str) -> Any:
        return next(line for line in self.read()["agenda"] if line["code"] == code)

    def browser(self, role: Role, name: str = "Camille") -> Browser:
        """A browser in which somebody is signed in."""
        browser = Browser(self.people.app.test_client())
        browser.sign_in(self.people(role, name).key)
        return browser

    def begin(self) -> None:
        """It is time, and the first verifier opens."""
        self.clock.now = BEGINS
        self.zoe.post(f"/duo/sessions/{self.id}/opening", status=200)


def verified_live(people: People) -> list[Dossier]:
    """A dossier that is verified live, and what two verifiers offer; two of them come to a session."""
    with db.transaction(people.parts.sessions) as session:
        live = Live(session, Time(), storage=Memory())
        dossier = Dossier(people, str(live.dossier("DPI-V2", "NIL-2").id))
    people.lead.put("/duo/staffing", {"verifiers": 2})
    for name in ("Zoé", "Yves"):
        people(Role.VERIFIER, name).post("/duo/slots", OFFER)
    return [dossier]


@contextmanager
def meeting(running: Running) -> Iterator[Meeting]:
    with running.after(verified_live) as (people, (dossier,)):
        offered = people.editor.get(f"/duo/slots?candidature={dossier.id}")["items"]
        booked = people.editor.post(f"{dossier.path}/duo-sessions", {"slot": offered[0]["id"]})
        yield Meeting(people, running.clock, dossier, booked["id"])

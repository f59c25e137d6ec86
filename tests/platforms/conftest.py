"""A platform that is watched, on an application whose probes may reach loopback."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from referencing.config import Probes
from referencing.platforms.watch import Lookout
from tests.candidatures.conftest import time
from tests.candidatures.dossiers import People, furnish
from tests.candidatures.running import Running
from tests.clients import Client
from tests.conftest import Time
from tests.webhooks.receivers import LOOPBACK, REACH

__all__ = ["time"]


@dataclass
class Watched:
    """A platform, and who looks at it from which place; minutes pass as a test says."""

    people: People
    time: Time
    id: str

    @property
    def lead(self) -> Client:
        return self.people.lead

    @property
    def path(self) -> str:
        return f"/platforms/{self.id}"

    def anybody(self, path: str = "") -> Any:
        """What is read without a key."""
        answer = self.people.app.test_client().get(f"/api/v1{self.path}{path}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    @property
    def state(self) -> str:
        return str(self.anybody()["state"])

    @property
    def incidents(self) -> Any:
        return self.anybody("/incidents")["items"]

    def probe(self, *addresses: str, **words: Any) -> Any:
        steps = [{"address": address} for address in addresses]
        kind = {"kind": "http", "label": "Accueil", "steps": steps}
        return self.lead.post(f"{self.path}/probes", {**kind, **words})

    def pass_minutes(self, minutes: int) -> None:
        self.time.now += timedelta(minutes=minutes)

    def look(self, place: str = "Paris", times: int = 1) -> None:
        """Have whatever is due be looked at from a place, a minute after the other."""
        lookout = Lookout(self.people.parts.sessions, place, REACH, self.time)
        for _ in range(times):
            self.pass_minutes(1)
            for probe_id in lookout.take(50):
                lookout.look(probe_id)


@pytest.fixture
def watched(running: Running, time: Time) -> Iterator[Watched]:
    wired = running.app.extensions["referencing"]
    inner = replace(
        wired, settings=replace(wired.settings, probes=Probes(networks=LOOPBACK), webhook_networks=LOOPBACK)
    )
    with running.after(furnish) as (people, _):
        running.app.extensions["referencing"] = inner
        words = {"code": "gazelle", "name": "Gazelle", "words": ["Gazelle"], "failures": 2}
        named = people.lead.post("/platforms", words)
        yield Watched(people, time, named["id"])
        running.app.extensions["referencing"] = wired

"""An editor with two drafts and one dossier that is filed, on an application that may reach loopback; told by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from referencing.base import db
from referencing.journal.operations import SYSTEM, record
from referencing.webhooks.delivery import Courier, deliver_all
from referencing.webhooks.keys import service_key
from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.clients import Client
from tests.conftest import Time
from tests.webhooks.receivers import LOOPBACK, REACH

__all__ = ["time"]

SETTLED = "candidature.settled"


@dataclass
class Post:
    """Has things happen, and tells what is to be told; `dossiers` are two drafts and a filed one."""

    people: People
    dossiers: list[Dossier]
    time: Time

    @property
    def courier(self) -> Courier:
        wired = self.people.parts
        return Courier(wired.sessions, service_key(wired.settings), REACH, self.time)

    def tell(self) -> int:
        return deliver_all(self.courier)

    def happen(self, dossier: Dossier, times: int = 1) -> list[str]:
        """Something happens to a dossier; answers the ids of the messages that tell of it."""
        with db.transaction(self.people.parts.sessions) as session:
            places = [record(session, SYSTEM, SETTLED, f"candidature:{dossier.id}", {}) for _ in range(times)]
        return [f"{dossier.id}_{place.number}" for place in places]


def make(client: Client, address: str, **words: Any) -> Any:
    return client.post("/webhooks", {"label": "Notre chaîne", "address": address, **words})


def read(client: Client, webhook: Any) -> Any:
    return client.get(f"/webhooks/{webhook['id']}")


def log(client: Client, webhook: Any) -> list[Any]:
    return list(client.every(f"/webhooks/{webhook['id']}/deliveries"))


def three_dossiers(people: People) -> list[Dossier]:
    return [people.draft("LGC-V1"), people.draft("LGC-V1"), people.submitted("LGC-V1")]


@pytest.fixture
def post(running: Running, time: Time) -> Iterator[Post]:
    wired = running.app.extensions["referencing"]
    inner = replace(wired, settings=replace(wired.settings, webhook_networks=LOOPBACK))
    with running.after(three_dossiers) as (people, dossiers):
        running.app.extensions["referencing"] = inner
        yield Post(people, dossiers, time)
        running.app.extensions["referencing"] = wired

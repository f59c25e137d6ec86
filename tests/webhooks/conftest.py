"""An editor with two drafts and one dossier that is filed, on an application that may reach loopback; told by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import pytest

from referencing.base import db
from referencing.journal.operations import SYSTEM, record
from referencing.webhooks.delivery import Sender, deliver, take
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
    def sender(self) -> Sender:
        wired = self.people.parts
        return Sender(wired.sessions, service_key(wired.settings), REACH, self.time)

    def tell(self, sender: Sender | None = None) -> int:
        """Tell whatever may be told; answers how many rounds that took."""
        sender = sender or self.sender
        rounds = 0
        while True:
            with db.transaction(sender.sessions) as session:
                taken = [*chain(*take(session, {False: 100, True: 100}).values())]
            if not taken:
                return rounds
            rounds += len(taken)
            for webhook_id in taken:
                deliver(sender, webhook_id)

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

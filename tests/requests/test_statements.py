"""What a person waits for takes no more statements than it did, however many items a dossier has."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from tests.builders import statements
from tests.clients import Client, form
from tests.conftest import Time, parts
from tests.requests import story, world

#: The most statements that each may take, who asks included; many rows of one statement count once.
#: Whoever makes them fewer lowers the number here.
MOST = {
    story.WHO_AM_I: 3,
    story.DRAFT: 46,
    story.ITEMS: 12,
    story.UPLOAD: 30,
    story.SUBMISSION: 44,
    story.ADMISSIBILITY: 41,
    story.CANDIDATURE: 6,
    story.EQUIVALENCE: 7,
    story.EXPLANATION: 15,
    story.EVENTS: 4,
    story.QUEUE_PAGE: 4,
    story.CLAIM_NEXT: 25,
    story.VERDICT: 55,
}


@dataclass
class Counting:
    """Makes the calls, and counts what each sends to the database."""

    app: Flask
    statements: dict[str, int] = field(default_factory=dict)
    transactions: dict[str, int] = field(default_factory=dict)

    def __call__(self, call: story.Call) -> Any:
        engine, client = parts(self.app).engine, Client(self.app.test_client(), call.key)
        body = {"json": call.json} if call.file is None else {"data": form(("preuve.txt", call.file))}
        with statements(engine) as sent, transactions(engine) as begun:
            response = client.send(call.method, call.path, **body)
        assert response.status_code < 300, response.get_data(as_text=True)
        self.statements[call.name], self.transactions[call.name] = len(sent), len(begun)
        return response.json


@contextmanager
def transactions(engine: sa.Engine) -> Iterator[list[sa.Connection]]:
    """What is begun meanwhile."""
    begun: list[sa.Connection] = []

    def note(connection: sa.Connection) -> None:
        begun.append(connection)

    sa.event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        sa.event.remove(engine, "begin", note)


@pytest.fixture(params=[40, 120])
def counted(app: Flask, time: Time, request: pytest.FixtureRequest) -> Counting:
    """The story of a dossier of so many items, of a software with another one under way."""
    time.now = datetime.now(UTC)  # by which PostgreSQL fills the world
    counting, items = Counting(app), request.param
    with db.transaction(parts(app).sessions) as session:
        filled = world.fill(session, dossiers=2, items=items, verifications=2 * (items - 10))

    def supply_missing(dossier: UUID) -> None:
        with db.transaction(parts(app).sessions) as opened:
            world.supply_missing(opened, dossier)

    story.play(counting, filled, filled.solutions[0], supply_missing, size=1_000)
    return counting


def test_no_request_that_a_person_waits_for_takes_more_statements(counted: Counting) -> None:
    grown = {name: sent for name, sent in counted.statements.items() if sent > MOST[name]}
    assert grown == {}
    assert counted.statements.keys() == MOST.keys()

"""What a person waits for takes no more statements than it did, however many items a dossier has."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask

from referencing.base import db
from tests.conftest import Time, parts
from tests.requests import story, world
from tests.requests.counting import Counting

#: The most statements that each may take, who asks included; many rows of one statement count once.
#: Whoever makes them fewer lowers the number here.
MOST = {
    story.WHO_AM_I: 3,
    story.DRAFT: 34,
    story.ITEMS: 9,
    story.UPLOAD: 28,
    story.SUBMISSION: 35,
    story.ADMISSIBILITY: 37,
    story.CANDIDATURE: 5,
    story.EQUIVALENCE: 6,
    story.EXPLANATION: 8,
    story.EVENTS: 4,
    story.QUEUE_PAGE: 3,
    story.CLAIM_NEXT: 22,
    story.VERDICT: 30,
}


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


def test_who_asks_and_the_work_are_one_transaction(counted: Counting) -> None:
    several = {name: begun for name, begun in counted.transactions.items() if begun > 1}
    assert several == {story.UPLOAD: 3}, "none is open while a file streams in"

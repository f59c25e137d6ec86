"""What a person waits for reads no more rows with twenty times the dossiers, the history and the work of others.

The database is made to join by indices, as it does once its tables are large: what no index finds shows in the count.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from tests.conftest import Time, parts
from tests.databases import new_database
from tests.requests import story, world
from tests.requests.counting import Counting

ITEMS, VERIFIED = 24, 18
FEW, MANY = 10, 200
GROWTH = 1.3
#: The tasks of a page may be of as many dossiers, each with its names: with few dossiers they are of a few.
OF_A_PAGE = {story.QUEUE_PAGE: 3 * 101}
LARGE_TABLES = ("seqscan", "hashjoin", "mergejoin")


@pytest.fixture
def rows(app: Flask, time: Time, server: sa.URL) -> Callable[[int], dict[str, int]]:
    """The rows that each call of the story reads beside so many open dossiers, each with answered and open tasks."""
    time.now = datetime.now(UTC)  # by which PostgreSQL fills the world

    def read(dossiers: int) -> dict[str, int]:
        parts(app).engine.dispose()
        new_database(server, "test")
        counting = Counting(app)
        with db.transaction(parts(app).sessions) as session:
            filled = world.fill(session, dossiers, ITEMS, verifications=dossiers * VERIFIED)
            world.close_tasks(session, times=3)
            plan_as_for_large_tables(session)
        parts(app).engine.dispose()  # new connections plan so
        story.play(counting, filled, filled.solutions[0], supply_missing, size=1_000)
        return counting.rows

    def supply_missing(dossier: UUID) -> None:
        with db.transaction(parts(app).sessions) as opened:
            world.supply_missing(opened, dossier)

    return read


def plan_as_for_large_tables(session: Session) -> None:
    session.execute(sa.text("ANALYZE"))
    database = session.scalars(sa.text("SELECT quote_ident(current_database())")).one()
    for plan in LARGE_TABLES:
        session.execute(sa.text(f"ALTER DATABASE {database} SET enable_{plan} = off"))


def test_no_more_rows_are_read_among_twenty_times_as_much(rows: Callable[[int], dict[str, int]]) -> None:
    few, many = rows(FEW), rows(MANY)
    grown = {
        name: (few[name], read)
        for name, read in many.items()
        if read > GROWTH * few[name] + OF_A_PAGE.get(name, 0)
    }
    assert grown == {}
    assert min(few.values()) > 0, "else nothing is counted"

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
from tests.clients import Client
from tests.conftest import Time, parts
from tests.console.browser import Browser
from tests.databases import new_database
from tests.requests import story, world
from tests.requests.counting import Counting, rows_read

ITEMS, VERIFIED = 24, 18
FEW, MANY = 10, 200
GROWTH = 1.3
#: Pages of the console, and lists of the API, with who reads them; and how many rows more a list may read that is full.
PAGES = {
    ("editor", "/dossiers"): 51 * 60,
    ("editor", "/dossiers/{dossier}"): 0,
    ("editor", "/dossiers/{dossier}/preparer"): 0,
    ("editor", "/dossiers/{dossier}/historique"): 0,
    ("editor", "/dossiers/{dossier}/messages"): 0,
    ("editor", "/seances"): 0,
    ("editor", "/travail"): MANY * 2,  # each of its open dossiers, and whose turn it is
    ("editor", "/api/v1/candidatures?holder=editor"): MANY * 2,
    ("verifier", "/travail"): 0,
    ("verifier", "/taches/{task}"): 0,
    ("verifier", "/dossiers/{dossier}/preuves/{item}"): 0,
    ("lead", "/travail"): 0,
    ("lead", "/dossiers"): 51 * 60,
    ("lead", "/dossiers?q=solution"): 51 * 60 + MANY * 3,  # a word is looked for in every name
    ("lead", "/pilotage"): 0,
    ("lead", "/pilotage/priorites"): 0,
    ("lead", "/pilotage/recevabilite"): 0,
    ("lead", "/pilotage/affectations"): 51 * 3,
    ("lead", "/pilotage/equipe"): 0,
    ("lead", "/regles"): 0,
    ("lead", "/personnes"): 0,
}
#: The tasks of a page may be of as many dossiers, each with its names: with few dossiers they are of a few.
OF_A_PAGE = {story.QUEUE_PAGE: 3 * 101} | {f"{role} {path}": more for (role, path), more in PAGES.items()}
LARGE_TABLES = ("seqscan", "hashjoin", "mergejoin")


#: An open dossier, one of its tasks that wait, and the item that this is about.
_SUBJECT = """
SELECT candidature_id AS dossier, item_id AS item, id AS task FROM task
WHERE candidature_id = md5('dossier5')::uuid AND closed_at IS NULL ORDER BY code LIMIT 1
"""


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
        return counting.rows | pages(app, filled)

    def supply_missing(dossier: UUID) -> None:
        with db.transaction(parts(app).sessions) as opened:
            world.supply_missing(opened, dossier)

    return read


def pages(app: Flask, filled: world.World) -> dict[str, int]:
    """The rows that each page reads."""
    with db.transaction(parts(app).sessions) as session:
        ids = session.execute(sa.text(_SUBJECT)).one()._asdict()
    read = {}
    for role, address in PAGES:
        key, browser = getattr(filled, role), Browser(app.test_client())
        client = Client(app.test_client(), key)
        browser.sign_in(key)
        with rows_read(parts(app).engine) as rows:
            if address.startswith("/api/"):
                client.get(address.removeprefix("/api/v1"))
            else:
                browser.open(address.format(**ids))
        read[f"{role} {address}"] = sum(rows)
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

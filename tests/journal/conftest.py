"""Streams of their own in one database that these tests may damage, and a way round what protects it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.journal.operations import SYSTEM, record, verify
from tests.conftest import Time
from tests.databases import new_database

_streams = count(1)


@pytest.fixture(scope="session")
def engine(server: sa.URL) -> Iterator[sa.Engine]:
    engine = db.connect(new_database(server, "journal"))
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: sa.Engine, time: Time) -> db.Sessions:
    return db.sessions(engine, time)


@pytest.fixture
def stream() -> str:
    """The name of a stream that has no entry yet."""
    return f"candidature:{next(_streams)}"


Write = Callable[..., list[int]]


@pytest.fixture
def write(sessions: db.Sessions, stream: str) -> Write:
    """Append an entry to the stream for each of these references; answers the positions. One transaction for all."""

    def append(*references: Mapping[str, Any], to: str = stream) -> list[int]:
        with db.transaction(sessions) as session:
            places = [
                record(session, SYSTEM, "items.named", to, {"references": names}) for names in references
            ]
        return [place.position for place in places]

    return append


@pytest.fixture
def found(sessions: db.Sessions) -> Callable[[str], list[tuple[int, str]]]:
    """What the check says of a stream: the number of the first entry that is not right, and why."""

    def check(name: str) -> list[tuple[int, str]]:
        with db.transaction(sessions) as session:
            return [(breach.number, breach.detail) for breach in verify(session) if breach.stream == name]

    return check


@pytest.fixture
def tampering(sessions: db.Sessions) -> Callable[[], AbstractContextManager[Session]]:
    """A transaction of somebody who owns the tables, and has the trigger out of the way."""

    @contextmanager
    def unprotected() -> Iterator[Session]:
        with db.transaction(sessions) as session:
            session.execute(sa.text("ALTER TABLE journal_entry DISABLE TRIGGER ALL"))
            yield session
            session.execute(sa.text("ALTER TABLE journal_entry ENABLE TRIGGER ALL"))

    return unprotected

"""A reader who goes on from where they were misses nothing, however late an entry is committed."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.journal.models import Entry
from referencing.journal.operations import SYSTEM, record
from referencing.journal.queries import feed
from tests.builders import statements
from tests.conftest import Time
from tests.databases import new_database

Follow = Callable[[], list[object]]
HISTORY = 100_000


@pytest.fixture
def owner() -> UUID:
    """An organisation of which no other test tells anything."""
    return uuid4()


@pytest.fixture
def tell(owner: UUID) -> Callable[..., int]:
    """Write what happened to a dossier of the organisation; answers its position."""

    def write(session: Session, what: object, dossier: str = "a") -> int:
        stream = f"candidature:{owner}:{dossier}"
        names = {"references": what}
        return record(session, SYSTEM, "items.named", stream, names, organisation_id=owner).position

    return write


@pytest.fixture
def follow(sessions: db.Sessions, owner: UUID) -> Follow:
    """What is new since it was last asked."""
    reached = 0

    def ask() -> list[object]:
        nonlocal reached
        with db.transaction(sessions) as session:
            found = feed(session, reached, 1000, organisation_id=owner)
        reached = found[-1].position if found else reached
        return [one.detail["references"] for one in found]

    return ask


def test_an_entry_that_commits_after_a_later_one_is_not_missed(
    sessions: db.Sessions, tell: Callable[..., int], follow: Follow
) -> None:
    with sessions() as slow, slow.begin():
        first = tell(slow, "slow", "a")
        with db.transaction(sessions) as quick:
            assert tell(quick, "quick", "b") > first
        assert follow() == [], "what committed waits for what may still come before it"
    assert follow() == ["slow", "quick"]
    assert follow() == []


def test_a_transaction_that_has_not_written_yet_holds_nothing_back(
    sessions: db.Sessions, tell: Callable[..., int], follow: Follow
) -> None:
    with sessions() as slow, slow.begin():
        slow.execute(sa.text("SELECT pg_current_xact_id()"))
        with db.transaction(sessions) as quick:
            tell(quick, "quick", "b")
        assert follow() == ["quick"]
        tell(slow, "slow", "a")
    assert follow() == ["slow"]


def test_what_was_rolled_back_holds_nothing_back(
    sessions: db.Sessions, tell: Callable[..., int], follow: Follow
) -> None:
    with sessions() as undone:
        tell(undone, "undone", "a")
        with db.transaction(sessions) as quick:
            tell(quick, "quick", "b")
        assert follow() == []
        undone.rollback()
    assert follow() == ["quick"]


def test_what_is_written_after_a_savepoint_was_undone_holds_back_too(
    sessions: db.Sessions, tell: Callable[..., int], follow: Follow
) -> None:
    with sessions() as slow, slow.begin():
        inner = slow.begin_nested()
        tell(slow, "undone", "a")
        inner.rollback()
        tell(slow, "slow", "a")
        with db.transaction(sessions) as quick:
            tell(quick, "quick", "b")
        assert follow() == []
    assert follow() == ["slow", "quick"]


def test_what_is_written_within_a_savepoint_that_is_kept_holds_back_until_the_commit(
    sessions: db.Sessions, tell: Callable[..., int], follow: Follow
) -> None:
    with sessions() as slow, slow.begin():
        with slow.begin_nested():
            tell(slow, "slow", "a")
        with db.transaction(sessions) as quick:
            tell(quick, "quick", "b")
        assert follow() == []
    assert follow() == ["slow", "quick"]


def test_a_transaction_says_once_that_it_writes(sessions: db.Sessions, tell: Callable[..., int]) -> None:
    """PostgreSQL has room for some thousands of locks, and a transaction may write more entries than that."""
    held = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    with db.transaction(sessions) as session:
        for number in range(20):
            tell(session, number)
        assert session.scalars(held).one() == 1
    with db.transaction(sessions) as session:
        tell(session, "again")
        assert session.scalars(held).one() == 1, "and so does the next one of the same connection"


def test_nothing_is_missed_nor_told_twice_while_many_write(
    sessions: db.Sessions, tell: Callable[..., int], follow: Follow
) -> None:
    """Each transaction writes twice, with a pause in between; one in three is undone."""
    pause = threading.Event()

    def write(writer: int) -> None:
        for number in range(40):
            with sessions() as session:
                tell(session, (writer, number, 1), f"{writer}")
                pause.wait(0.001 * (number % 4))
                tell(session, (writer, number, 2), f"{writer}")
                if number % 3:
                    session.commit()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for one in writers:
        one.start()
    told: list[object] = []
    while any(one.is_alive() for one in writers):
        told += follow()
    told += follow()
    written = {
        (writer, number, time) for writer in range(6) for number in range(40) if number % 3 for time in (1, 2)
    }
    assert len(told) == len(written)
    assert {tuple(one) for one in told if isinstance(one, list)} == written


def test_only_what_is_told_of_dossiers_is_in_a_feed(sessions: db.Sessions, owner: UUID) -> None:
    with db.transaction(sessions) as session:
        record(session, SYSTEM, "signal.author_read", f"signal:{owner}", {})
        record(session, SYSTEM, "candidature.settled", f"candidature:{owner}", {}, organisation_id=owner)
        record(session, SYSTEM, "candidature.settled", f"candidature:{owner}", {})
    with db.transaction(sessions) as session:
        mine = feed(session, 0, 1000, organisation_id=owner)
        everything = feed(session, 0, 1000)
    assert [(one.stream, one.number) for one in mine] == [
        (f"candidature:{owner}", 1),
        (f"candidature:{owner}", 2),
    ]
    assert set(mine) <= set(everything)
    assert not any(one.stream.startswith("signal:") for one in everything)
    assert all(before.position < after.position for before, after in pairwise(everything))


_HISTORY = """
    INSERT INTO journal_stream (name, length, head, organisation_id)
    SELECT 'candidature:' || n, 0, '', md5('organisation' || n / 5)::uuid FROM generate_series(0, 999) AS n;
    INSERT INTO journal_entry (stream, number, at, action, role, detail, digest, organisation_id)
    SELECT 'candidature:' || n % 1000, n, now(), '', '', '{}', '', md5('organisation' || n % 1000 / 5)::uuid
    FROM generate_series(1, :entries) AS n;
    INSERT INTO journal_stream (name, length, head) VALUES ('content:', 0, '');
    INSERT INTO journal_entry (stream, number, at, action, role, detail, digest)
    SELECT 'content:', n, now(), '', '', '{}', '' FROM generate_series(1, :entries) AS n;
    ANALYZE
"""


@pytest.fixture(scope="module")
def crowded(server: sa.URL) -> Iterator[Session]:
    """A long history of two hundred organisations, with five dossiers each, and as much that is in no feed."""
    engine = db.connect(new_database(server, "feeds"))
    with db.sessions(engine, Time())() as session:
        for statement in _HISTORY.split(";"):
            session.execute(sa.text(statement), {"entries": HISTORY} if ":entries" in statement else {})
        session.commit()
        yield session
    engine.dispose()


ORGANISATION = sa.text("SELECT md5('organisation7')::uuid")


@pytest.mark.parametrize(
    ("whose", "name", "index"),
    [
        (True, None, "ix_journal_entry_organisation_feed"),
        (False, None, "ix_journal_entry_feed"),
        (False, "candidature:37", "ix_journal_entry_stream_position"),
    ],
    ids=["an organisation's", "everybody's", "a dossier's"],
)
@pytest.mark.parametrize("after", [0, HISTORY // 2])
def test_a_page_is_found_by_an_index_whatever_the_history(
    crowded: Session, whose: bool, name: str | None, index: str, after: int
) -> None:
    organisation = crowded.scalars(ORGANISATION).one() if whose else None
    engine = crowded.get_bind()
    assert isinstance(engine, sa.Engine)
    with statements(engine) as sent:
        feed(crowded, after, 100, organisation_id=organisation, name=name)
    assert len(sent) == 3
    page = sent[-1]
    explained = crowded.connection().exec_driver_sql(f"EXPLAIN (ANALYZE) {page.statement}", page.parameters)
    plan = "\n".join(explained.scalars())
    assert f"Index Scan using {index} " in plan
    assert "Sort" not in plan
    assert "Rows Removed" not in plan, "nothing is read that is not shown"


def test_the_entries_of_a_feed_are_those_of_its_organisation(crowded: Session) -> None:
    organisation = crowded.scalars(ORGANISATION).one()
    found = feed(crowded, 0, HISTORY, organisation_id=organisation)
    expected = sa.select(sa.func.count()).where(Entry.organisation_id == organisation)
    assert len(found) == crowded.scalars(expected).one() == HISTORY // 200

"""An entry is written in the transaction of what it records, at the end of its stream."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account, identify
from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal import queries
from referencing.journal.chain import GENESIS, digest
from referencing.journal.models import Entry
from referencing.journal.operations import SYSTEM, record, verify
from tests.conftest import Time
from tests.journal.conftest import Write
from tests.journal.test_verify import Found


def entries(sessions: db.Sessions, stream: str) -> list[Entry]:
    with db.transaction(sessions) as session:
        return list(queries.stream(session, stream, limit=1_000))


def test_an_entry_says_who_did_what_when(sessions: db.Sessions, stream: str, time: Time) -> None:
    with db.transaction(sessions) as session:
        actor = identify(session, create_account(session, "Camille", Role.LEAD))
        record(session, actor, "candidature.submitted", stream, {"deposited_on": "2026-03-02", "version": 1})
    (entry,) = entries(sessions, stream)
    assert (entry.account_id, entry.actor, entry.role) == (actor.account_id, "Camille", "lead")
    assert (entry.action, entry.at, entry.detail) == (
        "candidature.submitted",
        time.now,
        {"deposited_on": "2026-03-02", "version": 1},
    )


def test_entries_are_numbered_in_their_stream_and_placed_in_the_journal(
    write: Write, sessions: db.Sessions, stream: str
) -> None:
    first = write({"n": 1}, {"n": 2})
    write({"n": 1}, to=f"{stream}:other")
    last = write({"n": 3})
    found = entries(sessions, stream)
    assert [(entry.number, entry.detail["references"]["n"]) for entry in found] == [(1, 1), (2, 2), (3, 3)]
    assert [entry.position for entry in found] == first + last
    assert first[0] < first[1] < last[0] - 1


def test_a_stream_is_read_from_a_number_on(write: Write, sessions: db.Sessions, stream: str) -> None:
    write(*({"n": number} for number in range(1, 6)))
    with db.transaction(sessions) as session:
        assert [entry.number for entry in queries.stream(session, stream, after=2, limit=2)] == [3, 4]


def test_what_is_rolled_back_was_not_recorded(
    write: Write, sessions: db.Sessions, stream: str, found: Found
) -> None:
    write({"n": 1})
    with sessions() as session:
        record(session, SYSTEM, "candidature.settled", stream, {})
        session.rollback()
    write({"n": 2})
    assert [(entry.number, entry.detail) for entry in entries(sessions, stream)] == [
        (1, {"references": {"n": 1}}),
        (2, {"references": {"n": 2}}),
    ]
    assert found(stream) == []


def test_nobody_else_reads_an_entry_before_its_transaction_ends(sessions: db.Sessions, stream: str) -> None:
    with db.transaction(sessions) as session:
        record(session, SYSTEM, "candidature.settled", stream, {})
        assert entries(sessions, stream) == []
    assert len(entries(sessions, stream)) == 1


def test_entries_written_at_once_make_one_chain(sessions: db.Sessions, stream: str, found: Found) -> None:
    """Also the first ones, which start the stream."""
    start = Barrier(6)

    def write_some(author: int) -> None:
        start.wait()
        for _ in range(5):
            with db.transaction(sessions) as session:
                record(session, SYSTEM, "items.named", stream, {"references": author})

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write_some, range(6)))
    assert [entry.number for entry in entries(sessions, stream)] == list(range(1, 31))
    assert found(stream) == []


@pytest.fixture
def undone(sessions: db.Sessions) -> Any:
    """A session of which nothing stays."""
    with sessions() as session:
        yield session


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | texts,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=3),
    max_leaves=8,
)


@given(references=st.dictionaries(texts, plain_values, max_size=4))
@example(references={"beyond 64 bits": 10**20, "below": -(2**63) - 1})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_whatever_was_written_is_read_back_unchanged(
    undone: Session, stream: str, references: dict[str, Any]
) -> None:
    record(undone, SYSTEM, "items.named", stream, {"references": references})
    undone.expire_all()
    assert queries.stream(undone, stream, limit=1_000)[-1].detail == {"references": references}
    assert [breach for breach in verify(undone) if breach.stream == stream] == []


@pytest.mark.parametrize(
    "offset", [timedelta(0), timedelta(microseconds=1), timedelta(days=150, microseconds=999_999)]
)
def test_the_instant_is_kept_to_the_microsecond(
    write: Write, sessions: db.Sessions, stream: str, found: Found, time: Time, offset: timedelta
) -> None:
    time.now = (time.now + offset).astimezone(db.PARIS)
    write({})
    assert entries(sessions, stream)[0].at == time.now
    assert found(stream) == []


def test_the_digest_of_an_entry_hangs_on_all_before_it() -> None:
    content = {"action": "a", "at": datetime(2026, 3, 2, tzinfo=db.PARIS).timestamp()}
    first = digest(GENESIS, content)
    assert len(first) == 64
    assert digest(first, content) != first
    assert digest(GENESIS, {**content, "action": "b"}) != first


def test_the_order_in_which_a_content_was_written_down_does_not_matter() -> None:
    assert digest(GENESIS, {"a": 1, "b": {"c": 2, "d": 3}}) == digest(
        GENESIS, {"b": {"d": 3, "c": 2}, "a": 1}
    )

"""Whoever changes or removes an entry, however well placed, is found out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.journal.chain import GENESIS, digest
from referencing.journal.models import Entry, Stream
from tests.conftest import Time
from tests.journal.conftest import Write

Found = Callable[[str], list[tuple[int, str]]]
Tampering = Callable[[], AbstractContextManager[Session]]

CHANGED = "the entry was changed after it was written"
MISSING = "an entry is missing"
SHORT = "the stream does not end where it should"


@pytest.fixture
def four(write: Write, stream: str) -> str:
    """A stream of four entries."""
    for number in range(1, 5):
        write({"outcome": f"verdict {number}"})
    return stream


def tamper(session: Session, statement: str, stream: str, **values: object) -> None:
    assert session.execute(sa.text(statement), {"stream": stream, **values}).rowcount  # type: ignore[attr-defined]


def test_a_journal_that_nobody_touched_is_whole(four: str, found: Found) -> None:
    assert found(four) == []


@pytest.mark.parametrize(
    "change",
    [
        """detail = '{"references": {"outcome": "verdict 5"}}'""",
        "detail = '{}'",
        "action = 'candidature.settled'",
        "role = 'lead'",
        "account_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "digest = repeat('0', 64)",
    ],
)
@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_changed_entry_is_found(
    four: str, found: Found, tampering: Tampering, change: str, number: int
) -> None:
    with tampering() as session:
        statement = f"UPDATE journal_entry SET {change} WHERE stream = :stream AND number = :number"
        tamper(session, statement, four, number=number)
    assert found(four) == [(number, CHANGED)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_entry_that_was_removed_before_others_is_found(
    four: str, found: Found, tampering: Tampering, number: int
) -> None:
    with tampering() as session:
        tamper(
            session,
            "DELETE FROM journal_entry WHERE stream = :stream AND number = :number",
            four,
            number=number,
        )
    assert found(four) == [(number, MISSING)]


@pytest.mark.parametrize("last", [3, 1, 0])
def test_an_end_that_was_removed_is_found(four: str, found: Found, tampering: Tampering, last: int) -> None:
    with tampering() as session:
        tamper(
            session, "DELETE FROM journal_entry WHERE stream = :stream AND number > :last", four, last=last
        )
    assert found(four) == [(4, SHORT)]


def test_a_gap_that_was_closed_by_renumbering_is_found(four: str, found: Found, tampering: Tampering) -> None:
    with tampering() as session:
        tamper(session, "DELETE FROM journal_entry WHERE stream = :stream AND number = 2", four)
        for number in (3, 4):
            statement = (
                "UPDATE journal_entry SET number = number - 1 WHERE stream = :stream AND number = :number"
            )
            tamper(session, statement, four, number=number)
    assert found(four) == [(2, CHANGED)]


def test_two_entries_that_changed_places_are_found(four: str, found: Found, tampering: Tampering) -> None:
    with tampering() as session:
        for before, after in ((2, 20), (3, 2), (20, 3)):
            statement = "UPDATE journal_entry SET number = :after WHERE stream = :stream AND number = :before"
            tamper(session, statement, four, before=before, after=after)
    assert found(four) == [(2, CHANGED)]


def test_an_entry_of_another_stream_does_not_pass(
    four: str, found: Found, tampering: Tampering, write: Write
) -> None:
    other = f"{four}:other"
    write({"outcome": "verdict 1"}, to=other)
    with tampering() as session:
        tamper(session, "DELETE FROM journal_entry WHERE stream = :stream AND number = 1", four)
        tamper(session, "UPDATE journal_entry SET stream = :stream WHERE stream = :other", four, other=other)
    assert found(four) == [(1, CHANGED)]
    assert found(other) == [(1, SHORT)]


def test_a_stream_that_claims_another_end_is_found(four: str, found: Found, tampering: Tampering) -> None:
    with tampering() as session:
        tamper(session, "UPDATE journal_stream SET length = 5 WHERE name = :stream", four)
    assert found(four) == [(5, SHORT)]


def test_one_broken_stream_hides_no_other(
    four: str, found: Found, tampering: Tampering, write: Write
) -> None:
    other = f"{four}:other"
    write({"n": 1}, {"n": 2}, to=other)
    with tampering() as session:
        for name in (four, other):
            tamper(session, "UPDATE journal_entry SET detail = '{}' WHERE stream = :stream", name)
    assert found(four) == [(1, CHANGED)], "the first broken link, once"
    assert found(other) == [(1, CHANGED)]


@pytest.fixture
def long(sessions: db.Sessions, stream: str, time: Time) -> str:
    """A stream of 2,100 entries, sealed as the documentation of the seal says and not by what is tested."""
    entries: list[dict[str, Any]] = []
    head = GENESIS
    for number in range(1, 2_101):
        said = {"stream": stream, "number": number, "action": "items.named", "account_id": None}
        said |= {"role": "system", "detail": {"n": number}}
        head = digest(head, {**said, "at": time.now.timestamp()})
        entries.append({**said, "at": time.now, "digest": head})
    with db.transaction(sessions) as session:
        session.add(Stream(name=stream, length=len(entries), head=head))
        session.flush()
        session.execute(sa.insert(Entry), entries)
    return stream


@pytest.mark.parametrize("number", [1_000, 1_001, 2_050])
def test_a_stream_longer_than_a_block_is_read_to_its_end(
    long: str, found: Found, tampering: Tampering, number: int
) -> None:
    assert found(long) == []
    with tampering() as session:
        statement = "UPDATE journal_entry SET detail = '{}' WHERE stream = :stream AND number = :number"
        tamper(session, statement, long, number=number)
    assert found(long) == [(number, CHANGED)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET role = 'lead'",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
    ],
)
def test_the_database_refuses_what_is_not_an_addition(
    four: str, found: Found, sessions: db.Sessions, statement: str
) -> None:
    with pytest.raises(DatabaseError, match="append-only"), db.transaction(sessions) as session:
        session.execute(sa.text(statement))
    assert found(four) == []

"""Entries take their places in the order of their positions, once none can come before them; nobody waits for that."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.heads.checking import verify
from referencing.heads.notary import Notary
from referencing.heads.queries import newest
from referencing.heads.signing import sign
from referencing.journal import tree
from referencing.journal.merkle import Growth
from referencing.journal.models import Entry
from referencing.journal.operations import SYSTEM, record
from tests.heads.conftest import write
from tests.journal.proofs import is_consistent, root_from_inclusion


def append(session: Session, number: int) -> int:
    return record(
        session, SYSTEM, "items.named", f"candidature:{UUID(int=number)}", {"references": {}}
    ).position


def size(sessions: db.Sessions) -> int:
    with db.transaction(sessions) as session:
        return tree.grow(session).size


def test_what_is_not_committed_yet_holds_back_what_comes_after_and_no_writer(sessions: db.Sessions) -> None:
    before = size(sessions)
    with sessions() as slow:
        append(slow, 900)
        write(sessions, 901, None)
        assert size(sessions) == before, "901 stands behind 900, which may come or not"
        slow.commit()
    assert size(sessions) == before + 2
    with sessions() as undone:
        append(undone, 902)
        write(sessions, 903, None)
        undone.rollback()
    assert size(sessions) == before + 3, "a position that stays empty is no leaf"
    with db.transaction(sessions) as session:
        assert list(verify(session)) == []


def test_writers_go_on_while_the_tree_grows(sessions: db.Sessions) -> None:
    with sessions() as growing:
        tree.grow(growing)
        with db.transaction(sessions) as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            append(session, 904)


def test_each_entry_has_its_proof_and_each_head_follows_from_those_before(
    sessions: db.Sessions, notary: Notary, written: None
) -> None:
    for number in range(3):
        write(sessions, 910 + number, None, 40)
        with db.transaction(sessions) as session:
            sign(session, notary)
    with db.transaction(sessions) as session:
        heads = newest(session)[::-1]
        entries = session.execute(
            sa.select(Entry.position, Entry.organisation_id, Entry.digest).order_by(Entry.position)
        ).all()
        growth = Growth()
        roots: dict[int, bytes] = {}
        for row in entries:
            list(growth.add(tree.Leaf(*row).hash))
            roots[growth.size] = growth.root()
        assert [head.root for head in heads] == [roots[head.size] for head in heads]
        size, root = heads[-1].size, heads[-1].root
        for expected, row in [*enumerate(entries[:size])][::7]:
            place = tree.place_of(session, row.position)
            assert place == expected
            path = tree.prove_included(session, place, size)
            assert root_from_inclusion(tree.Leaf(*row).hash, place, size, path) == root
        for first, second in pairwise(heads):
            path = tree.prove_consistent(session, first.size, second.size)
            assert is_consistent(first.size, second.size, first.root, second.root, path)


def test_a_proof_takes_a_few_statements(
    engine: sa.Engine, sessions: db.Sessions, notary: Notary, written: None
) -> None:
    with db.transaction(sessions) as session:
        head = sign(session, notary)
        position = session.scalars(sa.select(sa.func.min(Entry.position))).one()
        statements: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        tree.prove_consistent(session, head.size // 3, head.size)
        consistent = len(statements)
        tree.prove_included(session, tree.place_of(session, position) or 0, head.size)
        sa.event.remove(engine, "before_cursor_execute", note)
        assert consistent <= 6
        assert len(statements) - consistent <= 8

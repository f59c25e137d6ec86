"""The record holds nobody's name: what release 0.1 sealed with names is sealed anew without them, and back."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command

from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.console.live.happened import told as told_live
from referencing.journal.chain import GENESIS, digest
from referencing.journal.disclosure import disclosed
from referencing.journal.models import Entry
from referencing.journal.operations import verify
from tests.databases import new_database


@pytest.fixture
def empty(server: sa.URL) -> sa.Engine:
    """A database without a table."""
    return sa.create_engine(new_database(server, "names", template="template1"), poolclass=sa.NullPool)


def _seal_as_release_0_1(connection: sa.Connection, stream: str, entries: list[dict[str, Any]]) -> None:
    head = GENESIS
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for number, entry in enumerate(entries, start=1):
        content = {"stream": stream, "number": number, "at": moment.timestamp(), **entry}
        head = digest(head, content)
        connection.execute(
            sa.text(
                "INSERT INTO journal_entry (stream, number, at, action, account_id, actor, role, detail, digest) VALUES"
                " (:stream, :number, :moment, :action, :account_id, :actor, :role, cast(:written AS jsonb), :head)"
            ),
            {**content, "moment": moment, "written": json.dumps(entry["detail"]), "head": head},
        )
    connection.execute(
        sa.text("UPDATE journal_stream SET length = :length, head = :head WHERE name = :stream"),
        {"length": len(entries), "head": head, "stream": stream},
    )


def test_who_was_replaced_in_turn_leaves_no_name_in_a_session(empty: sa.Engine) -> None:
    """Nobody is a participant any more of those whom the events tell of."""
    command.upgrade(db.migrations(empty.url), "0023")
    verifier = db.new_id()
    with empty.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            sa.text(
                "INSERT INTO account (id, name, role, key_digest) VALUES (:id, 'Paul Colin', 'verifier', 'd')"
            ),
            {"id": verifier},
        )
        live = connection.scalar(
            sa.text(
                "INSERT INTO duo_session (id, candidature_id, organisation_id, slot_id, booked_by, phase, revision,"
                " sequence, last_event, starts_at, ends_at) VALUES (gen_random_uuid(), gen_random_uuid(),"
                " gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'scheduled', 1, 1, 2, now(),"
                " now() + interval '1 hour') RETURNING id"
            )
        )
        for number, name in enumerate(("Paul Colin", "Ana Roy"), start=1):
            connection.execute(
                sa.text(
                    "INSERT INTO duo_event (session_id, seq, kind, body, at) VALUES (:live, :number,"
                    " 'session.verifier_replaced', jsonb_build_object('session', 's', 'name', cast(:name AS text)),"
                    " now())"
                ),
                {"live": live, "number": number, "name": name},
            )
    db.upgrade(empty.url)
    with empty.connect() as connection:
        details = connection.scalars(sa.text("SELECT detail FROM duo_event ORDER BY number")).all()
    assert details == [{"session": "s", "account": str(verifier)}, {"session": "s"}]
    assert told_live("session.verifier_replaced", details[1]) == "quelqu'un remplace un vérificateur"


def test_names_leave_the_record_whose_seals_hold_and_come_back(empty: sa.Engine) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    lead, verifier = str(db.new_id()), str(db.new_id())
    by_lead = {"account_id": lead, "actor": "Zoé Lefèvre", "role": "lead"}
    by_nobody = {"account_id": None, "actor": "referencing", "role": "system"}
    handed_over = {
        "task": "t",
        "internal": {"from": None, "to": "Paul Colin", "reason": "Paul Colin revient."},
    }
    to_either = {"task": "t", "internal": {"from": None, "to": "Ana Roy", "reason": "Son tour."}}
    streams: dict[str, list[dict[str, Any]]] = {
        f"account:{lead}": [
            {**by_nobody, "action": "account.created", "detail": {"name": "Zoé Lefèvre", "role": "lead"}},
            {**by_lead, "action": "account.email_set", "detail": {}},
        ],
        "candidature:1": [{**by_lead, "action": "task.taken_over", "detail": handed_over}],
        "candidature:2": [
            *({**by_lead, "action": "verdict.undone", "detail": {"n": number}} for number in (1, 2)),
            {**by_lead, "action": "task.taken_over", "detail": handed_over},
        ],
        "candidature:3": [{**by_lead, "action": "task.taken_over", "detail": to_either}],
    }
    with empty.begin() as connection:
        for key, role, name in (
            (lead, "lead", "Zoé Lefèvre"),
            (verifier, "verifier", "Paul Colin"),
            (str(db.new_id()), "lead", "Ana Roy"),
            (str(db.new_id()), "verifier", "Ana Roy"),
        ):
            connection.execute(
                sa.text(
                    "INSERT INTO account (id, name, role, key_digest)"
                    " VALUES (cast(:id AS uuid), :name, :role, :id)"
                ),
                {"id": key, "name": name, "role": role},
            )
        for stream, entries in streams.items():
            connection.execute(
                sa.text("INSERT INTO journal_stream (name, length, head) VALUES (:name, 0, '')"),
                {"name": stream},
            )
            _seal_as_release_0_1(connection, stream, entries)
        connection.execute(sa.text("ALTER TABLE journal_entry DISABLE TRIGGER kept_as_written"))
        forged = "UPDATE journal_entry SET role = 'expert' WHERE stream = 'candidature:2' AND number = 2"
        connection.execute(sa.text(forged))
        connection.execute(sa.text("ALTER TABLE journal_entry ENABLE TRIGGER kept_as_written"))
        written = connection.execute(_RECORD).all()
    db.upgrade(empty.url)
    with db.transaction(db.sessions(empty)) as session:
        assert [(one.stream, one.number) for one in verify(session)] == [("candidature:2", 2)], "as before"
        holding = (
            "SELECT journal_entry::text FROM journal_entry WHERE stream <> 'candidature:2' OR number < 2"
        )
        held = session.scalars(sa.text(holding)).all()
        assert len(held) == 5
        assert not [row for row in held if "Zoé" in row or '"to": "Paul' in row or "Ana" in row]
        (entry,) = session.scalars(sa.select(Entry).where(Entry.stream == "candidature:1"))
        told = disclosed(entry, Actor(UUID(lead), "Zoé Lefèvre", Role.LEAD))
        assert (told.by, told.detail["internal"]["to"]) == ("Zoé Lefèvre", "Paul Colin")
        after_forged = session.scalars(sa.select(Entry).filter_by(stream="candidature:2", number=3)).one()
        assert (after_forged.detail, after_forged.people) == (handed_over, None), "as it was written"
        of_two = session.scalars(sa.select(Entry).where(Entry.stream == "candidature:3")).one()
        assert of_two.detail["internal"]["to"] is None, "two have that name"
    command.downgrade(db.migrations(empty.url), "0023")
    with empty.connect() as connection:
        back = connection.execute(_RECORD).all()
    assert [row for row in back if row.stream != "candidature:3"] == [
        row for row in written if row.stream != "candidature:3"
    ]


_RECORD = sa.text(
    "SELECT stream, number, actor, detail, digest, head FROM journal_entry JOIN journal_stream ON name = stream"
    " ORDER BY position"
)

"""A journal that was written before there was a feed: it is sealed as it was, and told to whom it is about."""

import json
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from referencing.base import db
from referencing.journal.chain import GENESIS, digest
from referencing.journal.operations import SYSTEM, record, verify
from referencing.journal.queries import feed
from tests.conftest import Time, new_database

REVISION = "0007"
ORGANISATION, DOSSIER = UUID(int=1), UUID(int=2)
STREAMS = [f"candidature:{DOSSIER}", "account:1"]

_STREAM = "INSERT INTO journal_stream (name, length, head) VALUES (:stream, 2, :digest)"
_ENTRY = """
    INSERT INTO journal_entry (stream, number, at, action, account_id, actor, role, detail, digest)
    VALUES (:stream, :number, :at, :action, NULL, :actor, :role, :detail, :digest)
"""
_DOSSIER = """
    INSERT INTO candidature
        (id, organisation_id, software_id, core_id, configuration_id, version_id, profiles, mode, state)
    VALUES (:dossier, :organisation, :other, :other, :other, :other, '{}', 'async', 'draft')
"""


@pytest.fixture
def before(server: sa.URL, time: Time) -> sa.URL:
    """The database as it was, with two streams of two entries."""
    url = new_database(server, "before_the_feed", template="template1")
    config = db.migrations(url)
    revision = ScriptDirectory.from_config(config).get_revision(REVISION)
    assert revision is not None
    command.upgrade(config, str(revision.down_revision))
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("SET session_replication_role = replica"))  # what it names is not there
        connection.execute(
            sa.text(_DOSSIER), {"dossier": DOSSIER, "organisation": ORGANISATION, "other": UUID(int=3)}
        )
        for stream in STREAMS:
            head = GENESIS
            for number in (1, 2):
                said: dict[str, Any] = {"stream": stream, "number": number, "action": "thing.happened"}
                said |= {
                    "account_id": None,
                    "actor": "referencing",
                    "role": "system",
                    "detail": {"n": number},
                }
                head = digest(head, {**said, "at": time.now.timestamp()})
                row = {**said, "detail": json.dumps(said["detail"]), "at": time.now, "digest": head}
                connection.execute(sa.text(_ENTRY), row)
            connection.execute(sa.text(_STREAM), {"stream": stream, "digest": head})
    return url


def test_what_was_written_before_is_told_and_its_seal_holds(before: sa.URL, time: Time) -> None:
    command.upgrade(db.migrations(before), REVISION)
    engine = db.connect(before)
    sessions = db.sessions(engine, time)
    with db.transaction(sessions) as session:
        assert list(verify(session)) == []
        for stream in STREAMS:
            record(session, SYSTEM, "thing.happened", stream, {"n": 3})
    with db.transaction(sessions) as session:
        found = feed(session, 0, 10, organisation_id=ORGANISATION)
        assert [(one.stream, one.number) for one in found] == [(STREAMS[0], number) for number in (1, 2, 3)]
        assert list(verify(session)) == []
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            session.execute(sa.text("UPDATE journal_entry SET organisation_id = NULL"))
        session.rollback()
    engine.dispose()

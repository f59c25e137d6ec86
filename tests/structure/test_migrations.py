"""The migrations lead, one after the other, to the tables that the models describe."""

import hashlib
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from referencing.base import db
from referencing.registers import tables
from tests.conftest import new_database

#: Tables and columns, then what the database checks, then its indexes: all as PostgreSQL itself writes them.
DESCRIPTIONS = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default, identity_generation
       FROM information_schema.columns WHERE table_schema = 'public'""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    """SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'""",
)
#: And what the models do not say: triggers and their functions.
BESIDE = (
    """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal""",
    """SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
)
#: The SHA-256 of all these, as the revisions 0001 to 0023 left them before the baseline took their place.
AT_0023 = "212e36cc01ccc31dcb71584d22b861b7492b65a3882ad7d91b5423faf02b2957"


@pytest.fixture
def empty(server: sa.URL) -> sa.Engine:
    """A database without a table."""
    return sa.create_engine(new_database(server, "empty", template="template1"), poolclass=sa.NullPool)


@pytest.fixture
def migrated(server: sa.URL) -> sa.Engine:
    return sa.create_engine(server.set(database="migrated"), poolclass=sa.NullPool)


def described(engine: sa.Engine, queries: Sequence[str] = DESCRIPTIONS) -> set[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = [tuple(row) for query in queries for row in connection.execute(sa.text(query))]
    return {row for row in rows if row[0] != "alembic_version"}


def test_there_is_one_latest_revision(server: sa.URL) -> None:
    assert len(ScriptDirectory.from_config(db.migrations(server)).get_heads()) == 1


def test_alembic_finds_nothing_to_migrate(migrated: sa.Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables()) == []


def test_the_migrations_make_what_the_models_say(migrated: sa.Engine, empty: sa.Engine) -> None:
    """Checks and conditions of indexes included, which alembic does not compare."""
    with empty.begin() as connection:
        tables().create_all(connection)
    assert described(migrated) == described(empty)


def test_what_was_migrated_can_be_undone_and_done_again(migrated: sa.Engine, empty: sa.Engine) -> None:
    db.upgrade(empty.url)
    command.downgrade(db.migrations(empty.url), "base")
    assert described(empty) == set()
    db.upgrade(empty.url)
    assert described(empty) == described(migrated)


def test_the_baseline_is_the_schema_that_the_earlier_revisions_left(empty: sa.Engine) -> None:
    """So a database at 0023, made by them, is taken over as it is."""
    command.upgrade(db.migrations(empty.url), "0023")
    rows = sorted(map(repr, described(empty, [*DESCRIPTIONS, *BESIDE])))
    assert hashlib.sha256("\n".join(rows).encode()).hexdigest() == AT_0023


def test_a_database_at_the_baseline_keeps_its_rows(empty: sa.Engine) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    with empty.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO organisation (id, name) VALUES (gen_random_uuid(), 'Éditions Alizé')")
        )
    db.upgrade(empty.url)
    with empty.connect() as connection:
        assert connection.scalar(sa.text("SELECT name FROM organisation")) == "Éditions Alizé"


def test_an_item_that_waits_for_a_complement_keeps_its_state_under_the_word_of_the_verdict(
    empty: sa.Engine,
) -> None:
    """Rows are put in beside the keys that they name: what is asked is whether the state is taken over and back."""
    command.upgrade(db.migrations(empty.url), "0023")
    with empty.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            sa.text(
                "INSERT INTO item (id, candidature_id, expected_proof_id, core_id, position, state, track, round)"
                " VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1,"
                " 'complement_requested', 'async', 1)"
            )
        )
    db.upgrade(empty.url)
    assert _states(empty) == ["complement"]
    command.downgrade(db.migrations(empty.url), "0023")
    assert _states(empty) == ["complement_requested"]


def _states(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT state FROM item")))

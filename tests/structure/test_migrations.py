"""The migrations lead, one after the other, to the tables that the models describe."""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from referencing.base import db
from referencing.base.outgoing.connections import revision_at
from referencing.registers import tables
from referencing.solutions.models import NilJudgement, Software
from referencing.solutions.queries import nil_belongs
from tests.databases import new_database

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


def test_a_release_is_taken_back_to_the_schema_before_it(empty: sa.Engine) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    before = described(empty)
    db.upgrade(empty.url)
    command.downgrade(db.migrations(empty.url), "0023")
    assert described(empty) == before


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


def test_of_boosts_that_say_the_same_the_first_goes_on(empty: sa.Engine) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    first, same, heavier = (db.new_id() for _ in range(3))
    with empty.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO boost (id, vague, weight, reason, ends_on)"
                " VALUES (:id, 2, :weight, 'Comité', '2026-03-10')"
            ),
            [{"id": one, "weight": weight} for one, weight in ((first, 1), (same, 1), (heavier, 2))],
        )
    db.upgrade(empty.url)
    with empty.connect() as connection:
        going_on = connection.scalars(sa.text("SELECT id FROM boost WHERE ended_at IS NULL ORDER BY id"))
        assert [*going_on] == [first, heavier]
    command.downgrade(db.migrations(empty.url), "0023")


def test_what_leans_on_versions_declared_alike_is_resolved_anew_without_them(empty: sa.Engine) -> None:
    db.upgrade(empty.url)
    core, other = db.new_id(), db.new_id()
    with empty.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            sa.text(
                "INSERT INTO equivalence_grant (id, candidature_id, core_id, proof_code, state, strength, derivation,"
                " cases, confirm, alike) VALUES (gen_random_uuid(), gen_random_uuid(), :core, 'A', 'granted', 'full',"
                " '{}', '{}', '{}', cast(:alike AS uuid[]))"
            ),
            [
                {"core": core, "alike": [db.new_id()]},
                {"core": core, "alike": [db.new_id()]},
                {"core": other, "alike": []},
            ],
        )
    command.downgrade(db.migrations(empty.url), "0023")
    with empty.connect() as connection:
        jobs = connection.execute(sa.text("SELECT task, arguments FROM job")).all()
    assert [tuple(job) for job in jobs] == [("resolve_software", {"core_id": str(core)})]


def test_tasks_that_are_open_are_counted(empty: sa.Engine) -> None:
    """One is with the agency, one with a third party; a third one is closed."""
    command.upgrade(db.migrations(empty.url), "0023")
    ids = {name: db.new_id() for name in ("dossier", "dsr", "version", "organisation")}
    with empty.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in (
            "INSERT INTO dsr_version (id, dsr_id, number) VALUES (:version, :dsr, 1)",
            "INSERT INTO candidature (id, organisation_id, software_id, core_id, configuration_id, version_id,"
            " profiles, mode, state) SELECT :dossier, :organisation, :dsr, :dsr, :dsr, :version, '{}', 'async',"
            " 'in_review'",
            "INSERT INTO task (id, item_id, queue, candidature_id, organisation_id, chapter, guichet, budget, due_on,"
            " last_day, rank, opened_at, third_party_since, closed_at)"
            " SELECT gen_random_uuid(), gen_random_uuid(), 'proof_review', :dossier, :organisation,"
            " 'INS', 'ANS', 15, '2026-03-10', '2026-03-10', 0, '2026-03-01 23:30Z', since, closed"
            " FROM (VALUES (NULL::timestamptz, NULL::timestamptz), (now(), NULL), (NULL, now())) AS of(since, closed)",
        ):
            connection.execute(sa.text(statement), ids)
    for _ in range(2):
        db.upgrade(empty.url)
        with empty.connect() as connection:
            (alike,) = connection.execute(
                sa.text("SELECT organisation_id, with_agency, third_party FROM open_count")
            )
            days = connection.execute(
                sa.text(
                    "SELECT dsr_id, day, opened, ending, third_party FROM open_day_count ORDER BY day, opened"
                )
            )
            assert tuple(alike) == (ids["organisation"], 1, 1)
            assert [*map(tuple, days)] == [
                (ids["dsr"], date(2026, 3, 2), 1, 0, 1),
                (ids["dsr"], date(2026, 3, 10), 0, 1, 0),
            ]
        command.downgrade(db.migrations(empty.url), "0023")


def _states(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT state FROM item")))


def test_a_nil_whose_certificates_counted_is_confirmed_until_the_agency_says_otherwise(
    empty: sa.Engine,
) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    software = db.new_id()
    with empty.begin() as connection:
        for table, columns, values in (
            ("organisation", "id, name", ":id, 'Éditions Alizé'"),
            ("software", "id, core_id, organisation_id, name, nil", ":id, :id, :id, 'Alpha', 'NIL-1'"),
            (
                "certificate",
                "id, software_id, core_id, kind, holder, number, valid_from",
                ":id, :id, :id, 'DMN', 'NIL-1', '1', '2026-01-01'",
            ),
        ):
            insert = sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})")
            connection.execute(insert, {"id": software})
    db.upgrade(empty.url)
    with empty.begin() as connection:
        assert connection.scalar(sa.select(nil_belongs()).select_from(Software)) is True
        connection.execute(
            sa.insert(NilJudgement).values(
                software_id=software, nil="NIL-1", belongs=False, reason="Non.", judged_at=sa.func.now()
            )
        )
        assert connection.scalar(sa.select(nil_belongs()).select_from(Software)) is False


@contextmanager
def held_by_another(engine: sa.Engine) -> Iterator[None]:
    """The schema, as while another process changes it."""
    with engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(7_201_514)))
        yield


def test_a_process_waits_for_another_one_that_changes_the_schema(
    empty: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor(1) as threads, caplog.at_level("WARNING"):
        with held_by_another(empty):
            waiting = threads.submit(db.upgrade, empty.url)
            until = monotonic() + 30
            while "waiting for it" not in caplog.text:
                assert monotonic() < until
                sleep(0.05)
            assert not waiting.done()
        waiting.result(timeout=60)
    assert caplog.text.count("waiting for it") == 1
    assert schema_at(empty).is_usable


def test_a_process_does_not_wait_for_ever(empty: sa.Engine) -> None:
    with held_by_another(empty), pytest.raises(TimeoutError, match="another process has been changing"):
        db.upgrade(empty.url, patience=0.3)
    assert schema_at(empty).revision is None


def test_a_table_that_others_hold_is_said_in_a_sentence(empty: sa.Engine) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    with empty.connect() as connection:
        connection.execute(sa.text("LOCK TABLE candidature"))
        with pytest.raises(TimeoutError, match="one of its tables"):
            db.upgrade(empty.url, patience=1)
    assert schema_at(empty).revision == "0023"


def schema_at(engine: sa.Engine) -> db.Schema:
    return db.schema_of(revision_at(engine.url))


def test_a_schema_that_is_the_latest_or_newer_is_not_touched(empty: sa.Engine) -> None:
    db.upgrade(empty.url)
    with empty.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with held_by_another(empty):
        db.upgrade(empty.url, patience=0)
    assert str(schema_at(empty)).startswith("9999, newer than ")


#: What takes away what the version before still reads or writes.
TAKING_AWAY = {"drop_column", "drop_table", "rename_table", "drop_constraint"}


def taken_away(source: str) -> set[str]:
    """What the upgrade of a migration takes away, by the names of alembic's operations."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    functions.pop("downgrade", None)
    calls = [
        node for function in functions.values() for node in ast.walk(function) if isinstance(node, ast.Call)
    ]
    names = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    renamed = any(keyword.arg == "new_column_name" for call in calls for keyword in call.keywords)
    return (names & TAKING_AWAY) | ({"new_column_name"} if renamed else set())


def test_a_migration_takes_away_only_what_it_says_that_nobody_uses(server: sa.URL) -> None:
    """Two versions work on one schema while instances are replaced: `CONTRACTS` tells since when nobody uses it."""
    scripts = ScriptDirectory.from_config(db.migrations(server)).walk_revisions()
    later = [script for script in scripts if script.revision > "0024"]
    said = {script.revision: (taken_away(Path(script.path).read_text()), script.module) for script in later}
    assert [
        revision for revision, (taken, module) in said.items() if taken and not hasattr(module, "CONTRACTS")
    ] == []


def test_what_a_migration_takes_away_is_seen() -> None:
    own = "def upgrade():\n    _go()\ndef _go():\n    op.drop_column('a', 'b')\n"
    source = f"{own}def downgrade():\n    op.drop_table('c')"
    assert taken_away(source) == {"drop_column"}
    assert taken_away("def upgrade():\n    op.alter_column('a', 'b', new_column_name='c')") == {
        "new_column_name"
    }
    assert taken_away("def upgrade():\n    op.add_column('a', 'b')") == set()


def test_a_simulation_that_runs_begins_anew(empty: sa.Engine) -> None:
    command.upgrade(db.migrations(empty.url), "0023")
    with empty.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            sa.text(
                "INSERT INTO simulation (id, rulebook_id, revision, applies_on, state, asked_by, asked_at, position,"
                " total, done, items, figures, effort) VALUES (gen_random_uuid(), gen_random_uuid(), 1, '2026-01-01',"
                " 'running', gen_random_uuid(), now(), 1, 25, 20, 300, '[]', '[]')"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO job (id, task, arguments, due_at, attempts) SELECT gen_random_uuid(), 'simulate',"
                " jsonb_build_object('simulation_id', id), now(), 0 FROM simulation"
            )
        )
    db.upgrade(empty.url)
    with empty.connect() as connection:
        assert connection.scalars(sa.text("SELECT done FROM simulation")).all() == [0]
        firsts = connection.scalars(sa.text("SELECT arguments ->> 'first' FROM job ORDER BY 1"))
        assert firsts.all() == ["1", "11", "21"]

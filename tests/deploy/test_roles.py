"""Three roles on one database: who migrates, who works, who reports; each can do its work and nothing beside."""

from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from referencing import registers
from referencing.app import create_app, tasks_on
from referencing.base import db
from referencing.base.jobs import perform_all, schedule
from referencing.base.models import Job
from referencing.config import Settings
from tests.builders import Asked
from tests.conftest import parts
from tests.databases import new_database
from tests.web.conftest import draft

SCRIPTS = Path(__file__).parents[2] / "deploy/postgresql"
ROLES = ("referencing_owner", "referencing", "referencing_reader")


def run(url: sa.URL, script: str) -> None:
    with psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        connection.execute((SCRIPTS / script).read_bytes())


@pytest.fixture(scope="module")
def as_role(server: sa.URL) -> dict[str, sa.URL]:
    """The addresses of a database that was set up as docs/operations.md says, by role."""
    url = new_database(server, "roles", template="template1")
    run(url, "roles.sql")
    run(url, "roles.sql")  # which is no fault
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for role in ROLES:
            connection.execute(sa.text(f"ALTER ROLE {role} PASSWORD 'secret'"))
    urls = {role: url.set(username=role, password="secret") for role in ROLES}
    db.upgrade(urls["referencing_owner"])
    run(urls["referencing_owner"], "after-upgrade.sql")
    return urls


def refused(url: sa.URL, statement: str) -> bool:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        try:
            connection.execute(sa.text(statement))
        except sa.exc.ProgrammingError as error:
            return isinstance(error.orig, psycopg.errors.InsufficientPrivilege)
    return False


def test_the_application_works_with_rows_alone(as_role: dict[str, sa.URL], tmp_path: Path) -> None:
    address = as_role["referencing"].set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(data=tmp_path, database_url=address, migrate=False)
    db.migrated_url(settings)
    app = create_app(settings)
    try:
        dossier = draft(app, "roles", Asked("INS.1"))
        dossier.editor.upload(dossier.slot, ("preuve.txt", b"preuve"))
        schedule(parts(app).sessions, registers.periods())
        assert perform_all(parts(app).sessions, tasks_on(parts(app).vault, settings)) >= len(
            registers.periods()
        )
        with parts(app).sessions() as session:
            assert session.scalars(sa.select(Job.last_error).where(Job.last_error.is_not(None))).all() == []
        assert app.test_client().get("/readyz").status_code == 200
    finally:
        parts(app).engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE candidature",
        "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
        "UPDATE journal_entry SET action = 'x'",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "DELETE FROM journal_stream",
        "UPDATE journal_head SET size = 1",
        "DELETE FROM journal_tile",
        "UPDATE alembic_version SET version_num = '9999'",
    ],
)
def test_the_application_changes_neither_tables_nor_the_record(
    as_role: dict[str, sa.URL], statement: str
) -> None:
    assert refused(as_role["referencing"], statement)


def test_reports_read_and_do_nothing_else(as_role: dict[str, sa.URL]) -> None:
    reader = as_role["referencing_reader"]
    assert not refused(reader, "SELECT count(*) FROM candidature")
    for statement in (
        "SELECT * FROM account_key",
        "SELECT * FROM browser_session",
        "SELECT * FROM external_identity",
        "SELECT * FROM repeatable_request",
        "SELECT * FROM signal_author",
        "DELETE FROM candidature",
        "CREATE TABLE mine (id int)",
    ):
        assert refused(reader, statement), statement

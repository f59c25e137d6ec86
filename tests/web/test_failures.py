"""When a part that the application needs does not answer, the client is told to come back, not what broke."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

from referencing.base import db
from referencing.base.outgoing.clamd import Clamd
from referencing.base.outgoing.connections import Bounds
from referencing.base.permissions import Role
from referencing.base.vault import Vault
from referencing.config import Settings
from storage.address import storage_from_url
from tests.clients import Client, form
from tests.conftest import Keys, furnished, parts
from tests.web.conftest import Dossier

#: Seconds in which a part that hangs is told of.
TOLD_WITHIN = 6
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/nothing"
NO_STORE = "s3://key:secret@127.0.0.1:1/bucket?secure=false"


@pytest.fixture
def without_database(routes: Flask, tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(data=tmp_path, database_url=NO_DATABASE)
    engine = db.connect(db.database_url(settings))  # which never connects
    with furnished(routes, settings, engine, db.utc_now):
        yield routes


@pytest.fixture(params=["folder", "S3"])
def without_storage(app: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """From now on with a file where the folder should be, or with no server at the address."""
    file = tmp_path / "file"
    file.touch()
    whole = parts(app)
    storage = str(file) if request.param == "folder" else NO_STORE
    settings = replace(whole.settings, storage_url=storage)
    app.extensions["referencing"] = replace(whole, settings=settings, vault=Vault.of(settings))
    yield app
    app.extensions["referencing"] = whole


def test_without_the_database_a_request_is_told_to_come_back(without_database: Flask) -> None:
    problem = Client(without_database.test_client(), "ref_key").refused(503, "GET", "/dsrs")
    assert problem["type"] == "urn:referencing:problem:unavailable"
    assert "réessayez" in problem["detail"]
    assert "127.0.0.1" not in str(problem)


def test_without_the_database_it_is_alive_and_not_ready(without_database: Flask) -> None:
    client = without_database.test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"database": "unavailable", "storage": "ok"})


def test_with_all_its_parts_it_is_ready(app: Flask) -> None:
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"database": "ok", "storage": "ok"})


@pytest.mark.parametrize(
    ("revision", "status", "told"), [("0023", 503, "0023, needs "), ("9999", 200, "9999, newer than ")]
)
def test_a_schema_that_is_not_its_own_is_named_and_an_older_one_is_not_served(
    app: Flask, revision: str, status: int, told: str
) -> None:
    engine = parts(app).engine
    with engine.begin() as connection:
        own = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
    try:
        ready = app.test_client().get("/readyz")
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :own"), {"own": own})
    assert ready.status_code == status
    assert ready.get_json()["schema"].startswith(told)


def test_a_database_that_was_restarted_is_found_again(app: Flask, key_of: Keys) -> None:
    client = Client(app.test_client(), key_of(Role.EDITOR))
    client.get("/softwares")
    url = make_url(str(parts(app).settings.database_url)).set(drivername="postgresql+psycopg")
    outside = sa.create_engine(url, poolclass=sa.NullPool)
    with outside.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert client.get("/softwares") == {"items": [], "next": None}


def test_without_the_storage_an_upload_is_told_to_come_back(dossier: Dossier, without_storage: Flask) -> None:
    problem = dossier.editor.refused(503, "POST", dossier.slot, data=form(("preuve.txt", b"preuve")))
    assert problem["type"] == "urn:referencing:problem:unavailable"
    assert "réessayez" in problem["detail"]
    assert dossier.editor.get(dossier.slot.removesuffix("/proofs"))["proof"] is None


def test_without_the_storage_it_is_not_ready(without_storage: Flask) -> None:
    ready = without_storage.test_client().get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"database": "ok", "storage": "unavailable"})


def test_without_its_broker_it_serves_on_and_says_so(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        url = f"redis://127.0.0.1:{broker.getsockname()[1]}/0"
        known = parts(app)
        app.extensions["referencing"] = replace(known, settings=replace(known.settings, broker_url=url))
        try:
            assert app.test_client().get("/readyz").get_json()["broker"] == "ok"
            broker.close()
            ready = app.test_client().get("/readyz")
        finally:
            app.extensions["referencing"] = known
    assert (ready.status_code, ready.get_json()["broker"]) == (200, "degraded")


@pytest.mark.parametrize("part", ["database", "storage", "scanner"])
def test_a_part_that_takes_what_it_is_asked_and_says_nothing_is_told_of_in_seconds(
    app: Flask, part: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:  # accepts for the kernel, and never answers
        place = f"127.0.0.1:{hung.getsockname()[1]}"
        whole = parts(app)
        broken = {
            "database": replace(
                whole, engine=db.connect(sa.make_url(f"postgresql+psycopg://nobody@{place}/x"))
            ),
            "storage": replace(
                whole,
                vault=replace(whole.vault, storage=storage_from_url(f"s3://k:s@{place}/bucket?secure=false")),
            ),
            "scanner": replace(whole, vault=replace(whole.vault, scanner=Clamd.of(f"tcp://{place}"))),
        }[part]
        app.extensions["referencing"] = broken
        try:
            began = monotonic()
            ready = app.test_client().get("/readyz")
            lasted = monotonic() - began
        finally:
            app.extensions["referencing"] = whole
    expected = (200, "degraded") if part == "scanner" else (503, "unavailable")
    assert (ready.status_code, ready.get_json()[part]) == expected
    assert lasted < TOLD_WITHIN


def test_a_server_that_stops_answering_in_the_middle_ends_the_statement(database: sa.URL) -> None:
    """The server bounds its statements while it lives; when it says nothing, the client's patience ends."""
    engine = db.connect(database, bounds=Bounds(statement=1))
    sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "patience", 0.5))
    with engine.connect() as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        with pytest.raises(sa.exc.OperationalError) as error:
            connection.execute(sa.text("SELECT pg_sleep(30)"))
    assert error.value.connection_invalidated
    engine.dispose()


def test_a_statement_that_takes_too_long_is_given_up_by_the_server(database: sa.URL) -> None:
    engine = db.connect(database, bounds=Bounds(statement=1))
    with pytest.raises(sa.exc.OperationalError, match="statement timeout"), engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_sleep(30)"))
    engine.dispose()

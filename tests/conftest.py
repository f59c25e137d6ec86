"""What every test may ask for: a real PostgreSQL, an application on it, people with keys."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account, identify
from referencing.app import create_app, parts_on, tasks_on
from referencing.base import db
from referencing.base.jobs import perform_all
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Role
from referencing.config import Settings
from referencing.equivalence.rulebooks.queries import CACHE
from referencing.web.requests import Parts
from tests.clients import Client
from tests.conformance import watched
from tests.databases import Renewed, new_database, plain

if TYPE_CHECKING:
    from tests.candidatures.running import Running

SHARED = Path(__file__).parents[1].parent / "shared"

Preparing = Callable[[str], AbstractContextManager[Flask]]

#: A folder that is memory, on Linux: databases are copied in it twenty times sooner than on some disks.
MEMORY = Path("/dev/shm")
#: The bytes that must be free there; a run takes less than half of them.
ROOM = 4 * 1024**3

#: The files that take the longest begin first, so that nobody waits for one of them at the end.
LONGEST = (
    "test_first_and_second_referencing.py",
    "test_interruptions.py",
    "test_uploads.py",
    "test_story.py",
    "test_in_a_browser.py",
    "test_walls.py",
    "test_killed.py",
    "test_machine.py",
    "test_failures.py",  # which waits more than it works, as the next ones do
    "test_bounds.py",
    "test_silence.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """What is temporary lies in memory where there is room, unless somebody said where it is to lie.

    While modules are imported nothing becomes garbage: to look for it takes a third of that time.
    """
    gc.disable()
    if config.option.dist == "no":  # who hands the tests out leaves the servers to whom it starts
        take_servers(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def take_servers(number: int) -> None:
    """Where several addresses of servers are named, with spaces between, each process of pytest has its own."""
    for name, addresses in list(os.environ.items()):
        several = addresses.split()
        if name.startswith("REFERENCING_TEST_") and name.endswith("_URL") and several[1:]:
            os.environ[name] = several[number]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """What the collector walks through again and again leaves out what lasts: a tenth of the time is saved."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def server() -> sa.URL:
    """A PostgreSQL with one migrated database, as which every test begins: embedded, or the one that is named.

    Not in pytest's folder, which the next session of pytest closes to the server's own user.
    """
    named = os.environ.get("REFERENCING_TEST_DATABASE_URL")
    folder = tempfile.mkdtemp(prefix="referencing-")
    atexit.register(
        shutil.rmtree, folder, ignore_errors=True
    )  # runs once the server has stopped, at exit too
    url = db.database_url(Settings(data=Path(folder), database_url=named))
    with psycopg.connect(plain(url), autocommit=True) as connection:
        if named is None:  # nothing here has to outlive the machine
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP DATABASE IF EXISTS migrated WITH (FORCE)")
        connection.execute("CREATE DATABASE migrated")
    db.upgrade(url.set(database="migrated"))
    return url


@pytest.fixture(scope="module")
def template() -> str:
    """The name of the database as which each test begins: a module that prepares one names it here."""
    return "migrated"


@pytest.fixture(scope="session")
def own_engine(server: sa.URL) -> Iterator[sa.Engine]:
    """On the database of the test: an engine for each test would have to compile every statement again."""
    engine = db.connect(server.set(database="test"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def own_database(server: sa.URL, own_engine: sa.Engine) -> Iterator[Renewed]:
    renewed = Renewed(server, "test", own_engine)
    yield renewed
    renewed.leave()


@pytest.fixture
def database(own_database: Renewed, template: str) -> sa.URL:
    """A database of its own, which the next test that asks for one makes anew."""
    return own_database.renew(template)


@dataclass
class Time:
    """A clock that a test moves."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application whose parts each test puts in: its hundreds of routes take longer to make than a database."""
    nowhere = Settings(
        data=tmp_path_factory.mktemp("routes"),
        database_url="postgresql://nowhere/",
        largest_table=5 * 1024**2,
    )
    return watched(create_app(nowhere))


@pytest.fixture(scope="session")
def running(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Running"]:
    """For all rooms: each would have to compile every statement again, and to publish the tiny referential."""
    from tests.candidatures.running import running_on  # noqa: PLC0415 - it needs this file

    with running_on(server, "running", tmp_path_factory.mktemp("running")) as application:
        yield application


@pytest.fixture
def app(
    routes: Flask, database: sa.URL, own_engine: sa.Engine, time: Time, tmp_path: Path
) -> Iterator[Flask]:
    settings = Settings(
        data=tmp_path / "data",
        database_url=plain(database),
        storage_url=os.environ.get("REFERENCING_TEST_S3_URL"),
        largest_file=5 * 1024**2,
        largest_table=5 * 1024**2,
    )
    with furnished(routes, settings, own_engine, time):
        yield routes


@contextmanager
def furnished(app: Flask, settings: Settings, engine: sa.Engine, clock: db.Clock) -> Iterator[None]:
    """The application works with these parts."""
    CACHE.entries.clear()  # lists of one id are published with other lines in another copy of a template
    sessions = db.sessions(engine, clock)
    app.extensions["referencing"] = replace(
        parts_on(settings, clock), engine=engine, direct=engine, sessions=sessions
    )
    app.testing = True
    yield


@pytest.fixture(scope="session")
def preparing(server: sa.URL, routes: Flask, tmp_path_factory: pytest.TempPathFactory) -> Preparing:
    """The application on a new database: what is done there is done once, for tests whose `template` it is."""

    @contextmanager
    def on(name: str) -> Iterator[Flask]:
        url = new_database(server, name)
        engine = db.connect(url)
        settings = Settings(data=tmp_path_factory.mktemp(name), database_url=plain(url))
        with furnished(routes, settings, engine, Time()):
            yield routes
        engine.dispose()

    return on


def parts(app: Flask) -> Parts:
    found: Parts = app.extensions["referencing"]
    return found


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """For operations and queries; what it did is committed at its end."""
    with db.transaction(parts(app).sessions) as opened:
        yield opened


@pytest.fixture
def jobs(app: Flask) -> Callable[[], int]:
    """Perform what is due, as the worker would."""
    return lambda: perform_all(parts(app).sessions, tasks_on(parts(app).vault, parts(app).settings))


@pytest.fixture(scope="session")
def shared(server: sa.URL) -> Iterator[sa.Engine]:
    """A migrated database that its tests leave as they found it."""
    engine = db.connect(new_database(server, "scratch"))
    yield engine
    engine.dispose()


@pytest.fixture
def scratch(shared: sa.Engine, time: Time) -> Iterator[Session]:
    """For operations and queries, undone at the end: ready much sooner than a database of one's own."""
    with db.sessions(shared, time)() as opened:
        yield opened


Keys = Callable[..., str]


@pytest.fixture
def key_of(app: Flask) -> Keys:
    """The key of a new account."""

    def create(role: Role, organisation: str = "Éditions Alizé", name: str = "Camille") -> str:
        owner = organisation if role in OF_AN_ORGANISATION else None
        with db.transaction(parts(app).sessions) as opened:
            return create_account(opened, name, role, owner)

    return create


@pytest.fixture
def actor_of(app: Flask, key_of: Keys) -> Callable[..., Actor]:
    def create(role: Role, **who: Any) -> Actor:
        key = key_of(role, **who)
        with db.transaction(parts(app).sessions) as opened:
            return identify(opened, key)

    return create


@pytest.fixture
def as_(app: Flask, key_of: Keys) -> Callable[..., Client]:
    """A client that speaks for a new account of a role."""

    def create(role: Role, **who: Any) -> Client:
        http: FlaskClient = app.test_client()
        return Client(http, key_of(role, **who))

    return create


@pytest.fixture(scope="session")
def shared_app(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application and database for the tests that bring their own organisations and look at nothing else."""
    settings = Settings(
        data=tmp_path_factory.mktemp("shared"),
        database_url=plain(new_database(server, "shared")),
        largest_file=5 * 1024**2,
        largest_table=1024**2,
    )
    application = watched(create_app(settings))
    application.testing = True
    yield application
    parts(application).engine.dispose()

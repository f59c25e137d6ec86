"""What the sections measure against: a database of their own, the application, or a whole server with its database."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from referencing.app import create_app
from referencing.base import db
from referencing.config import Settings
from tests.conftest import parts
from tests.proofs.conftest import free_port
from tests.uploads.server import Server


@contextmanager
def database() -> Iterator[db.Sessions]:
    """Sessions on a migrated database that holds nothing, embedded, in a folder that goes away."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = db.database_url(Settings(data=Path(folder)))
        db.upgrade(url)
        engine = db.connect(url)
        yield db.sessions(engine)
        engine.dispose()


@contextmanager
def server(**variables: str) -> Iterator[Server]:
    """`referencing serve` on an embedded database, in a folder that goes away; `variables` are its settings."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        started = Server(folder, free_port(), **variables)
        started.start()
        try:
            yield started
        finally:
            started.stop()


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The whole application in this process, whose connections are closed at the end."""
    app = create_app(settings)
    yield app
    parts(app).engine.dispose()


def tidy(factory: db.Sessions) -> None:
    """Vacuum and analyze, as the server does of itself once a table has grown."""
    with factory() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
            sa.text("VACUUM ANALYZE")
        )

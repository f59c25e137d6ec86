"""A database with a record and contents, the storage of its files, and one for backups."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.files.models import Content, Scan
from storage.filesystem import FilesystemStorage
from storage.port import ObjectStorage
from tests.databases import new_database


@contextmanager
def connected(url: sa.URL) -> Iterator[db.Sessions]:
    engine = db.connect(url)
    try:
        yield db.sessions(engine)
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Place:
    """Somewhere the application could work: a database and its files."""

    url: sa.URL
    files: ObjectStorage

    def keep(self, *contents: bytes) -> list[str]:
        """Contents as the application keeps them: first the content, then its row; answers their digests."""
        digests = [self.files.store(BytesIO(content)).sha256 for content in contents]
        with connected(self.url) as sessions, db.transaction(sessions) as session:
            for digest, content in zip(digests, contents, strict=True):
                kept = {"sha256": digest, "size": len(content), "scan": Scan.UNSCANNED}
                session.add(Content(**kept, checked_at=db.now(session)))
        return digests

    def rows(self) -> dict[str, list[object]]:
        """All that the tables hold, in an order of their own."""
        with connected(self.url) as sessions, sessions() as session:
            tables = session.scalars(
                sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
            ).all()
            return {
                table: [*session.scalars(sa.text(f'SELECT t::text FROM "{table}" t ORDER BY 1'))]
                for table in tables
            }


@pytest.fixture
def at_work(server: sa.URL, tmp_path: Path) -> Place:
    place = Place(new_database(server, "backed_up"), FilesystemStorage(tmp_path / "files"))
    with connected(place.url) as sessions, db.transaction(sessions) as session:
        create_account(session, "Zoé Élan", Role.EDITOR, "Éditions Alizé")
    place.keep(b"a proof", b"a certificate")
    return place


@pytest.fixture
def elsewhere(server: sa.URL, tmp_path: Path) -> Place:
    """Empty."""
    url = new_database(server, "restored", template="template1")
    return Place(url, FilesystemStorage(tmp_path / "other files"))


@pytest.fixture
def backups(tmp_path: Path) -> ObjectStorage:
    return FilesystemStorage(tmp_path / "backups")

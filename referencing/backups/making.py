"""`referencing backup`: all that is there at one moment, while it is being worked with.

The database is read as one snapshot. A content is kept before the row that names it, and never changes: what the
snapshot names is there, and what an earlier backup has copied is not copied again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from referencing.base import db
from referencing.personal_data.queries import erased
from storage.port import ObjectStorage

from . import manifest
from .contents import Copied, altered, copy
from .manifest import Manifest
from .programs import dumping
from .queries import digests, sample


@dataclass(frozen=True, slots=True)
class Made:
    """`altered` are those of `sample` contents that did not come back from the backup as they were."""

    name: str
    manifest: Manifest
    copied: Copied
    sample: int
    altered: list[str]
    forgotten: list[str]


def back_up(url: sa.URL, files: ObjectStorage, target: ObjectStorage, keep: int | None = None) -> Made:
    """Write a backup into `target`; with `keep`, so many of them stay.

    Raises Failed, StorageFailure, SQLAlchemyError.
    """
    made_at = _moment()
    with _snapshot(url) as (connection, snapshot):
        version = db.server_version(connection)
        revision = MigrationContext.configure(connection).get_current_revision() or ""
        with dumping(url, version, snapshot) as archive:
            stored = target.store(archive)
        copied = copy(files, target, digests(connection))
        drawn = sample(connection, copied.missing)
        gone = [str(account) for account in erased(connection)]
    held = Manifest(
        made_at, revision, version, stored.sha256, stored.size, copied.named, copied.missing, gone
    )
    name = manifest.write(target, held)
    old = manifest.names(target)[:-keep] if keep else []
    for each in old:
        manifest.forget(target, each)
    return Made(name, held, copied, len(drawn), altered(target, drawn), old)


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _snapshot(url: sa.URL) -> Iterator[tuple[sa.Connection, str]]:
    """A connection that sees one moment, and the name by which others see the same while it is open."""
    engine = db.connect(url, pool_size=1)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection, str(connection.scalar(sa.text("SELECT pg_export_snapshot()")))
    finally:
        engine.dispose()

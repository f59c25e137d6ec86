"""`referencing restore`: a backup read into an empty database and a storage, and looked at before anybody works."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from referencing.base import db
from referencing.heads.checking import verify
from referencing.journal.operations import Breach
from referencing.personal_data.erasure import erase_again
from storage.content import digest_of
from storage.port import Missing, ObjectStorage

from . import manifest
from .contents import Copied, altered, copy
from .manifest import Manifest
from .programs import Failed, load
from .queries import digests, sample


@dataclass(frozen=True, slots=True)
class Restored:
    """`unnamed` counts contents of the storage that no row names: they are left alone, and `sweep` removes them.

    `erased` are the persons who were erased again.
    """

    name: str
    manifest: Manifest
    copied: Copied
    sample: int
    altered: list[str]
    unnamed: int
    breaches: list[Breach]
    erased: list[UUID]


def restore(
    url: sa.URL,
    files: ObjectStorage,
    source: ObjectStorage,
    name: str | None = None,
    erased: Collection[UUID] = (),
) -> Restored:
    """Restore the backup of that name, the last one unless it is said.

    Who was erased since, as a later backup or `erased` say, is erased again before anybody works. Raises Failed,
    StorageFailure, SQLAlchemyError.
    """
    chosen, held = _chosen(source, name)
    gone = {*erased, *_erased_later(source, chosen)}
    if not db.schema_of(held.revision).known:
        raise Failed(f"the backup's schema {held.revision} is of a newer version: restore it with that one")
    engine = db.connect(url, pool_size=2)
    try:
        _load(engine, url, source, held)
        db.upgrade(url)
        with engine.connect() as connection:
            copied = copy(source, files, digests(connection))
            drawn = sample(connection, copied.missing)
        with db.transaction(db.sessions(engine)) as session:
            again = erase_again(session, gone)
            breaches = [*verify(session)]
        unnamed = sum(1 for _ in files.digests()) - copied.named + len(copied.missing)
        return Restored(chosen, held, copied, len(drawn), altered(files, drawn), unnamed, breaches, again)
    finally:
        engine.dispose()


def _chosen(source: ObjectStorage, name: str | None) -> tuple[str, Manifest]:
    names = manifest.names(source)
    if not names:
        raise Failed("there is no backup in this place")
    chosen = name or names[-1]
    if chosen not in names:
        raise Failed(f"there is no backup {chosen}: there are {', '.join(names)}")
    return chosen, manifest.read(source, chosen)


def _erased_later(source: ObjectStorage, chosen: str) -> Iterator[UUID]:
    """The accounts that backups after the chosen one know to be erased. Raises Failed where one cannot be read."""
    for name in manifest.names(source):
        if name > chosen:
            try:
                yield from map(UUID, manifest.read(source, name).erased)
            except (ValueError, Missing) as error:
                raise Failed(
                    f"{name}, which is later, does not say who was erased since ({error}): remove it from the place "
                    "and give --erased; nothing was changed"
                ) from error


def _load(engine: sa.Engine, url: sa.URL, source: ObjectStorage, held: Manifest) -> None:
    tables = sa.text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
    with engine.connect() as connection:
        if connection.scalar(tables):
            raise Failed("the database is not empty: restore into a new one, nothing was changed")
        version = db.server_version(connection)
    if digest_of(source.read(held.archive)) != held.archive:
        raise Failed("the database's archive is altered: take another backup, nothing was changed")
    load(url, version, source.read(held.archive))

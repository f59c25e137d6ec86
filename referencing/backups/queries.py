"""Which contents a database names."""

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from referencing.files.models import Content

#: Contents that are read again, drawn anew each time.
SAMPLE = 100


def digests(connection: sa.Connection) -> Iterator[str]:
    """All of them, in bounded memory."""
    rows = connection.execution_options(stream_results=True, yield_per=1000)
    yield from rows.scalars(sa.select(Content.sha256).order_by(Content.sha256))


def sample(connection: sa.Connection, missing: Collection[str]) -> list[str]:
    """Some of them, at random, without those that are known to be missing."""
    drawn = sa.select(Content.sha256).order_by(sa.func.random()).limit(SAMPLE)
    return [digest for digest in connection.scalars(drawn) if digest not in missing]

"""How many statements and transactions the calls of a story send to the database, and how many rows these read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.builders import statements
from tests.clients import Client, form
from tests.conftest import parts
from tests.requests import story


@dataclass
class Counting:
    """Makes the calls, and counts what each sends to the database."""

    app: Flask
    statements: dict[str, int] = field(default_factory=dict)
    transactions: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def __call__(self, call: story.Call) -> Any:
        engine, client = parts(self.app).engine, Client(self.app.test_client(), call.key)
        body = {"json": call.json} if call.file is None else {"data": form(("preuve.txt", call.file))}
        with statements(engine) as sent, transactions(engine) as begun, rows_read(engine) as read:
            response = client.send(call.method, call.path, **body)
        assert response.status_code < 300, response.get_data(as_text=True)
        self.statements[call.name], self.transactions[call.name] = len(sent), len(begun)
        self.rows[call.name] = sum(read)
        return response.json


@contextmanager
def transactions(engine: sa.Engine) -> Iterator[list[sa.Connection]]:
    """What is begun meanwhile."""
    begun: list[sa.Connection] = []

    def note(connection: sa.Connection) -> None:
        begun.append(connection)

    sa.event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        sa.event.remove(engine, "begin", note)


#: The rows that a connection has read of each table, by whatever plan: as PostgreSQL counts, from some moment on.
_READ = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"


@contextmanager
def rows_read(engine: sa.Engine) -> Iterator[list[int]]:
    """What the transactions read meanwhile: the counts at the end of each, less those at its beginning."""
    read: list[int] = []

    def so_far(connection: sa.Connection) -> int:
        (count,) = connection.connection.driver_connection.execute(_READ).fetchone()  # type: ignore[union-attr]
        return int(count or 0)

    def begin(connection: sa.Connection) -> None:
        read.append(-so_far(connection))

    def end(connection: sa.Connection) -> None:
        read.append(so_far(connection))

    noted = {"begin": begin, "commit": end, "rollback": end}
    for event, note in noted.items():
        sa.event.listen(engine, event, note)
    try:
        yield read
    finally:
        for event, note in noted.items():
            sa.event.remove(engine, event, note)

"""Connections to PostgreSQL on which nothing waits for ever: not for the server, a lock, nor a statement's end.

The server bounds locks and statements while it lives. A server that is stopped, or a line that is cut, tells nothing:
the client's own patience ends there, and the connection with it.
"""

import select
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

DRIVER = "postgresql+psycopg"
PORT = 5432
#: Seconds.
CONNECTING = 5
LOCK = 10
STATEMENT = 30
STATEMENT_OF_JOB = 600
#: Beyond the statement's bound, in which the server may still say that it gave up.
MARGIN = 5.0
#: A connection that only asks whether the server answers.
PINGING = 2
#: Seconds of silence before the line is tried, between tries, and until what was sent counts as lost; over TCP.
LINE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
UNACKNOWLEDGED = 30_000  # milliseconds


def address(written: str) -> sa.URL:
    """The address with its driver. Of several servers, `HOST:PORT,HOST:PORT`, the one is meant that may be written to.

    Which one that is, is asked with each connection: after a failover it is another.
    """
    hosts = urlsplit(written).netloc.rpartition("@")[2]
    if "," not in hosts:
        return sa.make_url(written).set(drivername=DRIVER)
    servers = [urlsplit(f"//{host}") for host in hosts.split(",")]
    several = {
        "host": ",".join(server.hostname or "" for server in servers),
        "port": ",".join(str(server.port or PORT) for server in servers),
    }
    url = sa.make_url(written.replace(hosts, "", 1)).set(drivername=DRIVER)
    return url.set(query={"target_session_attrs": "read-write", **url.query, **several})


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed once the server has been silent for longer than `patience`, in seconds."""

    patience = STATEMENT_OF_JOB + MARGIN

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises OperationalError, the connection closed, when the server does not answer."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if timeout is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a connection waits, in seconds: to be had, for a lock, for one statement.

    A pooler takes no options: what bounds locks and statements at the server stands there, with the role. It may give
    each transaction another connection: none keeps a prepared statement.
    """

    connecting: int = CONNECTING
    lock: int = LOCK
    statement: int = STATEMENT_OF_JOB
    pooled: bool = False

    @property
    def patience(self) -> float:
        return self.statement + MARGIN

    def parameters(self, url: sa.URL) -> dict[str, Any]:
        """Parameters of libpq; what the address itself says of a line stands."""
        line = {"connect_timeout": self.connecting, "tcp_user_timeout": UNACKNOWLEDGED, **LINE}
        of_line = {name: url.query.get(name, value) for name, value in line.items()}
        if self.pooled:
            return of_line | {"prepare_threshold": None}
        own = (
            f"-c jit=off -c timezone=UTC -c lock_timeout={self.lock}s -c statement_timeout={self.statement}s"
        )
        options = f"{own} {url.query.get('options', '')}".strip()
        return of_line | {"options": options}

    def open(self, *place: Any, **parameters: Any) -> BoundedConnection:
        """A connection with this patience; its parameters are psycopg's."""
        connection = BoundedConnection.connect(*place, **parameters)
        connection.patience = self.patience
        return connection


def open_connection(url: sa.URL, bounds: Bounds) -> BoundedConnection:
    """A connection outside any pool, each statement of it committed at once."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return bounds.open(address, autocommit=True, **bounds.parameters(url))


def refuse_ended(connection: psycopg.Connection, *_: object) -> None:
    """Have the pool connect anew once the server is gone. Unlike a ping, which waits for an answer, this costs nothing.

    An idle connection has nothing to read but a notice of the server, or its end.
    """
    incoming = select.poll()
    incoming.register(connection.fileno(), select.POLLIN)
    try:
        while incoming.poll(0):
            connection.pgconn.consume_input()
    except psycopg.OperationalError as error:
        raise sa.exc.InvalidatePoolError from error


def revision_at(url: sa.URL, bounds: Bounds | None = None, *, pooled: bool = False) -> str | None:
    """The revision of the schema, None without tables.

    Raises psycopg.Error, within seconds unless `bounds` are given.
    """
    with open_connection(url, bounds or Bounds(PINGING, PINGING, PINGING, pooled)) as connection:
        connection.patience = bounds.patience if bounds else PINGING
        row = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if row is None or row[0] is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])

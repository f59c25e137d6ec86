"""PostgreSQL and Redis of Debian's packages as processes of a test's own, which it kills, starts again and promotes."""

import os
import secrets
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import psycopg
import pytest
import sqlalchemy as sa
from redis import Redis as RedisClient
from redis.exceptions import RedisError

from tests.databases import plain
from tests.proofs.conftest import free_port

STARTS_WITHIN = 60.0
#: As whom the database runs, which does not run as root.
OWNER: dict[str, Any] = (
    {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
)


def programs() -> Path:
    """Where the newest of Debian's PostgreSQL has its programs."""
    there = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if not there:
        pytest.skip("Debian's PostgreSQL is not installed")
    return max(there, key=lambda folder: int(folder.parent.name))


def kill(process: psutil.Popen) -> None:
    """The process and all that it started, at once, as when their machine loses its power."""
    family: list[psutil.Process | psutil.Popen] = [process]
    with suppress(psutil.NoSuchProcess):  # killed before
        family += process.children(recursive=True)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=30)


class Postgres:
    """A server on loopback, in a folder that its user may enter."""

    def __init__(self, folder: Path, password: str = secrets.token_hex(12)) -> None:
        self.folder = folder
        self.port = free_port()
        self.password = password
        self.process: psutil.Popen | None = None

    @property
    def url(self) -> sa.URL:
        return sa.URL.create(
            "postgresql+psycopg", "referencing", self.password, "127.0.0.1", self.port, "postgres"
        )

    def make(self) -> None:
        secret = self.folder.with_name("password")
        secret.write_text(self.password)
        secret.chmod(0o644)
        self._run("initdb", "--username", "referencing", "--auth", "scram-sha-256", "--pwfile", str(secret))
        secret.unlink()

    def follow(self, primary: "Postgres") -> None:
        """Copy a server, and be its hot standby once started; from then on nothing is committed there without it."""
        self._run(
            "pg_basebackup", "--dbname", plain(primary.url), "--write-recovery-conf", "--checkpoint=fast"
        )
        self.start()
        primary.tell("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.tell("SELECT pg_reload_conf()")

    def _run(self, program: str, *options: str) -> None:
        command = [str(programs() / program), "--pgdata", str(self.folder), "--no-sync", *options]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **OWNER)

    def start(self) -> None:
        """Return once it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "wal_retrieve_retry_interval": "200ms",
        }
        command = [str(programs() / "postgres"), "-D", str(self.folder)]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.folder.with_name(f"{self.folder.name}.log").open("ab") as log:
            self.process = psutil.Popen(command, stdout=log, stderr=log, cwd="/", **OWNER)
        until = monotonic() + STARTS_WITHIN
        while True:
            try:
                self.tell("SELECT 1")
            except psycopg.OperationalError:
                assert monotonic() < until, "the database did not start"
                sleep(0.02)
            else:
                return

    def kill(self) -> None:
        assert self.process is not None
        kill(self.process)

    def tell(self, statement: str) -> Any:
        """The first value of the answer, if there is one."""
        with psycopg.connect(plain(self.url), autocommit=True, connect_timeout=5) as connection:
            answer = connection.execute(statement)
            row = answer.fetchone() if answer.description else None
            return row and row[0]


class Redis:
    """A broker that remembers nothing of what it was told before it was killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        command = [
            "redis-server",
            *(str(part) for name, value in options.items() for part in (f"--{name}", value)),
        ]
        try:
            self.process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            pytest.skip("Debian's Redis is not installed")
        until = monotonic() + STARTS_WITHIN
        with RedisClient(port=self.port) as client:
            while True:
                try:
                    client.ping()
                except RedisError:
                    assert monotonic() < until, "the broker did not start"
                    sleep(0.02)
                else:
                    return

    def kill(self) -> None:
        assert self.process is not None
        kill(self.process)

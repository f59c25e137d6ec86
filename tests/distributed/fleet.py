"""Two servers and two workers on one database with a hot standby, one broker and one place of files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import requests
import sqlalchemy as sa

from referencing.base import db
from referencing.base.outgoing.connections import address
from tests.databases import plain
from tests.distributed.machines import Postgres, Redis, kill
from tests.proofs.conftest import free_port
from tests.serving.conftest import answers, becomes

#: Seconds, for servers that start, on a machine that has other things to do; and for those that run.
STARTS_WITHIN, BACK_WITHIN = 180.0, 60.0


class Program:
    """A process of the application, which a test kills and starts again."""

    def __init__(self, environment: dict[str, str], log: Path, *command: str) -> None:
        self.environment = environment
        self.log = log
        self.command = [sys.executable, "-m", *command]
        self.process: psutil.Popen | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = psutil.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        assert self.process is not None
        kill(self.process)

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return list(self.process.children())


class Instance(Program):
    """`referencing serve` on a port of its own."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        super().__init__(environment, log, "tests.serving.served", str(self.port))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        return answers(self.port, "/readyz") == 200


@dataclass
class Fleet:
    """`primary` is written to, `standby` follows it; the `engine` leads to the one that may be written to."""

    primary: Postgres
    standby: Postgres
    broker: Redis
    instances: list[Instance]
    workers: list[Program]
    engine: sa.Engine

    def await_readiness(self) -> None:
        becomes(lambda: all(instance.is_ready() for instance in self.instances), STARTS_WITHIN)

    def get(self, which: int, path: str, key: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return requests.get(self.instances[which].url + path, headers=headers, timeout=60)

    def undone(self) -> int:
        """The jobs that wait to be done, whether they are due or not, and those that are dead."""
        with self.engine.connect() as connection:
            count = connection.scalar(sa.text("SELECT count(*) FROM job WHERE done_at IS NULL"))
        return int(count or 0)


@contextmanager
def fleet() -> Iterator[Fleet]:
    with TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as name, ExitStack() as ends:
        folder = Path(name)
        folder.chmod(0o777)
        primary, standby = Postgres(folder / "primary"), Postgres(folder / "standby")
        broker = Redis(folder)
        primary.make()
        for machine in (primary, broker):
            machine.start()
            ends.callback(machine.kill)
        primary.tell("CREATE DATABASE referencing")
        standby.follow(primary)
        ends.callback(standby.kill)
        written = plain(primary.url).replace(
            f"127.0.0.1:{primary.port}/postgres",
            f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}/referencing",
        )
        db.upgrade(address(written))
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "REFERENCING_DATA": str(folder / "data"),
            "STORAGE_URL": os.environ.get("REFERENCING_TEST_S3_URL") or str(folder / "files"),
            "DATABASE_URL": written,
            "DATABASE_REPLICA_URL": written,
            "BROKER_URL": broker.url,
            "MIGRATE": "never",
            "PROCESSES": "2",
            "STOP_GRACE": "0",
        }
        instances = [Instance(environment, folder / f"serve-{which}.log") for which in range(2)]
        workers = [
            Program(environment, folder / f"worker-{which}.log", "tests.distributed.worked")
            for which in range(2)
        ]
        for program in [*instances, *workers]:
            program.start()
            ends.callback(program.kill)
        engine = db.connect(address(written), pool_size=5)
        ends.callback(engine.dispose)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE mark (name text)"))
        whole = Fleet(primary, standby, broker, instances, workers, engine)
        whole.await_readiness()
        yield whole

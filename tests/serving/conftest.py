"""A server that a test may stop parts of, with the database that it started."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import psutil
import pytest
import requests
import sqlalchemy as sa

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.config import Settings
from tests.proofs.conftest import free_port
from tests.serving.served import GRACE, PROCESSES, STATEMENT

STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Serving:
    """`referencing serve` with short bounds, on a folder of its own."""

    process: psutil.Process
    folder: Path
    port: int
    key: str
    #: Where its database is, without a pooler.
    database: sa.URL

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, path: str, timeout: float = 20) -> requests.Response:
        return requests.get(self.url + path, headers=self.headers, timeout=timeout)

    def children(self) -> list[psutil.Process]:
        """The processes that the server has made of itself, without the database's."""
        return [each for each in self.process.children() if "python" in each.name()]

    def embedded(self) -> list[psutil.Process]:
        first = psutil.Process(int((self.folder / "postgres/postmaster.pid").read_text().split()[0]))
        return [first, *first.children(recursive=True)]

    @contextmanager
    def stopped_database(self) -> Iterator[None]:
        """Every process of the database as SIGSTOP leaves it: lines are open, and nobody answers."""
        stopped = self.embedded()
        try:
            for each in stopped:
                each.send_signal(signal.SIGSTOP)
            yield
        finally:
            for each in stopped:
                with suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with started(STOP_GRACE=str(GRACE)) as running:
        yield running


@contextmanager
def without_end(*acts: Callable[[], object], pause: float = 0) -> Iterator[None]:
    """Each of the acts again and again, by a thread of its own, seconds apart; no act fails."""
    over, failures = Event(), list[BaseException]()

    def go_on(act: Callable[[], object]) -> None:
        try:
            while not over.is_set():
                act()
                sleep(pause)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=go_on, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failures, failures


@contextmanager
def started(**settings: str) -> Iterator[Serving]:
    """A server with these settings, and what it has where they say nothing else: a folder, and a database in it."""
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "REFERENCING_DATA": name,
            "PROCESSES": str(PROCESSES),
            "STATEMENT_SECONDS": str(STATEMENT),
            **settings,
        }
        command = [sys.executable, "-m", "tests.serving.served", str(port)]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            becomes(lambda: answers(port, "/readyz") == 200, STARTS_WITHIN)
            own = settings.get("DATABASE_DIRECT_URL")
            database = db.database_url(Settings(data=folder, database_url=own))
            yield Serving(psutil.Process(process.pid), folder, port, _key(database), database)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Insist, so that its grace is not waited for."""
    until = monotonic() + 40
    try:
        while process.poll() is None and monotonic() < until:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
    finally:
        process.kill()
        process.wait()


def _key(database: sa.URL) -> str:
    engine = db.connect(database)
    with db.transaction(db.sessions(engine)) as session:
        key = create_account(session, "Camille", Role.EDITOR, "Éditions Alizé")
    engine.dispose()
    return key


def answers(port: int, path: str, timeout: float = 10) -> int | None:
    """The status of an answer, if there is one."""
    with suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=timeout).status_code
    return None


def becomes(condition: "object", within: float) -> None:
    """Wait until it is so, and fail when it does not become so."""
    assert callable(condition)
    until = monotonic() + within
    while not condition():
        assert monotonic() < until, "it did not become so"
        sleep(0.05)

"""The application that the tests of HTTP share; and a real server, with all that it starts by itself."""

import atexit
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
import requests
from flask import Flask

from referencing.base import db
from referencing.catalogue.proposals import ProofKind
from referencing.config import Settings
from tests.builders import Asked, Story, publish_dsr
from tests.proofs.multipart import BOUNDARY
from tests.web.conftest import Dossier, app, draft, key_of, own_number
from tests.web.conftest import dossier as own_dossier

__all__ = ["app", "key_of", "own_dossier", "own_number"]

STARTS_WITHIN = 60
STOPS_WITHIN = 30


@pytest.fixture(scope="session")
def large_dossier(shared_app: Flask) -> tuple[Dossier, Iterator[str]]:
    """One for all of these tests, and the items that none of them has had yet; nearly any file will do for them."""
    asked = Asked("INS.1", [f"{number:03}" for number in range(300)], kind=ProofKind.OTHER)
    whole = draft(shared_app, "P", asked)
    return whole, iter(whole.codes)


@pytest.fixture
def dossier(large_dossier: tuple[Dossier, Iterator[str]]) -> Dossier:
    """With one item, which is this test's."""
    whole, codes = large_dossier
    return Dossier(whole.editor, whole.path, [next(codes)])


@dataclass(frozen=True)
class Served:
    """`referencing serve` with nothing configured but a folder and a port, and a dossier in it."""

    port: int
    folder: Path
    process: psutil.Process
    key: str
    item: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def slot(self) -> str:
        return f"{self.item}/proofs"

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=self.headers, timeout=30)

    def request(self, length: int | None) -> bytes:
        """The head of an upload; without a length the body is to come in chunks."""
        size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        return (
            f"POST {self.slot} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n{size}\r\n\r\n"
        ).encode()

    def memory(self) -> int:
        """Bytes that the processes of the server hold, without those of the database."""
        total = 0
        for process in [self.process, *self.process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                if "python" in process.name() or "referencing" in process.name():
                    total += process.memory_info().rss
        return total


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """Not in pytest's folder, which the next session of pytest closes to the database's own user."""
    folder = Path(tempfile.mkdtemp(prefix="referencing-served-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # once the database has stopped, at exit too
    port = free_port()
    command = [sys.executable, "-m", "referencing", "serve", "--port", str(port)]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "REFERENCING_DATA": str(folder),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(process, port, folder / "log")
            key, item = _draft(folder)
            yield Served(port, folder, psutil.Process(process.pid), key, item)
        finally:
            _stop(process, folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = monotonic() + STARTS_WITHIN
    while monotonic() < until and process.poll() is None:
        with suppress(requests.ConnectionError):
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                return
        sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")


def _draft(folder: Path) -> tuple[str, str]:
    """The key of an editor, and the address of an item of a draft of theirs."""
    from referencing.accounts.operations import create_account  # noqa: PLC0415
    from referencing.base.permissions import Role  # noqa: PLC0415

    engine = db.connect(db.database_url(Settings(data=folder)))
    with db.transaction(db.sessions(engine)) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.1", kind=ProofKind.OTHER))
        story = Story(session, f"Éditions Alizé {secrets.token_hex(4)}")
        path = f"/api/v1/candidatures/{story.draft(story.solution(), 'LGC-V1').id}"
        key = create_account(session, "Sacha", Role.EDITOR, story.organisation)
    engine.dispose()
    return key, f"{path}/items/LGC-V1:INS.1%2301.01"


def _stop(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """The server, its workers and its database, whatever state they are in."""
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for left in family:
            with suppress(psutil.NoSuchProcess):
                if left.is_running() and "postgres" not in left.name():
                    left.kill()

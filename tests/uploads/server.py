"""`referencing serve`, that a test can kill and start again on the same folder, and an item to upload to."""

import os
import secrets
import signal
import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil
import requests

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from referencing.config import Settings
from tests.builders import Asked, Story, publish_dsr

STARTS_WITHIN = 60


@dataclass(frozen=True)
class Item:
    """Where an editor uploads to."""

    key: str
    candidature: str
    code: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Tus-Resumable": "1.0.0"}

    @property
    def metadata(self) -> dict[str, str]:
        return {"candidature": self.candidature, "item": self.code, "filename": "essai.log"}


def encoded(metadata: dict[str, str]) -> str:
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in metadata.items())


class Server:
    """On a free port of loopback, with all that it starts by itself in `folder`."""

    def __init__(self, folder: Path, port: int, **variables: str) -> None:
        """`variables` are settings, by the names of their variables."""
        self.folder = folder
        self.port = port
        self.variables = variables
        self.process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    @property
    def settings(self) -> Settings:
        return Settings.from_environment({"REFERENCING_DATA": str(self.folder), **self.variables})

    def start(self) -> None:
        """Return once it is ready."""
        command = [sys.executable, "-m", "referencing", "serve", "--port", str(self.port)]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "REFERENCING_DATA": str(self.folder),
            **self.variables,
        }
        with (self.folder / "log").open("ab") as log:
            self.process = psutil.Popen(
                command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until = monotonic() + STARTS_WITHIN
        while monotonic() < until and self.process.poll() is None:
            with suppress(requests.ConnectionError, requests.ReadTimeout):
                if requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200:
                    return
            sleep(0.02)
        raise AssertionError(f"the server did not start: {self.last_lines()}")

    def kill(self) -> None:
        """As a power failure does: the server and its workers at once. The database is another machine's."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As an administrator does."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        assert self.process is not None
        family = [one for one in self.process.children(recursive=True) if "postgres" not in one.name()]
        for one in [self.process, *family]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)
        self.process.wait(60)
        psutil.wait_procs(family, timeout=60)

    def last_lines(self) -> str:
        """What the server said last: why it did not do what it was asked."""
        return (self.folder / "log").read_text()[-8000:]

    def memory(self) -> int:
        """Bytes that the processes of the server hold, without those of the database."""
        assert self.process is not None
        total = 0
        for one in [self.process, *self.process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                total += 0 if "postgres" in one.name() else one.memory_info().rss
        return total

    def item(self, kind: ProofKind = ProofKind.DOCUMENT) -> Item:
        """A new one, of a new organisation."""
        engine = db.connect(db.database_url(self.settings))
        with db.transaction(db.sessions(engine)) as session:
            publish_dsr(session, "LGC-V1", Asked("INS.1", kind=kind))
            story = Story(session, f"Éditions Alizé {secrets.token_hex(4)}")
            candidature = story.draft(story.solution(), "LGC-V1").id
            key = create_account(session, "Camille", Role.EDITOR, story.organisation)
        engine.dispose()
        return Item(key, str(candidature), "LGC-V1:INS.1#01.01")

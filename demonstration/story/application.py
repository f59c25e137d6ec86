"""An application of one's own, as a user would start it: a server in a temporary folder, and its command line.

Nothing of it is left behind, whatever ends the story: the server and its database are stopped, the folder removed.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from demonstration.story.client import HOST
from demonstration.story.server import AHEAD

READY_SECONDS = 60
STOP_SECONDS = 30
#: The application's own settings: the story has a folder of its own, whatever they say.
_SETTINGS = ("DATABASE_URL", "STORAGE_URL", "BROKER_URL", "CLAMD_URL", "MIGRATE", "DUO_ROOMS", "SMTP_URL")

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Commands in one process: starting is what takes them long.
_COMMANDS = """
import json, sys
from referencing.cli import main
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as end:
        if end.code:
            raise
"""


class Failed(Exception):
    """The server or a command did not do what it should; the message holds what it said."""


class Application:
    """A server on a data folder and a port, and the command line beside it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.log = folder / "server.log"
        self._data = folder / "data"
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.removesuffix("_FILE") not in _SETTINGS  # whose value may stand in a file
        }
        # The database's lock and socket go where temporary files do.
        own = {"REFERENCING_DATA": str(self._data), "TMPDIR": str(folder), "WEBHOOK_NETWORKS": f"{HOST}/32"}
        self.environment = {**kept, **own}
        with self.log.open("wb") as written:
            self._server = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", "demonstration.story.server", str(port)],
                env=self.environment,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the story, which then stops its server
            )

    def run(self, *commands: Sequence[str]) -> list[str]:
        """The lines that commands print, one after the other. Raises Failed with what is said on standard error."""
        done = subprocess.run(  # noqa: S603 - our own command line
            _process(*commands), env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(f"la ligne de commande a échoué : {done.stderr.strip()}")
        return done.stdout.splitlines()

    def move_on(self, until: datetime) -> None:
        """Set the server's clock to a moment to come, from which it goes on."""
        ahead = (until - datetime.now(UTC)).total_seconds()
        written = self._data / f"{AHEAD}.new"
        written.write_text(str(ahead))
        written.replace(self._data / AHEAD)

    def await_ready(self) -> None:
        """Raises Failed with what the server said when it has stopped, or takes too long."""
        end = time.monotonic() + READY_SECONDS
        while not self._ready():
            if self._server.poll() is not None or time.monotonic() > end:
                raise Failed(f"le serveur n'a pas démarré : {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Wait until the server has ended. It is let start first: midway, its database would be left behind."""
        with suppress(Failed):
            self.await_ready()
        self._server.terminate()
        try:
            self._server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()


@contextmanager
def application() -> Iterator[Application]:
    """A server that is starting, in a folder of its own; a signal to stop ends the block, and all of it goes."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    folder = Path(tempfile.mkdtemp(prefix="referencing-story-"))
    started = None
    try:
        with _signals_held():
            started = Application(folder, _free_port())
        yield started
    finally:
        for number in _SIGNALS:  # a second Ctrl-C does not keep the server from being stopped
            signal.signal(number, signal.SIG_IGN)
        if started is not None:
            started.stop()
            _stop_database(folder / "data" / "postgres" / "postmaster.pid")
        shutil.rmtree(folder, ignore_errors=True)
        for number, action in before.items():
            signal.signal(number, action)


@contextmanager
def _signals_held() -> Iterator[None]:
    """What comes meanwhile is heeded at the end: a process half started would be nobody's to stop."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda one, _frame: came.append(one)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
    for held in came:
        signal.raise_signal(held)


def _process(*commands: Sequence[str]) -> list[str]:
    """What starts a process of its own for these commands."""
    return [sys.executable, "-c", _COMMANDS, json.dumps(commands)]


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _stop_database(mark: Path) -> None:
    """The database goes with the server, unless that was killed: then it is told to stop here."""
    with suppress(OSError, ValueError):
        os.kill(int(mark.read_text().split()[0]), signal.SIGINT)
        end = time.monotonic() + STOP_SECONDS
        while mark.exists() and time.monotonic() < end:
            time.sleep(0.05)

"""`python -m demonstration serve`: the demonstration loaded and shown, then the API as `referencing serve` has it."""

import errno
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from demonstration import welcome
from demonstration.door import open_door
from demonstration.loading import load
from referencing import registers
from referencing.base import db
from referencing.base.vault import Vault
from referencing.config import Settings
from referencing.server import serve
from storage.port import StorageFailure

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what one asked for, to show an address that answers


class CannotServe(Exception):
    """One line, for a person."""


def run(settings: Settings, host: str, port: int) -> None:
    """Load, print and serve, until told to stop. Raises CannotServe; Conflict in a database of another use."""
    _refuse_busy(host, port)
    _refuse_closed(settings.data)
    with _database(settings) as sessions:
        with db.transaction(sessions) as session:
            accesses = load(session, Vault.of(settings))
        welcome.show(settings, sessions, accesses, f"http://{_reachable(host)}:{port}")
    if "LOG_LEVEL" not in os.environ:  # a line for each request would hide what was printed
        settings = replace(settings, log_level="WARNING", log_format="text")
    serve(settings, host, port, open_door)


def _refuse_busy(host: str, port: int) -> None:
    """Before anything is loaded, and keys that somebody uses are replaced."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"Le port {port} est déjà pris : arrêtez ce qui l'occupe, ou choisissez-en un autre (--port)."
            ) from error
        raise CannotServe(f"Impossible d'écouter sur {host}, port {port} : {_cause(error)}.") from error


def _refuse_closed(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotServe(
            f"Le dossier {folder} n'est pas accessible en écriture ({_cause(error)}) : "
            "choisissez-en un autre (REFERENCING_DATA)."
        ) from error


@contextmanager
def _database(settings: Settings) -> Iterator[db.Sessions]:
    """Migrated; its connections are closed at the end, since they do not outlive a fork."""
    try:
        url = db.database_url(settings)
    except subprocess.SubprocessError as error:
        raise CannotServe(f"La base de données ne démarre pas : {_cause(error)}.") from error
    db.upgrade(url)
    registers.tables()
    engine = db.connect(url)
    try:
        yield db.sessions(engine)
    except StorageFailure as error:
        raise CannotServe(f"Le stockage des fichiers ne répond pas : {_cause(error)}.") from error
    finally:
        engine.dispose()


def _cause(error: Exception) -> str:
    """The cause in one line."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return text.strip().partition("\n")[0].rstrip(".")


def _reachable(host: str) -> str:
    address = "127.0.0.1" if host in EVERYWHERE else host
    return f"[{address}]" if ":" in address else address

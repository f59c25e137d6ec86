"""The process that performs jobs where a broker is configured; it relays them as well."""

import signal
import threading

from referencing.base.connections import Bounds
from referencing.base.jobs import Runner, broker_for
from referencing.base.vault import Vault

from . import registers
from .app import tasks_on
from .base import db
from .config import Settings


def run(settings: Settings) -> None:
    """Perform jobs until told to stop (SIGINT, SIGTERM)."""
    runner = start(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    runner.stop()


def start(settings: Settings) -> Runner:
    bounds = Bounds(statement=settings.job_statement_seconds)
    sessions = db.sessions(db.connect(db.database_url(settings), pool_size=5, bounds=bounds))
    tasks = tasks_on(Vault.of(settings), settings)
    runner = Runner(sessions, tasks, broker_for(settings.broker_url), registers.periods())
    runner.start()
    return runner

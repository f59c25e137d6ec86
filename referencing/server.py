"""`referencing serve`: a process for each core, and with nothing configured the database and the jobs as well."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from mmap import mmap
from operator import attrgetter
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import psutil
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import ParseException
from werkzeug.wsgi import ClosingIterator

from referencing.base.errors import Malformed
from referencing.console.changes import left, look
from referencing.duo.conduct import streams as duo
from referencing.web.problems import problem
from referencing.web.requests import ALLOWED_ORIGIN, SUBSCRIPTION, Parts
from referencing.web.streams import Hub

from . import worker
from .app import create_app
from .base import db
from .checking import problems_of
from .config import Settings
from .heads.notary import with_own_key
from .observed.logs import configure
from .observed.meters import Meters, count_together, forget_process
from .serving.answers import life
from .serving.heads import LONGEST_LINE
from .serving.workers import Logger, TakenOver, Worker
from .variables import Misconfigured

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

#: What a use of the application adds to it.
Prepare = Callable[[Flask], None]

#: Threads of one process, and of all together where there are many: each may hold a connection to the database.
THREADS, ALL_THREADS, FEWEST_THREADS = 16, 32, 4
#: Objects made until a round looks for circles among them, and rounds until the next older ones are looked at too: a
#: list of 300 items makes some 20,000 objects, which are gone with its answer, and circles are few.
ROUNDS = (50_000, 20, 50)
#: Clients of one process at once; a stream that is watched is none of them.
CONNECTIONS = 500
#: With the embedded database, which takes 100 connections.
MOST_PROCESSES = 8


def processes_of(settings: Settings) -> int:
    """How many processes answer requests: as the setting says, else one for each core that this one may use."""
    cores = (
        len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count()
    )
    most = MOST_PROCESSES if settings.database_url is None else sys.maxsize
    return settings.processes or min(cores or 1, most)


def threads_of(processes: int) -> int:
    """How many requests one of so many processes answers at once."""
    return min(THREADS, max(FEWEST_THREADS, ALL_THREADS // processes))


class _Master(Arbiter):
    """Starts the processes again that die. How many there are is a setting, and one of them performs the jobs.

    Told to stop it says so for a while, and answers as before; told so again it takes nothing new.
    """

    app: "Server"
    ending: float | None = None

    def handle_term(self) -> None:
        if self.ending is not None:
            super().handle_term()
        self.ending = monotonic() + self.app.settings.stop_grace
        self.app.stopping[0] = True

    def wait_for_signals(self, timeout: float | None = 1.0) -> Any:
        if self.ending is not None:
            left = self.ending - monotonic()
            if left <= 0:
                super().handle_term()
            timeout = min(left, 1.0)
        return super().wait_for_signals(timeout)

    def handle_ttin(self) -> None:
        log.info("the number of processes is a setting: PROCESSES")

    handle_ttou = handle_ttin


class Server(BaseApplication):
    """What every process is a fork of: the application is made once, and connected to nothing."""

    def __init__(
        self, settings: Settings, place: str, processes: int, prepare: Prepare | None, clock: db.Clock
    ) -> None:
        self.settings = settings
        self.prepare = prepare
        self.clock = clock
        self.bound = place
        self.processes = processes
        self.stopping = mmap(-1, 1)  # what the master writes its processes read
        super().__init__()

    def load_config(self) -> None:
        performing = self.settings.broker_url is None
        chosen: dict[str, Any] = {
            "bind": self.bound,
            "worker_class": Worker,
            "workers": self.processes + performing,
            "threads": threads_of(self.processes),
            "worker_connections": CONNECTIONS,
            "limit_request_line": LONGEST_LINE,
            "preload_app": True,
            "pre_fork": self._cast,
            "post_fork": self._connect,
            "child_exit": lambda _master, process: forget_process(process.pid),
            "logger_class": Logger,
            "timeout": 120,
            "graceful_timeout": self.settings.stop_within,
            "keepalive": 30,
            "accesslog": None,
            "control_socket_disable": True,
        }
        for key, value in chosen.items():
            self.cfg.set(key, value)

    def load(self) -> Any:  # a Flask, which is a WSGI application
        app = create_app(self.settings, self.clock)
        if self.prepare is not None:
            self.prepare(app)
        garbled = Malformed("L'envoi s'est interrompu ou n'est pas lisible : envoyez-le de nouveau.")
        app.register_error_handler(ParseException, lambda _: problem(garbled))  # chunks that are none
        self.life = life(app)
        self.parts: Parts = app.extensions["referencing"]
        self.meters: Meters = app.extensions["meters"]
        self.connected = app.wsgi_app = _Connected(app.wsgi_app)  # type: ignore[method-assign]
        gc.collect()
        gc.freeze()  # what is made by now stays in memory that the processes share, and no full round reads it again
        gc.set_threshold(*ROUNDS)
        return app

    def _cast(self, master: Arbiter, process: Worker) -> None:
        """One process performs the jobs, the others answer: whichever died, its like is started.

        Of processes that are being replaced, which are the older ones, none counts.
        """
        newest = sorted(master.WORKERS.values(), key=attrgetter("age"))[-self.processes :]
        if self.settings.broker_url is None and not any(getattr(each, "work", None) for each in newest):
            process.work = self._perform

    def _connect(self, _master: Arbiter, process: Worker) -> None:
        """What does not outlive a fork is made in the process that uses it."""
        process.life, process.stopping = self.life, self.stopping
        if process.work is None:
            if self.settings.traced:
                from .observed import traces  # noqa: PLC0415 - heavy, and only where it is configured

                traces.export()
            for pool in self.parts.pools:
                pool.dispose(close=False)
            listens = partial(duo.listener, self.parts.direct.url)
            sessions = self.parts.sessions
            self.connected.hub = Hub(
                listens, partial(duo.events_after, sessions), partial(look, sessions), partial(left, sessions)
            )

    def _perform(self, process: Worker) -> None:
        """Perform jobs until the process is told to stop; what it is at comes to its end, or is handed over again."""
        runner = worker.start(self.settings, self.meters, self.clock)
        while process.alive and process.is_parent_alive():
            process.notify()
            sleep(0.2)
        runner.stop()

    def run(self) -> None:
        _Master(self).run()


class _Connected:
    """Hands who only watches what happens to the hub, so that they keep no thread."""

    hub: Hub

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = self.application(environ, start_response)
        if SUBSCRIPTION not in environ:
            return body
        if isinstance(body, ClosingIterator):
            body.close()
        connection, admitted = environ["gunicorn.socket"].dup(), environ.get(ALLOWED_ORIGIN, {})
        self.hub.take(connection, environ[SUBSCRIPTION], admitted)
        raise TakenOver


def serve(
    settings: Settings, host: str, port: int, prepare: Prepare | None = None, clock: db.Clock = db.utc_now
) -> None:
    """Until it is told to stop. The embedded database belongs to this process, not to those it forks.

    `prepare` adds to the application what only this use of it has, before the first request; requests and jobs go by
    the `clock`.
    Raises Misconfigured for addresses and settings that are none, before a process fails on them.
    """
    if problems := problems_of(settings):
        raise Misconfigured(problems)
    processes = processes_of(settings)
    url = db.migrated_url(settings)
    if settings.database_url is None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = replace(settings, database_url=address, record=with_own_key(settings))
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    configure(settings.log_level, settings.log_format)
    with TemporaryDirectory(prefix="referencing-meters-") as folder:
        count_together(folder)
        Server(settings, place, processes, prepare, clock).run()

"""`referencing serve`: gunicorn with threads, and with nothing configured the database and the jobs as well."""

import gc
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker
from werkzeug.wsgi import ClosingIterator

from referencing.base.errors import Malformed
from referencing.base.jobs import broker_for
from referencing.base.vault import Vault
from referencing.duo.conduct import streams as duo
from referencing.duo.rooms.providers.settings import providers
from referencing.web.problems import problem
from referencing.web.requests import SUBSCRIPTION, Parts
from referencing.web.streams import Hub

from . import worker
from .app import create_app
from .base import db
from .config import Settings
from .mail.relay import Relay

if TYPE_CHECKING:
    from concurrent.futures import Future

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from gunicorn.http import Request

#: What a use of the application adds to it.
Prepare = Callable[[Flask], None]

THREADS = 16


class Server(BaseApplication):
    def __init__(self, settings: Settings, host: str, port: int, prepare: Prepare | None = None) -> None:
        self.settings = settings
        self.prepare = prepare
        self.bound = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        chosen: dict[str, Any] = {
            "bind": self.bound,
            "worker_class": Worker,
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 30,
            "accesslog": None,
            "control_socket_disable": True,
        }
        for key, value in chosen.items():
            self.cfg.set(key, value)

    def load(self) -> Any:  # a Flask, which is a WSGI application
        app = create_app(self.settings)
        if self.prepare is not None:
            self.prepare(app)
        garbled = Malformed("L'envoi s'est interrompu ou n'est pas lisible : envoyez-le de nouveau.")
        app.register_error_handler(ParseException, lambda _: problem(garbled))  # chunks that are none
        if self.settings.broker_url is None:
            worker.start(self.settings)
        parts: Parts = app.extensions["referencing"]
        listens = partial(duo.listener, db.database_url(self.settings))
        hub = Hub(listens, partial(duo.events_after, parts.sessions))
        app.wsgi_app = _Connected(app.wsgi_app, hub)  # type: ignore[method-assign]
        _keep_for_good()
        return app


def _keep_for_good() -> None:
    """Have Python's collector pass over what is loaded: a full round of it held a request for 170 ms."""
    gc.collect()
    gc.freeze()


class _TakenOver(Exception):
    """Another thread answers on this connection from now on."""


class Worker(ThreadWorker):
    """Gunicorn's, which only forgets a connection that was taken over: the duplicate of it stays open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken_over: set[TConn] = set()

    def handle_request(self, req: "Request", conn: TConn) -> bool:
        try:
            return super().handle_request(req, conn)
        except _TakenOver:
            self.taken_over.add(conn)
            return False

    def finish_request(self, conn: TConn, fs: "Future[bool]") -> None:
        if conn not in self.taken_over:
            super().finish_request(conn, fs)
            return
        self.taken_over.remove(conn)
        self.nr_conns -= 1
        conn.sock.close()


class _Connected:
    """Hands who only watches what happens to the hub, so that they keep no thread."""

    def __init__(self, application: "WSGIApplication", hub: Hub) -> None:
        self.application = application
        self.hub = hub

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = self.application(environ, start_response)
        if SUBSCRIPTION not in environ:
            return body
        if isinstance(body, ClosingIterator):
            body.close()
        self.hub.take(environ["gunicorn.socket"].dup(), environ[SUBSCRIPTION])
        raise _TakenOver


def serve(settings: Settings, host: str, port: int, prepare: Prepare | None = None) -> None:
    """Until it is told to stop. The embedded database belongs to this process, not to the workers it forks.

    `prepare` adds to the application what only this use of it has, before the first request.
    Raises ValueError for an address or a setting of a neighbour that is none, before a worker fails on it.
    """
    Vault.of(settings)
    broker_for(settings.broker_url)
    Relay.of(settings.smtp_url, settings.mail_from)
    providers(settings.duo)
    url = db.database_url(settings)
    db.upgrade(url)
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    Server(replace(settings, database_url=address), host, port, prepare).run()

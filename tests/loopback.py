"""Applications that are really served, on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLContext
from threading import Thread

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


@contextmanager
def served(
    app: Flask, tls: SSLContext | None = None, handler: type[WSGIRequestHandler] | None = None
) -> Iterator[str]:
    """The address of an application that answers until the end, and has then answered whoever asked.

    What is asked late would otherwise use the database when its test is over.
    """
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=tls, request_handler=handler)
    server.daemon_threads = False  # type: ignore[attr-defined] # closing waits for them
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Bodies as they come from gunicorn's sockets, of clients that are not silent for too long.

Gunicorn waits for ever: a client whose network is gone would keep a thread, and what it holds, to itself.
"""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from gunicorn.http.body import ChunkedReader, LengthReader

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Where a request's line stands in its environment; only gunicorn's requests have one.
LINE = "referencing.line"
#: After so many seconds in the middle of a request, or of an answer, its client is taken to be gone.
SILENCE = 60.0
#: Seconds of silence after which whoever waits for bytes looks whether they are still of use.
TICK = 1.0
MOST_AT_ONCE = 1 << 20


class Line:
    """The way on which a request's bytes come, in place of its socket; each second of silence asks `is_useless`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._longest = SILENCE
        self.is_useless: Callable[[], bool] = lambda: False

    def gettimeout(self) -> float:
        return self._longest

    def settimeout(self, seconds: float | None) -> None:
        self._longest = SILENCE if seconds is None else seconds

    def recv(self, size: int) -> bytes:
        """Raises TimeoutError after too long a silence, or once nobody has a use for the bytes."""
        until = monotonic() + self._longest
        try:
            while (left := until - monotonic()) > 0:
                self._connection.settimeout(min(TICK, left))
                try:
                    return self._connection.recv(size)
                except TimeoutError:
                    if self.is_useless():
                        break
            self._close()
            raise TimeoutError
        finally:
            self._connection.settimeout(SILENCE)

    def _close(self) -> None:
        """Read nothing more: the server would else wait for the rest of the body, to find the next request."""
        self._connection.shutdown(socket.SHUT_RD)


class Bodies:
    """Gives an application on gunicorn its bodies by lines. Another server's requests pass as they are."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        reader = getattr(environ["wsgi.input"], "reader", None)
        if connection is None or not isinstance(reader, LengthReader | ChunkedReader):
            return self.application(environ, start_response)
        connection.settimeout(SILENCE)
        line = environ[LINE] = Line(connection)
        if isinstance(reader, LengthReader):
            environ["wsgi.input"] = _Body(reader)
        unreader = reader.unreader if isinstance(reader, LengthReader) else reader.req.unreader
        with _in_place_of_the_socket(line, unreader):
            return self.application(environ, start_response)


@contextmanager
def _in_place_of_the_socket(line: Line, unreader: Any) -> Iterator[None]:
    """Have the bytes of a request read by a line, until it is answered."""
    connection, unreader.sock = unreader.sock, line
    try:
        yield
    finally:
        unreader.sock = connection


class _Body:
    """A body of known length. Gunicorn's own copies each byte some six times on its way from the socket."""

    def __init__(self, reader: LengthReader) -> None:
        self._reader = reader  # which goes on counting, to find the next request

    def read(self, size: int = -1) -> bytes:
        """What is there, `size` bytes at the most; none at the end. Raises OSError when the client is gone."""
        reader = self._reader
        size = reader.length if size < 0 else min(size, reader.length)
        if not size:
            return b""
        block: bytes = reader.unreader.take_buffered()
        if len(block) > size:
            reader.unreader.unread(block[size:])
            block = block[:size]
        block = block or reader.unreader.chunk(min(size, MOST_AT_ONCE))  # type: ignore[call-arg]
        if not block:
            raise ConnectionResetError
        reader.length -= len(block)
        return block

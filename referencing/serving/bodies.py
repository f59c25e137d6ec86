"""Bodies as they come from the socket, of clients that are neither silent nor endlessly slow."""

from time import monotonic
from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.http.unreader import SocketUnreader

#: Seconds: after so much silence in the middle of a request, or of an answer, its client is taken to be gone.
SILENCE = 60.0
#: Seconds that may be waited for a body beyond what it takes at the slowest rate.
PATIENCE = 30.0
#: Bytes a second: a line of 64 kbit/s brings 2 GiB, in three days; who sends less keeps a thread for nothing.
SLOWEST = 8 * 1024
MOST_AT_ONCE = 1 << 20


class PacedUnreader(SocketUnreader):
    """What a connection brings, as fast as the slowest rate at least; only what is waited for the client counts."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.received = 0
        self.waited = 0.0

    def begin(self, gathered: bytes) -> None:
        """A new request, of which this has come already."""
        self.received, self.waited = 0, 0.0
        self.unread(gathered)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Raises TimeoutError for a client that is too slow."""
        left = PATIENCE + self.received / SLOWEST - self.waited
        if left <= 0:
            raise TimeoutError("a body that comes too slowly")
        asked = self.sock.gettimeout() or SILENCE
        self.sock.settimeout(min(left, asked))
        began = monotonic()
        try:
            piece: bytes = super().chunk(size_hint)  # type: ignore[call-arg]
        finally:
            self.waited += monotonic() - began
            self.sock.settimeout(asked)
        self.received += len(piece)
        return piece


class Body:
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

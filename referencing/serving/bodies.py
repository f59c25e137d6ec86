"""What clients send, as it comes from the socket, of clients that are not endlessly slow."""

from time import monotonic
from typing import Any

from gunicorn.http.unreader import SocketUnreader

from referencing.web.bodies import SILENCE

#: Seconds that may be waited for a body beyond what it takes at the slowest rate.
PATIENCE = 30.0
#: Bytes a second: a line of 64 kbit/s brings 2 GiB, in three days; who sends less keeps a thread for nothing.
SLOWEST = 8 * 1024


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

"""A way to a server that can be cut: what passes is counted, and after so many bytes the server seems to stop."""

import select
import socket
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Self


class Relay:
    """Listens on a port of loopback and passes on to `port`, until it is cut and again once it is mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._left: int | None = None
        self._lock = Lock()
        self._open = True
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = Thread(target=self._accept, daemon=True)

    def cut_after(self, size: int) -> None:
        """Stop once so many more bytes have gone to the server."""
        with self._lock:
            self._left = size

    def mend(self) -> None:
        with self._lock:
            self._left = None

    @property
    def is_cut(self) -> bool:
        with self._lock:
            return self._left is not None and self._left <= 0

    def _accept(self) -> None:
        while self._open:
            with suppress(OSError):
                client, _ = self._server.accept()
                Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server, suppress(OSError):
            while not self.is_cut:
                ready, _, _ = select.select([client, server], [], [], 0.1)
                for one in ready:
                    piece = one.recv(65536)
                    if not piece:
                        return
                    if one is client and not self._count(len(piece)):
                        return
                    (server if one is client else client).sendall(piece)

    def _count(self, size: int) -> bool:
        with self._lock:
            if self._left is not None:
                self._left -= size
            return self._left is None or self._left > 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

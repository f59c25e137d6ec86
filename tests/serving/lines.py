"""A line to a server that can be made faulty: refused, hung, slow, or cut in the middle of what is said."""

import socket
import struct
from contextlib import suppress
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import Self

#: Seconds that each piece waits on a slow line.
SLOW = 0.2
_RESET = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    REFUSED = "refused"
    HUNG = "hung"
    SLOW = "slow"
    CUT = "cut"


class Line:
    """Listens on a port of loopback and passes on to `place`; `fault` says how badly, None for well."""

    def __init__(self, place: tuple[str, int]) -> None:
        self.place = place
        self.fault: Fault | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._over = Event()
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    def break_by(self, fault: Fault) -> None:
        """A server that refuses has ended; the other faults find its connections open."""
        self.fault = fault
        if fault is Fault.REFUSED:
            self._reset()

    def mend(self) -> None:
        """What was hung in the meantime is lost, as after a machine came back."""
        was, self.fault = self.fault, None
        if was is Fault.HUNG:
            self._reset()

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._reset()

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                client, _ = self._server.accept()
                Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        if self.fault is Fault.REFUSED:
            _end(client)
            return
        try:
            server = socket.create_connection(self.place)
        except OSError:
            _end(client)
            return
        with self._lock:
            self._open |= {client, server}
        for source, sink in ((client, server), (server, client)):
            Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                while self.fault is Fault.HUNG and not self._over.wait(0.02):
                    pass
                if self.fault is Fault.SLOW:
                    self._over.wait(SLOW)
                if self.fault is Fault.CUT:
                    sink.sendall(piece[: len(piece) // 2])
                    break
                sink.sendall(piece)
        self._forget(source, sink)

    def _forget(self, *ended: socket.socket) -> None:
        for each in ended:
            with self._lock:
                self._open.discard(each)
            _end(each)

    def _reset(self) -> None:
        with self._lock:
            ended = [*self._open]
        self._forget(*ended)


def _end(connection: socket.socket) -> None:
    """As a process that was killed: the other end is told at once, whatever it was about to read."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

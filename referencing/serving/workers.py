"""A process that serves: one loop gathers requests, threads answer them.

Gunicorn reads a request in the thread that answers it: a client that sends its head byte by byte, or a short body
never, keeps the thread. Here a thread sees a request once it is there. Whether the process is alive is answered by the
loop itself, and whether it is ready by threads of their own, so that both are told while every other thread waits.
"""

import errno
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from mmap import mmap
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from time import monotonic
from typing import TYPE_CHECKING, Any

from gunicorn import glogging
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from referencing.web.bodies import SILENCE

from .answers import ALIVE, READY, STOPPING, refusal, status_of
from .bodies import PacedUnreader
from .heads import Incoming, Oversized

if TYPE_CHECKING:
    from gunicorn.http import Request

#: Seconds from the first moment of a connection, or the first byte of its next request, until the request is there.
GATHERING = 20.0
#: Seconds in which a client may still read the last answer of its connection.
PARTING = 2.0
#: Seconds for the rest of a body that was not read.
UNWANTED = 0.05
PIECE = 64 * 1024
#: Threads for who asks whether the process is ready.
PROBES = 2
_NOTHING_TO_ACCEPT = {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}
_NO_ROOM = {errno.EMFILE, errno.ENFILE}


class Logger(glogging.Logger):
    """Gunicorn's own lines go where all others go."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class TakenOver(Exception):
    """Another thread answers on this connection from now on."""


class Connection(TConn):
    """A client, with what it has sent of its next request; `due` is when the patience with it ends."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.data_ready = True
        self.incoming = Incoming()
        self.due = 0.0
        self.reader = PacedUnreader(self.sock)
        self.requests = RequestParser(self.cfg, self.sock, self.client)
        self.requests.unreader = self.reader
        self.parser = self.requests

    def init(self) -> None:
        """Hand what was gathered to the parser, in the thread that answers."""
        self.initialized = True
        self.sock.settimeout(SILENCE)
        self.reader.begin(bytes(self.incoming.received))
        self.incoming = Incoming()


class Worker(ThreadWorker):
    """Gunicorn's threads behind a loop that gathers. `gathering` and `parting` are in the order of their ends."""

    probes: Executor
    #: What is answered to who asks whether the process is alive.
    life: bytes
    #: One byte that all processes share: whether the server is about to stop.
    stopping: mmap

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: What this process does instead of answering requests.
        self.work: Callable[[Worker], None] | None = None
        self.taken_over: set[TConn] = set()
        self.gathering: dict[Connection, None] = {}
        self.parting: dict[Connection, None] = {}

    def init_process(self) -> None:
        self.probes = ThreadPoolExecutor(PROBES, "probe")
        super().init_process()

    def run(self) -> None:
        if self.work is None:
            super().run()
        else:
            self.work(self)

    def accept(self, listener: socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                self._make_room()
            elif error.errno not in _NOTHING_TO_ACCEPT:
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        self._gather(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket) -> None:  # type: ignore[override]
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)
        self._receive(conn, client)

    def _make_room(self) -> None:
        """End the connection that has kept everybody waiting for longest, of those on which nobody works."""
        if self.gathering:
            self._end(next(iter(self.gathering)), self.gathering)
        elif self.keepalived_conns:
            idle = self.keepalived_conns.popleft()
            self.poller.unregister(idle.sock)
            self._close(idle)

    def _gather(self, conn: Connection) -> None:
        conn.due = monotonic() + GATHERING
        self.gathering[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._receive, conn))

    def _receive(self, conn: Connection, client: socket) -> None:
        """Take in what came; hand the request over once it is there."""
        try:
            piece = client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._leave_cut(conn)
            return
        try:
            conn.incoming.add(piece)
        except Oversized as error:
            self._refuse(conn, error.status)
            return
        if conn.incoming.is_whole:
            self._forget(conn, self.gathering)
            self._hand_over(conn)

    def _leave_cut(self, conn: Connection) -> None:
        """The client sends no more: what it sent of a request is none, and it may still hear so."""
        if conn.incoming.received:
            self._refuse(conn, 400)
        else:
            self._end(conn, self.gathering)

    def _hand_over(self, conn: Connection) -> None:
        is_probe = conn.incoming.asks_for(READY.encode())
        if conn.incoming.asks_for(ALIVE.encode()):
            self._tell(conn, self.life)
            return
        if is_probe and self.stopping[0]:
            self._tell(conn, STOPPING)
            return
        threads = self.probes if is_probe else self.tpool
        future = threads.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def finish_request(self, conn: Connection, fs: "Future[bool]") -> None:  # type: ignore[override]
        """Wait for the connection's next request, or end it; nothing here waits for the client."""
        if conn in self.taken_over:
            self.taken_over.remove(conn)
            self._close(conn)
        elif fs.cancelled() or fs.exception() is not None or not fs.result():
            self._part(conn)
        elif ahead := conn.reader.take_buffered():
            self._go_on(conn, ahead)
        else:
            super().finish_request(conn, fs)

    def _go_on(self, conn: Connection, ahead: bytes) -> None:
        """The client has sent its next request, or some of it, behind the last one."""
        conn.sock.setblocking(False)
        self._gather(conn)
        try:
            conn.incoming.add(ahead)
        except Oversized as error:
            self._refuse(conn, error.status)
            return
        if conn.incoming.is_whole:
            self._forget(conn, self.gathering)
            self._hand_over(conn)

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """Whether the connection goes on: no thread waits for a body that nobody wants to read."""
        if not keepalive:
            return False
        deadline = monotonic() + UNWANTED
        return bool(conn.requests.finish_body(deadline=deadline))  # type: ignore[func-returns-value]

    def handle_request(self, req: "Request", conn: TConn) -> bool:
        try:
            return super().handle_request(req, conn)
        except TakenOver:
            self.taken_over.add(conn)
            return False

    def handle_error(self, req: "Request | None", client: socket, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        """Answer a problem, in the thread of the request, to what cannot be read."""
        status = status_of(exc) if isinstance(exc, Exception) else 500
        if status == 500:
            self.log.error("error on a connection", exc_info=exc)
        try:
            client.sendall(refusal(status))
        except OSError:
            self.log.debug("a client left before it was refused")

    def murder_pending(self) -> None:
        """End what has come to the end of its time; gunicorn asks for it at every turn of its loop."""
        now = monotonic()
        for conn in [each for each in self.gathering if each.due <= now or not self.alive]:
            if conn.due <= now and conn.incoming.received:
                self._refuse(conn, 408)
            elif not conn.incoming.received:
                self._end(conn, self.gathering)
        for conn in [each for each in self.parting if each.due <= now]:
            self._end(conn, self.parting)

    def _refuse(self, conn: Connection, status: int) -> None:
        self._forget(conn, self.gathering)
        self._say(conn, refusal(status))

    def _tell(self, conn: Connection, document: bytes) -> None:
        whole = conn.incoming.received.startswith(b"GET")
        self._say(conn, document if whole else document[: document.find(b"{")])

    def _say(self, conn: Connection, answer: bytes) -> None:
        """Write a short answer without waiting, and part."""
        try:
            conn.sock.send(answer)
        except OSError:
            self.log.debug("a client left before it was answered")
        self._part(conn)

    def _part(self, conn: Connection) -> None:
        """Say goodbye, and let the client read the answer before the connection is closed (RFC 9112, 9.6)."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.due = monotonic() + PARTING
        self.parting[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._await_end, conn))

    def _await_end(self, conn: Connection, client: socket) -> None:
        try:
            gone = not client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            gone = True
        if gone:
            self._end(conn, self.parting)

    def _forget(self, conn: Connection, group: dict[Connection, None]) -> None:
        del group[conn]
        self.poller.unregister(conn.sock)

    def _end(self, conn: Connection, group: dict[Connection, None]) -> None:
        self._forget(conn, group)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

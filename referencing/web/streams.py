"""Events pushed to many watchers (`text/event-stream`) by one thread: none of them keeps one of the requests' threads.

The format is that of the HTML standard's server-sent events: a watcher that was cut off comes back with
`Last-Event-ID` and misses nothing. What is pushed is read from the database, whose notifications say when.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import attrgetter
from queue import Empty, SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import socket, socketpair
from threading import Thread
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

#: Seconds. A watcher hears at least so often that the line is there; what no notification told is looked up too.
BEAT = 15.0
#: While the database's notifications cannot be heard.
BEAT_OF_THE_DEAF = 1.0
#: Seconds after which a stream ends, so that who comes back is asked again for the right to watch.
LIFETIME = 600.0
#: Bytes that a watcher may be behind; one that reads no more is let go, and may come back for the rest.
MOST_BEHIND = 4 << 20
#: Streams that one person may follow at once in a process: the oldest ends when there is one more.
MOST_OF_ONE = 5
#: Milliseconds after which a client comes back by itself.
OPENING = b"retry: 1000\n\n"
PULSE = b":\n\n"
STREAM = "text/event-stream"
HEADERS = {"Content-Type": STREAM, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_HEAD = (
    b"HTTP/1.1 200 OK\r\n%s\r\nConnection: close\r\n\r\n"
    % "\r\n".join(f"{name}: {value}" for name, value in HEADERS.items()).encode()
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """`number` rises by one within a topic; `body` is one line of JSON."""

    number: int
    kind: str
    body: bytes

    def __bytes__(self) -> bytes:
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self.number, self.kind.encode(), self.body)


#: The events of a topic after the one of that number, in order.
Read = Callable[[UUID, int], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """The events of `topic` after the one numbered `after`, for an account that may see them."""

    topic: UUID
    after: int
    account: UUID


def followed(read: Read, subscription: Subscription) -> Iterator[bytes]:
    """The stream where the server cannot hand its connections over: what there is, and its end.

    The client comes back by itself, for what comes after: no watcher keeps a thread.
    """
    yield OPENING
    for event in read(subscription.topic, subscription.after):
        yield bytes(event)
    yield PULSE


@dataclass(eq=False, slots=True)
class _Watcher:
    connection: socket
    topic: UUID
    account: UUID
    after: int
    until: float
    pending: bytearray


class Hub:
    """All watchers of one process. `listen` opens a connection on which PostgreSQL announces topics by their ids."""

    def __init__(self, listen: Callable[[], psycopg.Connection[Any]], read: Read) -> None:
        self._open = listen
        self._read = read
        self._arriving: SimpleQueue[_Watcher] = SimpleQueue()
        self._bell, self._ringer = socketpair()
        self._bell.setblocking(False)
        self._selector = DefaultSelector()
        self._watchers: dict[UUID, set[_Watcher]] = {}
        self._listener: psycopg.Connection[Any] | None = None
        self._next_beat = 0.0
        self._stopping = False
        self._thread = Thread(target=self._run, name="streams", daemon=True)
        self._thread.start()

    def take(self, connection: socket, subscription: Subscription) -> None:
        """The connection is this hub's from now on, its answer not begun. May be called from any thread."""
        connection.setblocking(False)
        topic, account, after = subscription.topic, subscription.account, subscription.after
        begun = bytearray(_HEAD + OPENING)
        self._arriving.put(_Watcher(connection, topic, account, after, monotonic() + LIFETIME, begun))
        self._ringer.send(b"!")

    def stop(self) -> None:
        """All streams end; their clients come back, to whoever serves then."""
        self._stopping = True
        self._ringer.send(b"!")
        self._thread.join()
        for watcher in list(chain.from_iterable(self._watchers.values())):
            self._let_go(watcher)
        if self._listener is not None:
            self._listener.close()
        for end in (self._selector, self._bell, self._ringer):
            end.close()

    def _run(self) -> None:
        self._selector.register(self._bell, EVENT_READ, self._admit)
        while not self._stopping:
            for key, mask in self._selector.select(max(self._next_beat - monotonic(), 0)):
                key.data(mask)
            if monotonic() >= self._next_beat:
                self._beat()

    def _admit(self, _mask: int) -> None:
        with suppress(BlockingIOError):
            self._bell.recv(4096)
        with suppress(Empty):
            while True:
                watcher = self._arriving.get_nowait()
                self._make_room(watcher.account)
                self._watchers.setdefault(watcher.topic, set()).add(watcher)
                self._selector.register(watcher.connection, EVENT_READ, partial(self._attend, watcher))
                self._listen()  # before reading: what is committed in between is told twice, and sent once
                self._send_events(watcher.topic, [watcher])

    def _make_room(self, account: UUID) -> None:
        everybody = chain.from_iterable(self._watchers.values())
        own = sorted((each for each in everybody if each.account == account), key=attrgetter("until"))
        for oldest in own[: max(len(own) + 1 - MOST_OF_ONE, 0)]:
            self._let_go(oldest)

    def _attend(self, watcher: _Watcher, mask: int) -> None:
        """A watcher's client reads on, or is gone; it has nothing to say."""
        if mask & EVENT_READ:
            try:
                gone = not watcher.connection.recv(4096)
            except BlockingIOError:
                gone = False
            except OSError:
                gone = True
            if gone:
                self._let_go(watcher)
                return
        if mask & EVENT_WRITE:
            self._send(watcher)

    def _listen(self) -> None:
        if self._listener is not None:
            return
        try:
            listener = self._open()
        except psycopg.Error:
            log.warning(
                "cannot listen for events: they are looked up every %g s", BEAT_OF_THE_DEAF, exc_info=True
            )
            return
        self._listener = listener
        number = listener.fileno()  # by which it is found again once it is broken
        self._selector.register(number, EVENT_READ, partial(self._hear, listener, number))

    def _hear(self, listener: psycopg.Connection[Any], number: int, _mask: int) -> None:
        try:
            topics = {notice.payload for notice in listener.notifies(timeout=0)}
        except psycopg.Error:
            log.warning("the connection on which events are announced is lost", exc_info=True)
            self._selector.unregister(number)
            listener.close()
            self._listener = None
            self._beat()
            return
        for topic in [watched for watched in self._watchers if str(watched) in topics]:
            self._send_events(topic, self._watchers[topic])

    def _beat(self) -> None:
        if self._watchers:
            self._listen()
        for topic, watchers in list(self._watchers.items()):
            for watcher in list(watchers):
                watcher.pending += PULSE
                if monotonic() > watcher.until:
                    self._let_go(watcher)
            self._send_events(topic, watchers)
        self._next_beat = monotonic() + (BEAT if self._listener else BEAT_OF_THE_DEAF)

    def _send_events(self, topic: UUID, watchers: Collection[_Watcher]) -> None:
        """Send each watcher the events that it lacks, read once for all."""
        if not watchers:
            return
        try:
            events = self._read(topic, min(watcher.after for watcher in watchers))
        except (psycopg.Error, sa.exc.SQLAlchemyError):
            log.warning("events cannot be read: their watchers are sent away, to come back", exc_info=True)
            for watcher in list(watchers):
                self._let_go(watcher)
            return
        lines = [(event.number, bytes(event)) for event in events]
        for watcher in list(watchers):
            for number, line in lines:
                if number > watcher.after:
                    watcher.pending += line
                    watcher.after = number
            self._send(watcher)

    def _send(self, watcher: _Watcher) -> None:
        try:
            del watcher.pending[: watcher.connection.send(watcher.pending)]
        except BlockingIOError:
            pass
        except OSError:
            self._let_go(watcher)
            return
        if len(watcher.pending) > MOST_BEHIND:
            self._let_go(watcher)
            return
        mask = EVENT_READ | EVENT_WRITE if watcher.pending else EVENT_READ
        self._selector.modify(watcher.connection, mask, partial(self._attend, watcher))

    def _let_go(self, watcher: _Watcher) -> None:
        of_topic = self._watchers.get(watcher.topic, set())
        if watcher not in of_topic:
            return
        of_topic.remove(watcher)
        if not of_topic:
            del self._watchers[watcher.topic]
        self._selector.unregister(watcher.connection)
        watcher.connection.close()

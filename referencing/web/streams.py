"""Events pushed to many watchers (`text/event-stream`) by one thread: none of them keeps one of the requests' threads.

The format is that of the HTML standard's server-sent events: a watcher that was cut off comes back with
`Last-Event-ID` and misses nothing. What is pushed is read from the database, whose notifications say when.
Who watches pages is only told that they changed: that is looked up for all of them together, every few seconds, and
so is who may watch no longer.
"""

import logging
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import inf
from operator import attrgetter
from queue import Empty, SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import socket, socketpair
from threading import Thread
from time import monotonic
from types import MappingProxyType
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from referencing.base.permissions import Entrance

#: Seconds. A watcher hears at least so often that the line is there; what no notification told is looked up too.
BEAT = 15.0
#: While the database's notifications cannot be heard.
BEAT_OF_THE_DEAF = 1.0
#: Seconds after which a stream ends, so that who comes back is asked again for the right to watch.
LIFETIME = 600.0
#: Bytes that a watcher may be behind; one that reads no more is let go, and may come back for the rest.
MOST_BEHIND = 4 << 20
#: Seconds between two looks at what pages show, and at who may go on watching.
LOOK = 2.0
#: Streams that one person may follow at once in a process: the oldest ends when there is one more.
MOST_OF_ONE = 5
#: Pages that one process tells of changes at once; who has one more asks again from time to time.
MOST_OBSERVED = 500
#: Milliseconds after which a client comes back by itself.
OPENING = b"retry: 1000\n\n"
PULSE = b":\n\n"
STREAM = "text/event-stream"
HEADERS = {"Content-Type": STREAM, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_FULL = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """`number` rises by one within a topic; `body` is one line of JSON."""

    number: int
    kind: str
    body: bytes

    def __bytes__(self) -> bytes:
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self.number, self.kind.encode(), self.body)


#: Which of these stand no longer, or may have lost the right to something since: their streams end, and who still may
#: watch comes back.
Left = Callable[[Collection[Entrance]], Collection[Entrance]]
#: The events of a topic after the one of that number, in order.
Read = Callable[[UUID, int], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """The events of `topic` after the one numbered `after`, for who may see them."""

    topic: UUID
    after: int
    entrance: Entrance


@dataclass(frozen=True, slots=True)
class Observation:
    """What a page shows: its `topics`, whose marks together were `seen` when it was read."""

    topics: tuple[Hashable, ...]
    seen: str
    entrance: Entrance


#: How each topic of the observations stands: a short text that changes with it.
Look = Callable[[Collection[Observation]], Mapping[Hashable, str]]


def mark_of(topics: Sequence[Hashable], marks: Mapping[Hashable, str]) -> str:
    """How all of these topics stand: another text as soon as one of them changed."""
    return ".".join(marks.get(topic, "") for topic in topics)


def _changed(mark: str) -> bytes:
    return b"id: %(mark)s\nevent: changed\ndata: %(mark)s\n\n" % {b"mark": mark.encode()}


def followed(read: Read, subscription: Subscription) -> Iterator[bytes]:
    """The stream where the server cannot hand its connections over: what there is, and its end.

    The client comes back by itself, for what comes after: no watcher keeps a thread.
    """
    yield OPENING
    for event in read(subscription.topic, subscription.after):
        yield bytes(event)
    yield PULSE


def observed(look: Look, observation: Observation) -> Iterator[bytes]:
    """As `followed`: whether the page is as it was seen, and the end."""
    yield OPENING
    mark = mark_of(observation.topics, look([observation]))
    if mark != observation.seen:
        yield _changed(mark)
    yield PULSE


@dataclass(eq=False, slots=True)
class _Watcher:
    connection: socket
    entrance: Entrance
    until: float
    pending: bytearray


@dataclass(eq=False, slots=True)
class _Follower(_Watcher):
    """`after` is the number of the last event of the topic that was sent."""

    topic: UUID
    after: int


@dataclass(eq=False, slots=True)
class _Observer(_Watcher):
    """`seen` is the last mark of the page that its reader has."""

    page: Observation
    seen: str


class Hub:
    """All watchers of one process. `listen` opens a connection on which PostgreSQL announces topics by their ids."""

    def __init__(
        self, listen: Callable[[], psycopg.Connection[Any]], read: Read, look: Look, left: Left
    ) -> None:
        self._open = listen
        self._read = read
        self._look_up = look
        self._left = left
        self._arriving: SimpleQueue[_Follower | _Observer] = SimpleQueue()
        self._bell, self._ringer = socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._selector = DefaultSelector()
        self._followers: dict[UUID, set[_Follower]] = {}
        self._observers: set[_Observer] = set()
        self._listener: psycopg.Connection[Any] | None = None
        self._next_beat = 0.0
        self._next_look = inf
        self._stopping = False
        self._thread = Thread(target=self._run, name="streams", daemon=True)
        self._thread.start()

    def take(
        self,
        connection: socket,
        follows: Subscription | Observation,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """The connection is this hub's from now on, its answer not begun; `headers` are those that it has beside ours.

        May be called from any thread.
        """
        connection.setblocking(False)
        until, begun = monotonic() + LIFETIME, bytearray(_head({**HEADERS, **headers}) + OPENING)
        self._arriving.put(
            _Follower(connection, follows.entrance, until, begun, follows.topic, follows.after)
            if isinstance(follows, Subscription)
            else _Observer(connection, follows.entrance, until, begun, follows, follows.seen)
        )
        self._ring()
        if self._stopping:
            self._turn_away()

    def stop(self) -> None:
        """All streams end; their clients come back, to whoever serves then."""
        self._stopping = True
        self._ring()
        self._thread.join()
        self._turn_away()
        self._send_away(self._everybody())
        if self._listener is not None:
            self._listener.close()
        for end in (self._selector, self._bell, self._ringer):
            end.close()

    def _turn_away(self) -> None:
        """Who came while the hub stopped is let in by nobody."""
        with suppress(Empty):
            while True:
                self._arriving.get_nowait().connection.close()

    def _ring(self) -> None:
        with suppress(OSError):  # it rings already, and has not been heard yet; or nobody hears it any more
            self._ringer.send(b"!")

    def _run(self) -> None:
        self._selector.register(self._bell, EVENT_READ, self._admit)
        while not self._stopping:
            until = min(self._next_beat, self._next_look)
            for key, mask in self._selector.select(max(until - monotonic(), 0)):
                key.data(mask)
            if monotonic() >= self._next_look:
                self._look()
            if monotonic() >= self._next_beat:
                self._beat()

    def _admit(self, _mask: int) -> None:
        with suppress(BlockingIOError):
            self._bell.recv(4096)
        with suppress(Empty):
            while True:
                watcher = self._arriving.get_nowait()
                if not self._make_room(watcher):
                    _refuse(watcher.connection)
                    continue
                self._selector.register(watcher.connection, EVENT_READ, partial(self._attend, watcher))
                if isinstance(watcher, _Observer):
                    self._observers.add(watcher)
                    self._next_look = 0.0
                    self._send(watcher)
                    continue
                self._followers.setdefault(watcher.topic, set()).add(watcher)
                self._next_look = min(self._next_look, monotonic() + LOOK)
                self._listen()  # before reading: what is committed in between is told twice, and sent once
                self._send_events(watcher.topic, [watcher])

    def _everybody(self) -> list[_Watcher]:
        return [*self._observers, *chain.from_iterable(self._followers.values())]

    def _make_room(self, watcher: _Watcher) -> bool:
        """Whether there is room: who only asks whether a page changed takes nobody's."""
        own = [each for each in self._everybody() if each.entrance.account == watcher.entrance.account]
        if isinstance(watcher, _Observer):
            return len(own) < MOST_OF_ONE and len(self._observers) < MOST_OBSERVED
        for oldest in sorted(own, key=attrgetter("until"))[: max(len(own) + 1 - MOST_OF_ONE, 0)]:
            self._let_go(oldest)
        return True

    def _look(self) -> None:
        """Send away who may watch no longer, and tell whose page is no longer as they saw it; once for all."""
        watchers = self._everybody()
        self._next_look = monotonic() + LOOK if watchers else inf
        try:
            left = {*self._left([watcher.entrance for watcher in watchers])} if watchers else set()
            self._send_away([watcher for watcher in watchers if watcher.entrance in left])
            marks = self._look_up([observer.page for observer in self._observers]) if self._observers else {}
        except Exception:  # whatever it is: the thread is everybody's
            log.warning(
                "it cannot be asked who may watch, or what pages show: all are sent away", exc_info=True
            )
            self._send_away(watchers)
            return
        for observer in list(self._observers):
            mark = mark_of(observer.page.topics, marks)
            if mark != observer.seen:
                observer.seen = mark
                observer.pending += _changed(mark)
                self._send(observer)

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
            self._next_beat = min(self._next_beat, monotonic() + BEAT_OF_THE_DEAF)
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
        for topic in [followed for followed in self._followers if str(followed) in topics]:
            self._send_events(topic, self._followers[topic])

    def _beat(self) -> None:
        if self._followers:
            self._listen()
        for watcher in self._everybody():
            watcher.pending += PULSE
            if monotonic() > watcher.until:
                self._let_go(watcher)
        for topic, followers in list(self._followers.items()):
            self._send_events(topic, followers)
        for observer in list(self._observers):
            self._send(observer)
        deaf = self._followers and self._listener is None
        self._next_beat = monotonic() + (BEAT_OF_THE_DEAF if deaf else BEAT)

    def _send_events(self, topic: UUID, followers: Collection[_Follower]) -> None:
        """Send each follower the events that it lacks, read once for all."""
        try:
            events = self._read(topic, min(follower.after for follower in followers))
        except (psycopg.Error, sa.exc.SQLAlchemyError):
            log.warning("events cannot be read: their watchers are sent away, to come back", exc_info=True)
            self._send_away(followers)
            return
        lines = [(event.number, bytes(event)) for event in events]
        for follower in list(followers):
            for number, line in lines:
                if number > follower.after:
                    follower.pending += line
                    follower.after = number
            self._send(follower)

    def _send_away(self, watchers: Collection[_Watcher]) -> None:
        for watcher in list(watchers):
            self._let_go(watcher)

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
        if watcher.connection.fileno() < 0:  # it was let go before
            return
        self._selector.unregister(watcher.connection)
        watcher.connection.close()
        if isinstance(watcher, _Observer):
            self._observers.remove(watcher)
        elif isinstance(watcher, _Follower):
            followers = self._followers[watcher.topic]
            followers.remove(watcher)
            if not followers:
                del self._followers[watcher.topic]


def _head(headers: Mapping[str, str]) -> bytes:
    lines = (f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{''.join(lines)}Connection: close\r\n\r\n".encode()


def _refuse(connection: socket) -> None:
    with suppress(OSError):
        connection.send(_FULL)
    connection.close()

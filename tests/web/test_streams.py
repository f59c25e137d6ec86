"""One thread pushes events to many watchers: in order, each once, whoever reads slowly or comes back."""

import json
import select
import threading
from collections.abc import Callable, Collection, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from socket import socketpair
from time import monotonic, sleep
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from referencing.base.db import utc_now
from referencing.base.permissions import Entrance
from referencing.web import streams
from referencing.web.streams import Event, Hub, Observation, Read, Subscription, followed, observed

TOPIC = UUID(int=1)


class Journal:
    """A table of events, read by the hub and announced by PostgreSQL as they are committed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.reads = self.looks = self.asked = 0
        self.gone: set[UUID] = set()
        with self.connect() as connection:
            connection.execute(
                "CREATE TABLE told (topic uuid, number int, body text, PRIMARY KEY (topic, number))"
            )

    def listen(self) -> psycopg.Connection[tuple[object, ...]]:
        connection = self.connect()
        connection.execute("LISTEN told")
        return connection

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url, autocommit=True)

    def write(self, *numbers: int, topic: UUID = TOPIC, size: int = 1, announce: bool = True) -> None:
        with psycopg.connect(self.url) as connection:
            for number in numbers:
                connection.execute("INSERT INTO told VALUES (%s, %s, %s)", (topic, number, "é" * size))
            if announce:
                connection.execute("SELECT pg_notify('told', %s)", (str(topic),))

    def read(self, topic: UUID, after: int) -> list[Event]:
        self.reads += 1
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT number, body FROM told WHERE topic = %s AND number > %s ORDER BY number",
                (topic, after),
            )
            return [Event(int(str(n)), "verdict", json.dumps(b).encode()) for n, b in rows]

    def look(self, observations: Collection[Observation]) -> dict[Hashable, str]:
        """The last number of each topic that is watched."""
        self.looks += 1
        with self.connect() as connection:
            rows = connection.execute("SELECT topic, max(number) FROM told GROUP BY topic").fetchall()
        watched = {topic for each in observations for topic in each.topics}
        return {topic: str(number) for topic, number in rows if topic in watched}

    def left(self, entrances: Collection[Entrance]) -> list[Entrance]:
        self.asked += 1
        return [entrance for entrance in entrances if entrance.account in self.gone]


def came(account: UUID | None = None) -> Entrance:
    return Entrance(account or uuid4(), utc_now())


class Watcher:
    """The client's end of a stream."""

    def __init__(self, hub: Hub, follows: Subscription | Observation) -> None:
        self.connection, served = socketpair()
        self.text = b""
        hub.take(served, follows)

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def hear(self, seconds: float) -> bool:
        """Whether something came; False at the end too."""
        if not select.select([self.connection], [], [], seconds)[0]:
            return False
        block = self.connection.recv(1 << 16)
        self.text += block
        return bool(block)

    def numbers(self, last: int, within: float = 5) -> list[int]:
        """The ids heard, until the last one that is expected has come."""
        until = monotonic() + within
        while last not in self._heard() and monotonic() < until:
            self.hear(0.1)
        return self._heard()

    def ended(self, within: float = 5) -> bool:
        until = monotonic() + within
        while monotonic() < until:
            readable = select.select([self.connection], [], [], 0.1)[0]
            if readable and not self.hear(0):
                return True
        return False

    def marks(self, last: str, within: float = 5) -> list[str]:
        """The marks heard, until the last one that is expected has come."""
        until = monotonic() + within
        while f"data: {last}\n" not in self.text.decode() and monotonic() < until:
            self.hear(0.1)
        return [line[6:].decode() for line in self.text.split(b"\n") if line.startswith(b"data: ")]

    def _heard(self) -> list[int]:
        return [int(line[4:]) for line in self.text.split(b"\n") if line.startswith(b"id: ")]


@pytest.fixture
def journal(database: sa.URL) -> Journal:
    return Journal(database.set(drivername="postgresql").render_as_string(hide_password=False))


Hubs = Callable[[Read], Hub]
Watching = Callable[..., Watcher]


@pytest.fixture
def new_hub(journal: Journal) -> Iterator[Hubs]:
    with ExitStack() as hubs:

        def start(read: Read) -> Hub:
            hub = Hub(journal.listen, read, journal.look, journal.left)
            hubs.callback(hub.stop)
            return hub

        yield start


@pytest.fixture
def hub(journal: Journal, new_hub: Hubs) -> Hub:
    return new_hub(journal.read)


@pytest.fixture
def watch(hub: Hub) -> Iterator[Watching]:
    with ExitStack() as ends:

        def begin(after: int = 0, account: UUID | None = None, topic: UUID = TOPIC, of: Hub = hub) -> Watcher:
            return ends.enter_context(Watcher(of, Subscription(topic, after, came(account))))

        yield begin


def test_who_comes_late_is_told_all_and_then_what_happens(journal: Journal, watch: Watching) -> None:
    journal.write(1, 2)
    watcher = watch()
    assert watcher.numbers(2) == [1, 2]
    journal.write(3)
    assert watcher.numbers(3) == [1, 2, 3]
    head, _, stream = watcher.text.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
    assert stream.decode().startswith('retry: 1000\n\nid: 1\nevent: verdict\ndata: "\\u00e9"\n\n')


def test_who_comes_back_is_told_what_is_new(journal: Journal, watch: Watching) -> None:
    journal.write(1, 2, 3)
    assert watch(after=2).numbers(3) == [3]


@pytest.fixture
def rare_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine beats would fall into a test that counts what is read."""
    monkeypatch.setattr(streams, "BEAT", 600.0)


@pytest.mark.usefixtures("rare_beats")
def test_all_watchers_hear_the_same_and_it_is_read_once(journal: Journal, watch: Watching) -> None:
    watchers = [watch() for _ in range(20)]
    journal.write(1)
    assert all(watcher.numbers(1) == [1] for watcher in watchers)
    before = journal.reads
    journal.write(2)
    assert all(watcher.numbers(2) == [1, 2] for watcher in watchers)
    assert journal.reads - before <= 2  # once more if the hub only begins to listen in between


def test_nobody_hears_of_another_topic(journal: Journal, watch: Watching) -> None:
    other = watch(topic=UUID(int=2))
    watcher = watch()
    journal.write(1)
    assert watcher.numbers(1) == [1]
    journal.write(7, topic=UUID(int=2))
    assert other.numbers(7) == [7]


def test_who_reads_slowly_makes_nobody_wait(journal: Journal, watch: Watching) -> None:
    slow, quick = watch(), watch()
    journal.write(*range(1, 61), size=2000)  # more than a socket's buffer
    assert quick.numbers(60) == list(range(1, 61))
    assert slow.numbers(60) == list(range(1, 61))


def test_who_reads_no_more_is_let_go(
    journal: Journal, watch: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_BEHIND", 10_000)
    deaf = watch()
    journal.write(*range(1, 61), size=5000)
    assert deaf.ended()
    assert len(deaf.text) < 60 * 5000


def test_who_left_is_forgotten(journal: Journal, watch: Watching) -> None:
    gone, stays = watch(), watch()
    journal.write(1)
    assert gone.numbers(1) == stays.numbers(1) == [1]
    gone.connection.close()
    journal.write(2, 3)
    assert stays.numbers(3) == [1, 2, 3]


def test_one_person_follows_a_few_streams_at_once(watch: Watching) -> None:
    person = uuid4()
    first, *others = [watch(account=person) for _ in range(streams.MOST_OF_ONE + 1)]
    assert first.ended()
    assert not any(other.ended(within=0.1) for other in others)


def test_a_lost_listener_is_replaced(journal: Journal, watch: Watching) -> None:
    watcher = watch()
    journal.write(1)
    assert watcher.numbers(1) == [1]
    with journal.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
    journal.write(2)
    assert watcher.numbers(2) == [1, 2]
    journal.write(3)
    assert watcher.numbers(3) == [1, 2, 3]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT", 0.1)


@pytest.mark.usefixtures("hasty")
def test_what_no_notification_told_is_found_all_the_same(
    journal: Journal, watch: Watching, new_hub: Hubs
) -> None:
    watcher = watch(of=new_hub(journal.read))
    journal.write(1, announce=False)
    assert watcher.numbers(1) == [1]


@pytest.mark.usefixtures("hasty")
def test_a_stream_ends_so_that_the_right_to_watch_is_asked_again(
    journal: Journal, watch: Watching, new_hub: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LIFETIME", 0.2)
    assert watch(of=new_hub(journal.read)).ended()


def test_the_database_may_be_away_for_a_while(journal: Journal, watch: Watching, new_hub: Hubs) -> None:
    broken: Callable[[UUID, int], list[Event]] = journal.read

    def read(topic: UUID, after: int) -> list[Event]:
        if after == 1:
            raise psycopg.OperationalError
        return broken(topic, after)

    hub = new_hub(read)
    journal.write(1)
    watcher = watch(of=hub)
    assert watcher.numbers(1) == [1]
    journal.write(2)
    assert watcher.ended()  # its client comes back
    assert watch(of=hub).numbers(2) == [1, 2]


def test_where_no_hub_is_a_watcher_is_told_what_there_is_and_keeps_no_thread(journal: Journal) -> None:
    journal.write(1)
    first, event, beat = followed(journal.read, Subscription(TOPIC, 0, came()))
    assert (first, beat) == (streams.OPENING, streams.PULSE)
    assert event.startswith(b"id: 1\n")
    journal.write(2)
    again = b"".join(followed(journal.read, Subscription(TOPIC, 1, came())))
    assert b"id: 2\n" in again
    assert b"id: 1\n" not in again


def test_a_connection_that_is_broken_already_harms_nobody(
    journal: Journal, hub: Hub, watch: Watching
) -> None:
    ours, served = socketpair()
    ours.close()
    hub.take(served, Subscription(TOPIC, 0, came()))
    watcher = watch()
    journal.write(1)
    assert watcher.numbers(1) == [1]


@pytest.fixture
def observe(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watcher]]:
    """A page that somebody looks at."""
    monkeypatch.setattr(streams, "LOOK", 0.1)
    with ExitStack() as ends:

        def begin(seen: str = "", account: UUID | None = None, *topics: UUID) -> Watcher:
            page = Observation(topics or (TOPIC,), seen, came(account))
            return ends.enter_context(Watcher(hub, page))

        yield begin


def test_a_page_is_told_that_it_changed_and_how_it_stands(journal: Journal, observe: Watching) -> None:
    journal.write(1)
    page = observe("1")
    journal.write(2, announce=False)
    journal.write(3, topic=UUID(int=2), announce=False)
    assert page.marks("2") == ["2"]
    assert page.text.partition(b"\r\n\r\n")[2] == b"retry: 1000\n\nid: 2\nevent: changed\ndata: 2\n\n"


def test_a_page_of_several_topics_is_told_of_each(journal: Journal, observe: Watching) -> None:
    journal.write(1)
    page = observe("1.", None, TOPIC, UUID(int=2))
    journal.write(7, topic=UUID(int=2))
    assert page.marks("1.7") == ["1.7"]


def test_who_may_watch_no_longer_is_sent_away_and_asked_of_together(
    journal: Journal, observe: Watching, watch: Watching
) -> None:
    person = uuid4()
    pages, sessions = [observe("", person), observe()], [watch(account=person), watch()]
    before = journal.asked
    journal.gone.add(person)
    assert pages[0].ended()
    assert sessions[0].ended()
    assert journal.asked - before <= 5 / streams.LOOK + 1, "once for all, as often as pages are looked at"
    journal.write(1)
    assert pages[1].marks("1") == ["1"]
    assert sessions[1].numbers(1) == [1]


def test_who_follows_a_session_alone_is_asked_of_too(
    journal: Journal, watch: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOK", 0.1)
    person = uuid4()
    watcher = watch(account=person)
    journal.gone.add(person)
    assert watcher.ended()


def test_what_changed_before_the_stream_began_is_told_at_once(journal: Journal, observe: Watching) -> None:
    journal.write(1, 2)
    assert observe("1").marks("2") == ["2"]


def test_all_pages_are_looked_up_together(journal: Journal, observe: Watching) -> None:
    pages = [observe() for _ in range(20)]
    journal.write(1)
    assert all(page.marks("1") == ["1"] for page in pages)
    before = journal.looks
    journal.write(2)
    assert all(page.marks("2") == ["1", "2"] for page in pages)
    assert journal.looks - before <= 20  # one for all, as often as there was time for


def test_who_has_too_many_pages_is_told_to_ask_from_time_to_time(
    observe: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = uuid4()
    pages = [observe("", person) for _ in range(streams.MOST_OF_ONE)]
    refused = observe("", person)
    assert refused.ended()
    assert refused.text.startswith(b"HTTP/1.1 429 ")
    assert not any(page.ended(within=0.1) for page in pages)
    monkeypatch.setattr(streams, "MOST_OBSERVED", streams.MOST_OF_ONE)
    another = observe()
    assert another.ended()
    assert another.text.startswith(b"HTTP/1.1 429 ")


def test_a_session_that_is_followed_comes_before_a_page(watch: Watching, observe: Watching) -> None:
    person = uuid4()
    first, *_ = [observe("", person) for _ in range(streams.MOST_OF_ONE)]
    session = watch(account=person)
    assert first.ended()
    assert not session.ended(within=0.1)


def test_a_page_whose_reader_left_is_looked_up_no_more(journal: Journal, observe: Watching) -> None:
    page = observe()
    journal.write(1)
    assert page.marks("1") == ["1"]
    page.connection.close()
    sleep(0.5)
    before = journal.looks
    sleep(0.5)
    assert journal.looks == before


@pytest.mark.parametrize("error", [psycopg.OperationalError, KeyError])
def test_pages_are_sent_away_while_they_cannot_be_looked_up(
    hub: Hub, observe: Watching, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(_: Collection[Observation]) -> dict[Hashable, str]:
        raise error

    page = observe()
    with monkeypatch.context() as failing:
        failing.setattr(hub, "_look_up", fail)
        assert page.ended()
    assert observe().hear(5), "the thread goes on"


def test_who_comes_waits_for_no_look(hub: Hub, observe: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, answered, account = threading.Event(), threading.Event(), uuid4()

    def wait(_: Collection[Observation]) -> dict[Hashable, str]:
        looking.set()
        answered.wait(10)
        return {}

    observe()
    monkeypatch.setattr(hub, "_look_up", wait)
    assert looking.wait(5)
    begun = monotonic()
    for _ in range(400):  # more than a bell keeps
        client, served = socketpair()
        client.close()
        hub.take(served, Observation((TOPIC,), "", came(account)))
    assert monotonic() - begun < 5
    answered.set()


def test_who_comes_while_it_stops_or_after_is_turned_away(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(journal.listen, journal.read, journal.look, journal.left)
    waiting, answered = threading.Event(), threading.Event()

    def wait(_: Collection[Observation]) -> dict[Hashable, str]:
        waiting.set()
        answered.wait(10)
        return {}

    monkeypatch.setattr(hub, "_look_up", wait)
    page = Observation((TOPIC,), "", came())
    with Watcher(hub, page), ThreadPoolExecutor(1) as beside:
        assert waiting.wait(5)
        stopped = beside.submit(hub.stop)
        with Watcher(hub, page) as meanwhile:
            answered.set()
            stopped.result(5)
            assert meanwhile.ended()
    with Watcher(hub, page) as late:
        assert late.ended()


def test_where_no_hub_is_a_page_is_told_how_it_stands_and_keeps_no_thread(journal: Journal) -> None:
    journal.write(1)
    page = Observation((TOPIC,), "1", came())
    assert [*observed(journal.look, page)] == [streams.OPENING, streams.PULSE]
    journal.write(2)
    assert b"data: 2\n" in b"".join(observed(journal.look, page))

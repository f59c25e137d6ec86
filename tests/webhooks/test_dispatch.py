"""The threads that deliver: bad receivers keep no good one waiting, and a killed process loses nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from socket import socket
from threading import Event, Thread, Timer
from time import monotonic, sleep

import pytest

from referencing.base.db import utc_now
from referencing.base.outgoing import receivers
from referencing.webhooks import dispatch
from referencing.webhooks.dispatch import Dispatch
from tests.webhooks.conftest import Post, log, make
from tests.webhooks.receivers import Receiver, receiver, speaking
from tests.webhooks.test_reach import flood_head, leave


@contextmanager
def dispatching(post: Post) -> Iterator[Dispatch]:
    """The threads; none is left behind when this ends."""
    threads = Dispatch(replace(post.sender, clock=utc_now))
    threads.start()
    try:
        yield threads
    finally:
        threads.stop()
        for thread in deliveries():
            thread.join()


def deliveries() -> list[Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "webhook"]


def test_five_that_misbehave_delay_nobody(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that hang are not left before all others have everything."""
    monkeypatch.setattr(dispatch, "THREADS", 6)
    monkeypatch.setattr(receivers, "WHOLE", 3600.0)
    post.time.now = datetime.now(UTC)
    answered = Event()

    def hang(_: socket) -> None:
        answered.wait()

    with ExitStack() as stack:
        good = [stack.enter_context(receiver()) for _ in range(5)]
        bad = [stack.enter_context(speaking(hang)) for _ in range(3)]
        bad += [stack.enter_context(speaking(speak)) for speak in (flood_head, leave)]
        for address in (*bad, *(each.address for each in good)):
            make(post.people.editor, address)
        expected = [message for _ in range(5) for each in post.dossiers for message in post.happen(each)]
        stack.enter_context(dispatching(post))
        stack.callback(answered.set)
        await_that(lambda: all(len(each.received) >= len(expected) for each in good))
        for each in good:
            assert ordered(each) == expected


def test_who_stops_notes_what_is_told_meanwhile_and_waits_for_no_receiver_that_hangs(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.time.now = datetime.now(UTC)
    asked, answered = Event(), Event()

    def answer_late(connection: socket) -> None:
        asked.set()
        answered.wait()
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with speaking(answer_late) as address:
        made = make(post.people.editor, address)
        (first, *_) = post.happen(post.dossiers[0], 2)
        with dispatching(post) as threads:
            assert asked.wait(60)
            Timer(0.2, answered.set).start()
            threads.stop()
            assert [attempt["message_id"] for attempt in log(post.people.editor, made)] == [first]
        asked.clear()
        answered.clear()
        monkeypatch.setattr(dispatch, "ENDING", 0.1)
        with dispatching(post) as threads:
            assert asked.wait(60)
            threads.stop()
            assert [thread.daemon for thread in deliveries()] == [True], "the process ends though it goes on"
            answered.set()


def await_that(comes_true: Callable[[], bool]) -> None:
    until = monotonic() + 60
    while not comes_true():
        assert monotonic() < until, "it does not come true"
        sleep(0.02)


def ordered(there: Receiver) -> list[str]:
    """The ids as they came, without those that came again."""
    return list(dict.fromkeys(one.id for one in there.received))

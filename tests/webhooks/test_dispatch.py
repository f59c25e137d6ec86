"""The threads that deliver: bad receivers keep no good one waiting, and a killed process loses nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from socket import socket
from threading import Event
from time import monotonic, sleep

import pytest

from referencing.base.db import utc_now
from referencing.webhooks import dispatch
from referencing.webhooks.dispatch import Dispatch
from tests.webhooks.conftest import Post, make
from tests.webhooks.receivers import Receiver, receiver, speaking
from tests.webhooks.test_reach import flood_head, leave


@contextmanager
def dispatching(post: Post) -> Iterator[Dispatch]:
    threads = Dispatch(replace(post.courier, clock=utc_now))
    threads.start()
    try:
        yield threads
    finally:
        threads.stop()
        threads.threads.shutdown()


def test_five_that_misbehave_delay_nobody(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread a lane would do for the good ones, were the bad ones not held apart after their first failure."""
    monkeypatch.setattr(dispatch, "THREADS", 6)
    post.time.now = datetime.now(UTC)
    silent = Event()

    def hang(_: socket) -> None:
        silent.wait(20)

    with ExitStack() as stack:
        stack.callback(silent.set)
        good = [stack.enter_context(receiver()) for _ in range(5)]
        bad = [stack.enter_context(speaking(hang)) for _ in range(3)]
        bad += [stack.enter_context(speaking(speak)) for speak in (flood_head, leave)]
        for address in (*bad, *(each.address for each in good)):
            make(post.people.editor, address)
        expected = [message for _ in range(5) for each in post.dossiers for message in post.happen(each)]
        begun = monotonic()
        stack.enter_context(dispatching(post))
        while any(len(each.received) < len(expected) for each in good) and monotonic() - begun < 15:
            sleep(0.02)
        assert monotonic() - begun < 8, "a receiver that hangs is left after 15 seconds"
        silent.set()
        for each in good:
            assert ordered(each) == expected


def ordered(there: Receiver) -> list[str]:
    """The ids as they came, without those that came again."""
    return list(dict.fromkeys(one.id for one in there.received))

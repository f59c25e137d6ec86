"""A job exists once its transaction has committed; from then on it is handed over until it is done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from referencing.base import db
from referencing.base.jobs import LOST_AFTER, enqueue, hand_over, perform
from tests.base.jobs.conftest import TASKS, seconds
from tests.base.jobs.test_perform import Ask, Effects, due
from tests.conftest import Time


def test_what_is_committed_is_handed_over(sessions: db.Sessions, ask: Ask) -> None:
    asked = [ask(name=name) for name in ("Alizé", "Bise", "Cers")]
    assert due(sessions) == asked, "in the order of asking"


def test_what_is_rolled_back_was_never_asked_for(sessions: db.Sessions) -> None:
    with sessions() as session:
        enqueue(session, "found", name="Alizé")
        session.flush()
        session.rollback()
    assert due(sessions) == []


def test_what_is_not_committed_yet_is_not_handed_over(sessions: db.Sessions) -> None:
    with db.transaction(sessions) as session:
        enqueue(session, "found", name="Alizé")
        session.flush()
        assert due(sessions) == []
    assert len(due(sessions)) == 1


def test_what_is_handed_over_can_be_done_at_once(sessions: db.Sessions, ask: Ask, effects: Effects) -> None:
    """Whoever performs it may be quicker than the relay, which must have let go of it."""
    for name in ("Alizé", "Bise"):
        ask(name=name)
    hand_over(sessions, lambda job_id: perform(sessions, TASKS, job_id))
    assert effects() == ["Alizé", "Bise"]


def test_what_was_handed_over_is_given_time(sessions: db.Sessions, ask: Ask, time: Time) -> None:
    ask()
    assert len(due(sessions)) == 1
    assert due(sessions) == []
    time.now += LOST_AFTER - seconds(1)
    assert due(sessions) == []


def test_what_was_lost_on_the_way_is_handed_over_again(sessions: db.Sessions, ask: Ask, time: Time) -> None:
    asked = ask()
    due(sessions)
    time.now += LOST_AFTER
    assert due(sessions) == [asked]


def test_what_is_done_is_not_handed_over_again(sessions: db.Sessions, ask: Ask, time: Time) -> None:
    perform(sessions, TASKS, ask())
    time.now += LOST_AFTER
    assert due(sessions) == []


def test_what_a_broker_refused_is_handed_over_again_at_once(sessions: db.Sessions, ask: Ask) -> None:
    asked = [ask(name=name) for name in ("Alizé", "Bise", "Cers")]

    def refuse_all_but_the_first(job_id: str) -> None:
        if job_id != asked[0]:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        hand_over(sessions, refuse_all_but_the_first)
    assert due(sessions) == asked[1:]


def test_at_most_so_many_are_handed_over_at_a_time(sessions: db.Sessions, ask: Ask) -> None:
    asked = [ask(name=str(number)) for number in range(5)]
    sent: list[str] = []
    assert [hand_over(sessions, sent.append, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert sent == asked


def test_a_relay_passes_over_what_another_one_has_in_hand(sessions: db.Sessions, ask: Ask) -> None:
    asked, later = ask(), Event()
    begun, first = Event(), []

    def slowly(job_id: str) -> None:
        first.append(job_id)
        begun.set()
        later.wait(10)

    with ThreadPoolExecutor(1) as threads:
        relay = threads.submit(hand_over, sessions, slowly)
        assert begun.wait(10)
        assert due(sessions) == []
        assert not relay.done(), "the second did not wait for the first"
        later.set()
    assert first == [asked]


def test_relays_at_work_together_hand_over_each_job_once(
    sessions: db.Sessions, ask: Callable[..., str]
) -> None:
    asked = {ask(name=str(number)) for number in range(30)}
    start = Barrier(3)
    sent: list[str] = []

    def relay(_: int) -> None:
        start.wait()
        while hand_over(sessions, sent.append, most=4):
            pass

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(relay, range(3)))
    sent += due(sessions)  # what the last to look had to pass over
    assert len(sent) == len(asked)
    assert set(sent) == asked

"""A job and the mark that it is done are one transaction; a failure leaves nothing and is tried again later."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.jobs import KILLED, LOST_AFTER, MOST_ATTEMPTS, hand_over, perform, perform_all
from referencing.base.models import Job
from tests.base.jobs.conftest import TASKS, found, seconds
from tests.conftest import Time

Ask = Callable[..., str]
Effects = Callable[[], list[str]]
Read = Callable[[str], Job]


def due(sessions: db.Sessions) -> list[str]:
    """The jobs that the relay hands over now."""
    sent: list[str] = []
    hand_over(sessions, sent.append)
    return sent


def test_a_job_is_done(sessions: db.Sessions, ask: Ask, effects: Effects, job: Read, time: Time) -> None:
    asked = ask()
    perform(sessions, TASKS, asked)
    assert effects() == ["Alizé"]
    assert job(asked).done_at == time.now


def test_a_job_handed_over_twice_is_done_once(
    sessions: db.Sessions, ask: Ask, effects: Effects, job: Read
) -> None:
    asked = ask()
    for _ in range(2):
        perform(sessions, TASKS, asked)
    assert effects() == ["Alizé"]
    assert job(asked).attempts == 1, "the second time was not even tried"


def test_a_job_that_somebody_is_at_is_left_to_them(sessions: db.Sessions, ask: Ask, effects: Effects) -> None:
    begun, finish, calls = Event(), Event(), []

    def slow(session: Session, name: str) -> None:
        calls.append(name)
        begun.set()
        finish.wait(10)
        found(session, name)

    asked = ask()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(perform, sessions, {"found": slow}, asked)
        assert begun.wait(10)
        perform(sessions, {"found": slow}, asked)
        assert not first.done(), "the second did not wait for the first"
        finish.set()
    assert calls == effects() == ["Alizé"]


def test_a_failure_leaves_nothing_but_its_name(
    sessions: db.Sessions, ask: Ask, effects: Effects, job: Read
) -> None:
    asked = ask("fail")
    perform(sessions, TASKS, asked)
    assert effects() == []
    failed = job(asked)
    assert (failed.attempts, failed.last_error, failed.done_at) == (1, "ValueError", None)


def test_a_failure_is_tried_again_later_and_later(
    sessions: db.Sessions, ask: Ask, job: Read, time: Time
) -> None:
    asked = ask("fail")
    pauses = []
    for _ in range(4):
        perform(sessions, TASKS, asked)
        pauses.append((job(asked).due_at - time.now).total_seconds())
    assert pauses == [2, 4, 8, 16]


def test_a_failure_is_not_tried_again_before_its_time(sessions: db.Sessions, ask: Ask, time: Time) -> None:
    asked = ask("fail")
    perform(sessions, TASKS, asked)
    time.now += seconds(1.9)
    assert due(sessions) == []
    time.now += seconds(0.1)
    assert due(sessions) == [asked]


def test_what_failed_once_may_be_done_the_next_time(
    sessions: db.Sessions, ask: Ask, effects: Effects, job: Read
) -> None:
    asked = ask("fail")
    perform(sessions, TASKS, asked)
    perform(sessions, {"fail": found}, asked)
    assert effects() == ["Alizé"]
    assert job(asked).done_at is not None


def test_what_fails_too_often_stays_with_its_last_error(
    sessions: db.Sessions, ask: Ask, effects: Effects, job: Read, time: Time
) -> None:
    asked = ask("fail")
    for _ in range(MOST_ATTEMPTS):
        assert job(asked).dead_at is None
        perform(sessions, TASKS, asked)
    dead = job(asked)
    assert (dead.attempts, dead.last_error, dead.dead_at) == (MOST_ATTEMPTS, "ValueError", time.now)
    time.pass_days(365)
    assert due(sessions) == []
    perform(sessions, {"fail": found}, asked)
    assert effects() == [], "nor is it done when it comes late from the broker"


class Death(BaseException):
    """What the database sees of a process that dies: its connection ends, and nothing is told of the job."""


def test_a_job_that_kills_its_process_ends_as_a_dead_letter(
    sessions: db.Sessions, ask: Ask, effects: Effects, job: Read, time: Time
) -> None:
    def kill(session: Session, name: str) -> None:
        found(session, name)
        raise Death

    asked = ask("kill")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert due(sessions) == [asked]
        with pytest.raises(Death):
            perform(sessions, {"kill": kill}, asked)
        assert (job(asked).attempts, job(asked).dead_at) == (attempt, None)
        time.now += LOST_AFTER
    assert due(sessions) == [asked]
    perform(sessions, {"kill": kill}, asked)
    dead = job(asked)
    assert (dead.attempts, dead.last_error, dead.dead_at) == (MOST_ATTEMPTS, KILLED, time.now)
    assert effects() == []
    time.pass_days(365)
    assert due(sessions) == []


def test_a_task_that_nobody_knows_fails_and_stops_no_other(
    sessions: db.Sessions, ask: Ask, effects: Effects, job: Read
) -> None:
    unknown, known = ask("unknown"), ask("found", "Mistral")
    perform_all(sessions, TASKS)
    assert job(unknown).last_error == "KeyError"
    assert job(known).done_at is not None
    assert effects() == ["Mistral"]


def test_a_job_that_is_not_there_is_nothing_to_do(sessions: db.Sessions, effects: Effects) -> None:
    perform(sessions, TASKS, str(uuid4()))
    assert effects() == []


def test_a_job_may_ask_for_others(sessions: db.Sessions, ask: Ask, effects: Effects) -> None:
    def spread(session: Session, name: str) -> None:
        from referencing.base.jobs import enqueue  # noqa: PLC0415

        enqueue(session, "found", name=name)

    ask("spread")
    assert perform_all(sessions, {**TASKS, "spread": spread}) == 2
    assert effects() == ["Alizé"]

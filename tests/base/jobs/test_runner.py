"""With nothing configured, committed jobs are performed by threads of this process, until it stops."""

import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest
import sqlalchemy as sa
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.jobs import Runner, broker_for
from tests.base.jobs.conftest import TASKS
from tests.base.jobs.test_perform import Ask, Effects


def becomes(condition: Callable[[], bool], within: float = 10) -> bool:
    until = monotonic() + within
    while not condition():
        if monotonic() > until:
            return False
        sleep(0.02)
    return True


@pytest.fixture
def runner(sessions: db.Sessions) -> Iterator[Runner]:
    running = Runner(sessions, TASKS, broker_for(None), idle=0.02)
    running.start()
    yield running
    if not running.stopping.is_set():
        running.stop()


def test_a_committed_job_is_performed_in_the_background(runner: Runner, ask: Ask, effects: Effects) -> None:
    ask()
    assert becomes(lambda: effects() == ["Alizé"])


def test_a_job_that_waited_from_before_is_performed_too(
    sessions: db.Sessions, ask: Ask, effects: Effects
) -> None:
    ask()
    running = Runner(sessions, TASKS, broker_for(None), idle=0.02)
    running.start()
    assert becomes(lambda: effects() == ["Alizé"])
    running.stop()


def test_a_failure_does_not_stop_the_others(runner: Runner, ask: Ask, effects: Effects) -> None:
    ask("fail", "Alizé")
    ask("found", "Bise")
    assert becomes(lambda: effects() == ["Bise"])


def test_when_it_is_stopped_no_thread_of_it_is_left(sessions: db.Sessions) -> None:
    before = set(threading.enumerate())
    running = Runner(sessions, TASKS, broker_for(None), idle=0.02)
    running.start()
    assert set(threading.enumerate()) > before
    running.stop()
    assert set(threading.enumerate()) == before


def test_what_is_asked_for_after_the_stop_waits(runner: Runner, ask: Ask, effects: Effects) -> None:
    runner.stop()
    ask()
    sleep(0.2)
    assert effects() == []


def test_it_goes_on_when_the_database_comes_back(sessions: db.Sessions, ask: Ask, effects: Effects) -> None:
    class Returning(sa.orm.sessionmaker[Session]):
        """A database that does not answer the first three times."""

        refused = 0

        def __call__(self, **_: object) -> Session:
            if self.refused < 3:
                self.refused += 1
                raise ConnectionError("the database is away")
            return sessions()

    ask()
    running = Runner(Returning(), TASKS, broker_for(None), idle=0.02)
    running.start()
    assert becomes(lambda: effects() == ["Alizé"])
    running.stop()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (None, StubBroker),
        ("amqp://guest:guest@127.0.0.1:1/", RabbitmqBroker),
        ("redis://127.0.0.1:1/0", RedisBroker),
    ],
)
def test_the_address_names_the_broker(url: str | None, kind: type[object]) -> None:
    broker = broker_for(url)
    assert isinstance(broker, kind)
    broker.close()


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="amqp:// or redis://"):
        broker_for("http://127.0.0.1")

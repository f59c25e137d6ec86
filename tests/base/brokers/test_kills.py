"""On real brokers, with processes killed at every point: no job is lost, and none has its effect twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.jobs import enqueue
from tests.base.brokers.worker import POINTS

pytestmark = pytest.mark.services

JOBS = 20
NOBODY = {"redis": "redis://127.0.0.1:1/0", "rabbitmq": "amqp://guest:guest@127.0.0.1:1"}
VARIABLES = {"redis": "REFERENCING_TEST_REDIS_URL", "rabbitmq": "REFERENCING_TEST_AMQP_URL"}


@pytest.fixture(params=VARIABLES)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if VARIABLES[found] not in os.environ:
        pytest.skip(f"no {found} is started: {VARIABLES[found]} is not set")
    return found


@pytest.fixture
def sessions(database: sa.URL) -> Iterator[db.Sessions]:
    engine = db.connect(database)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE mark (name text)"))
    yield db.sessions(engine)
    engine.dispose()


@pytest.fixture
def work(database: sa.URL, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start a worker on a broker, to be killed at a point."""

    def start(broker: str, point: str = "none") -> subprocess.Popen[bytes]:
        address = database.render_as_string(hide_password=False)
        command = [
            sys.executable,
            "-m",
            "tests.base.brokers.worker",
            address,
            broker,
            point,
            str(tmp_path / "killed"),
        ]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return start


@contextmanager
def stopped(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ask(sessions: db.Sessions) -> None:
    with db.transaction(sessions) as session:
        for number in range(JOBS):
            enqueue(session, "leave_mark", name=str(number))


def marks(sessions: db.Sessions) -> list[str]:
    with db.transaction(sessions) as session:
        return list(session.scalars(sa.text("SELECT name FROM mark ORDER BY name::int")))


def undone(sessions: db.Sessions) -> int:
    with db.transaction(sessions) as session:
        return session.scalar(sa.text("SELECT count(*) FROM job WHERE done_at IS NULL")) or 0


def until_all_are_done(sessions: db.Sessions, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while undone(sessions):
        assert time.monotonic() < end, "jobs are left"
        time.sleep(0.1)


EACH_ONCE = [str(number) for number in range(JOBS)]


@pytest.mark.parametrize("point", POINTS[1:])
def test_a_kill_loses_no_job_and_repeats_none(
    kind: str, point: str, sessions: db.Sessions, work: Callable[..., subprocess.Popen[bytes]]
) -> None:
    broker = os.environ[VARIABLES[kind]]
    ask(sessions)
    with stopped(work(broker, point)) as killed:
        assert killed.wait(timeout=30) == -9
    with stopped(work(broker)):
        until_all_are_done(sessions)
    assert marks(sessions) == EACH_ONCE


def test_a_broker_that_is_down_at_the_commit_loses_no_job(
    kind: str, sessions: db.Sessions, work: Callable[..., subprocess.Popen[bytes]]
) -> None:
    with stopped(work(NOBODY[kind])):
        ask(sessions)
        time.sleep(2)
        assert marks(sessions) == []
    with stopped(work(os.environ[VARIABLES[kind]])):
        until_all_are_done(sessions)
    assert marks(sessions) == EACH_ONCE


def test_two_workers_do_each_job_once(
    kind: str, sessions: db.Sessions, work: Callable[..., subprocess.Popen[bytes]]
) -> None:
    broker = os.environ[VARIABLES[kind]]
    with stopped(work(broker)), stopped(work(broker)):
        ask(sessions)
        until_all_are_done(sessions)
    assert marks(sessions) == EACH_ONCE

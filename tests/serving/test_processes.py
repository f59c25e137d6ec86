"""As many processes as were asked for answer, and one performs the jobs; whichever dies is started again."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import psutil
import pytest
import requests
import sqlalchemy as sa

from referencing.base import db
from referencing.base.jobs import enqueue
from referencing.config import Settings
from referencing.server import processes_of, threads_of
from tests.serving.conftest import Serving, answers, becomes
from tests.serving.served import GRACE, PROCESSES

TOGETHER = PROCESSES + 1


@contextmanager
def connected(serving: Serving) -> Iterator[db.Sessions]:
    engine = db.connect(serving.database)
    yield db.sessions(engine)
    engine.dispose()


def jobs_go_on(serving: Serving) -> None:
    """A job that is asked for now is done soon."""
    with connected(serving) as sessions:
        with db.transaction(sessions) as session:
            enqueue(session, "forget_signal_sources")
        undone = sa.text("SELECT count(*) FROM job WHERE done_at IS NULL AND dead_at IS NULL")

        def is_done() -> bool:
            with db.transaction(sessions) as session:
                return not session.scalar(undone)

        becomes(is_done, 30)


def test_one_process_more_than_answer_performs_the_jobs(serving: Serving) -> None:
    becomes(lambda: len(serving.children()) == TOGETHER, 10)
    jobs_go_on(serving)


def test_what_all_processes_counted_is_told_by_any(serving: Serving) -> None:
    def answered() -> float:
        text = requests.get(f"{serving.url}/metrics", timeout=20).text
        found = re.search(
            r'^http_requests_total{.*route="/api/v1/me",status="200"} (\S+)$', text, re.MULTILINE
        )
        return float(found[1]) if found else 0

    before = answered()
    for _ in range(20):  # each on a connection of its own, so that all processes have their share
        serving.get("/api/v1/me")
    assert answered() == before + 20
    jobs_go_on(serving)
    text = requests.get(f"{serving.url}/metrics", timeout=20).text
    assert 'jobs_attempted_total{outcome="done",task="forget_signal_sources"}' in text


def test_lines_are_json_with_the_request_that_they_belong_to(serving: Serving) -> None:
    requests.get(
        f"{serving.url}/api/v1/me", headers={**serving.headers, "X-Request-Id": "mine-1"}, timeout=20
    )
    lines = [orjson.loads(line) for line in (serving.folder / "log").read_bytes().splitlines() if line]
    (line,) = [each for each in lines if each.get("request") == "mine-1"]
    assert (line["route"], line["status"]) == ("/api/v1/me", 200)
    assert line["statements"] >= 1
    assert serving.key not in (serving.folder / "log").read_text()


def test_whichever_process_dies_is_started_again_as_what_it_was(serving: Serving) -> None:
    for number in range(TOGETHER):
        before = sorted(serving.children(), key=psutil.Process.create_time)
        before[0].send_signal(signal.SIGKILL)  # the oldest: each of them once
        survivors = {each.pid for each in before[1:]}

        def is_replaced(survivors: set[int] = survivors) -> bool:
            now = {each.pid for each in serving.children()}
            return len(now) == TOGETHER and survivors < now

        becomes(is_replaced, 20)
        becomes(lambda: answers(serving.port, "/readyz") == 200, 20)
        jobs_go_on(serving)
        assert serving.get("/api/v1/me").status_code == 200, number


@pytest.mark.parametrize(("processes", "threads"), [(1, 16), (2, 16), (4, 8), (8, 4), (64, 4)])
def test_the_more_processes_the_fewer_threads_has_each(processes: int, threads: int) -> None:
    assert threads_of(processes) == threads


def test_there_are_as_many_processes_as_cores_unless_a_setting_says_otherwise(serving: Serving) -> None:
    cores = len(psutil.Process().cpu_affinity())
    distant = Settings(data=serving.folder, database_url="postgresql://elsewhere/")
    assert processes_of(distant) == cores
    assert (
        processes_of(Settings(data=serving.folder, database_url="postgresql://elsewhere/", processes=5)) == 5
    )


def test_told_to_stop_it_says_so_answers_on_and_ends(serving: Serving) -> None:
    family = serving.process.children(recursive=True)
    serving.process.terminate()
    becomes(lambda: answers(serving.port, "/readyz") == 503, GRACE)
    assert requests.get(f"{serving.url}/readyz", timeout=10).json() == {"serving": "stopping"}
    assert serving.get("/api/v1/me").status_code == 200
    _, alive = psutil.wait_procs([serving.process, *family], timeout=GRACE + 25)
    assert alive == []

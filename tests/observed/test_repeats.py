"""What fails again and again says so once a minute, and then how often."""

import logging
from collections.abc import Iterator

import pytest

from referencing.observed import repeats
from referencing.observed.repeats import QUIET, Repeats


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def handler(clock: Clock) -> Lines:
    handler = Lines()
    handler.addFilter(Repeats(clock))
    return handler


@pytest.fixture
def log(handler: Lines) -> Iterator[logging.Logger]:
    log = logging.getLogger("tests.repeats")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    yield log
    log.removeHandler(handler)


def fail(log: logging.Logger, error: Exception, job: int = 1) -> None:
    try:
        raise error
    except type(error):
        log.exception("job %s failed", job)


def test_a_fault_is_told_once_a_minute_with_how_often(
    log: logging.Logger, handler: Lines, clock: Clock
) -> None:
    for job in range(1, 41):
        fail(log, ConnectionError(), job)
    assert handler.lines == ["job 1 failed"]
    clock.now = QUIET
    fail(log, ConnectionError(), 41)
    assert handler.lines[1:] == ["job 41 failed (and 39 more like it since the last line)"]
    clock.now = 2 * QUIET
    fail(log, ConnectionError(), 42)
    assert handler.lines[2:] == ["job 42 failed"]


def test_other_faults_are_told(log: logging.Logger, handler: Lines) -> None:
    fail(log, ConnectionError())
    fail(log, ValueError())
    log.error("another thing failed")
    log.warning("100 %% of it failed")
    assert len(handler.lines) == 4


def test_what_is_no_fault_is_always_told(log: logging.Logger, handler: Lines) -> None:
    for _ in range(3):
        log.info("request")
    assert handler.lines == ["request"] * 3


def test_what_is_remembered_is_bounded(
    log: logging.Logger, handler: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "MOST", 2)
    for word in ("a", "b", "c", "a"):
        log.error(word)
    assert handler.lines == ["a", "b", "c", "a"]

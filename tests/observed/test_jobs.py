"""Attempts at jobs are counted by their outcome."""

import pytest

from referencing.observed.meters import Meters


def test_an_attempt_is_counted_as_it_ended() -> None:
    meters = Meters()

    def divide(by: int) -> None:
        assert 1 / by

    timed = meters.timed("divide", divide)
    timed(1)
    with pytest.raises(ZeroDivisionError):
        timed(0)
    assert (
        meters.registry.get_sample_value("jobs_attempted_total", {"task": "divide", "outcome": "done"}) == 1
    )
    assert (
        meters.registry.get_sample_value("jobs_attempted_total", {"task": "divide", "outcome": "failed"}) == 1
    )
    assert meters.registry.get_sample_value("job_seconds_count", {"task": "divide"}) == 2

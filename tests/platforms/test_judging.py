"""When probes tell together that a platform is down, since when; and how the months are counted."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from referencing.platforms.judging import Judgement, Reason, Sight, Sighting, judged, silence
from referencing.platforms.spans import Span, joined, months
from referencing.platforms.states import Impact

NOW = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Paris: April begins


def sight(sighting: Sighting, streak: int, hours: int) -> Sight:
    reason = None if sighting is Sighting.FINE else Reason.TIMEOUT
    return Sight(sighting, streak, NOW - timedelta(hours=hours), reason)


FINE, FEW, FAILED, SLOW = (
    sight(Sighting.FINE, 9, 5),
    sight(Sighting.FAILED, 2, 1),
    sight(Sighting.FAILED, 3, 2),
    sight(Sighting.DEGRADED, 3, 3),
)


@pytest.mark.parametrize(
    ("probes", "impact", "hours"),
    [
        ([[FAILED]], Impact.DOWN, 2),  # the only place that looks
        ([[FEW]], None, 1),
        ([[FAILED, FAILED]], Impact.DOWN, 2),
        ([[FAILED, FINE]], Impact.DEGRADED, 2),  # from one place of two
        ([[FAILED, FEW]], Impact.DEGRADED, 2),
        ([[FAILED, FAILED, FINE]], Impact.DOWN, 2),
        ([[SLOW]], Impact.DEGRADED, 3),
        ([[SLOW, FINE]], None, 5),
        ([[FINE], [FAILED]], Impact.DOWN, 2),  # the worst of all probes
        ([[SLOW], [FAILED]], Impact.DOWN, 2),
        ([[FINE], []], None, 5),
    ],
)
def test_a_platform_is_what_the_worst_probe_tells_from_two_places(
    probes: list[list[Sight]], impact: Impact | None, hours: int
) -> None:
    judgement = judged(probes, 3)
    assert judgement is not None
    assert (judgement.impact, NOW - judgement.since) == (impact, timedelta(hours=hours))


def test_nothing_seen_tells_nothing() -> None:
    assert judged([[], []], 3) is None
    assert judged([[FINE]], 3) == Judgement(None, FINE.since)


def test_each_period_without_a_heartbeat_is_a_failed_probe() -> None:
    minute = timedelta(minutes=1)
    assert silence(NOW - minute + timedelta(seconds=1), minute, NOW) is None
    missed = silence(NOW - 3 * minute, minute, NOW)
    assert missed == Sight(Sighting.FAILED, 3, NOW - 2 * minute, Reason.SILENT)


def test_months_are_those_of_paris_and_none_is_before_the_platform() -> None:
    since = datetime(2026, 2, 15, tzinfo=UTC)
    rows = months([], [], [], since, NOW + timedelta(minutes=30))
    assert [f"{row.first_day:%Y-%m}" for row in rows] == ["2026-04", "2026-03", "2026-02"]
    assert [row.watched for row in rows[:2]] == [30, 31 * 24 * 60 - 60]  # the clocks went forward
    assert [row.available for row in rows] == [1, 1, 1]


def test_minutes_of_a_month_are_those_of_a_plain_recount() -> None:
    """Overlapping incidents and maintenance, minute by minute: down before maintenance, maintenance before degraded."""
    chance, since = Random(20260301), NOW - timedelta(days=3)
    for _ in range(40):
        layers = [[_span(chance, since) for _ in range(chance.randrange(4))] for _ in range(3)]
        down, maintenance, degraded = layers
        row = months(down, maintenance, degraded, since, NOW)[0]
        counted = [0, 0, 0]
        for minute in range(3 * 24 * 60):
            at = since + timedelta(minutes=minute)
            for place, spans in enumerate((down, maintenance, degraded)):
                if any(start <= at < (end or NOW) for start, end in spans):
                    counted[place] += 1
                    break
        assert [row.down, row.maintenance, row.degraded] == counted


def _span(chance: Random, since: datetime) -> Span:
    start = since + timedelta(minutes=chance.randrange(-600, 3 * 24 * 60))
    return start, chance.choice([None, start + timedelta(minutes=chance.randrange(1, 2000))])


def test_spans_that_touch_are_one() -> None:
    hour = timedelta(hours=1)
    spans = [(NOW - 3 * hour, NOW - 2 * hour), (NOW - 2 * hour, NOW - hour), (NOW + hour, None)]
    assert joined(spans, NOW) == [(NOW - 3 * hour, NOW - hour)]

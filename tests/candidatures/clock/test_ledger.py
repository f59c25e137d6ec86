"""The working-day clock: ledgers made by hand, laws against a recount, and the cases of the command line."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.base.workdays import (
    is_working_day,
    paris_day,
    working_days,
)
from referencing.candidatures.clock.cases import answer, read
from referencing.candidatures.clock.ledger import Holder, Interval, days_left, due_on, used
from tests.base.labour_code import recounted_as_worked

PARIS = ZoneInfo("Europe/Paris")
A, E, T = Holder.AGENCY, Holder.EDITOR, Holder.THIRD_PARTY


def at(text: str) -> datetime:
    """Paris time, unless the text says an offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def ledger(*rounds: tuple[Holder, str, str | None]) -> list[Interval]:
    return [Interval(holder, at(start), at(end) if end else None) for holder, start, end in rounds]


# --- ledgers ------------------------------------------------------------------------------------------------

# March 2026 has no public holiday; the 2nd, 9th, 16th and 23rd are Mondays.
ROUNDS = ledger(
    (A, "2026-03-02 09:00", "2026-03-06 18:00"),  # 4 days: Tuesday to Friday
    (E, "2026-03-06 18:00", "2026-03-16 10:00"),
    (A, "2026-03-16 10:00", "2026-03-18 10:00"),  # 2 days
    (T, "2026-03-18 10:00", "2026-03-20 10:00"),
    (A, "2026-03-20 10:00", None),  # the 23rd is its first
)
ONE_DAY = ledger(
    (A, "2026-03-02 09:00", "2026-03-03 09:00"),
    (E, "2026-03-03 09:00", "2026-03-03 11:00"),
    (A, "2026-03-03 11:00", "2026-03-03 15:00"),
    (E, "2026-03-03 15:00", "2026-03-03 16:00"),
    (A, "2026-03-03 16:00", None),
)
OPEN = ledger((A, "2026-03-02 09:00", None))


@pytest.mark.parametrize(
    ("intervals", "now", "budget", "spent", "due"),
    [
        ([], "2026-03-02 09:00", 15, 0, None),
        (OPEN, "2026-03-02 09:00", 15, 0, "2026-03-23"),
        (OPEN, "2026-03-01 09:00", 15, 0, None),  # it starts tomorrow
        (OPEN, "2026-03-20 23:59", 15, 14, "2026-03-23"),  # the last day is still whole
        (OPEN, "2026-03-23 00:00", 15, 15, "2026-03-23"),  # exactly used up
        (OPEN, "2026-03-27 12:00", 15, 19, "2026-03-23"),  # overdue since
        (OPEN, "2026-03-04 12:00", 0, 2, "2026-03-02"),  # no budget: due when the ball came
        (ledger((A, "2026-03-01 09:00", None)), "2026-03-01 09:00", 0, 0, "2026-03-01"),  # on a Sunday too
        (ROUNDS, "2026-03-05 12:00", 15, 3, "2026-03-23"),  # as it was known then: the first round still open
        (ROUNDS, "2026-03-10 12:00", 15, 4, None),  # with the editor
        (ROUNDS, "2026-03-16 09:59", 15, 4, None),
        (ROUNDS, "2026-03-16 10:00", 15, 4, "2026-03-31"),  # restarts where it was: 11 days left
        (ROUNDS, "2026-03-18 10:00", 15, 6, None),  # handed over in this very moment
        (ROUNDS, "2026-03-19 10:00", 15, 6, None),  # with a third party
        (ROUNDS, "2026-03-20 10:00", 15, 6, "2026-04-02"),
        (ROUNDS, "2026-03-25 10:00", 15, 9, "2026-04-02"),
        (ROUNDS, "2026-03-25 10:00", 3, 9, "2026-03-05"),  # was used up in the first round
        (ROUNDS, "2026-03-25 10:00", 4, 9, "2026-03-06"),  # on its last day
        (ROUNDS, "2026-03-25 10:00", 5, 9, "2026-03-17"),  # in the second
        (ROUNDS, "2026-03-25 10:00", 7, 9, "2026-03-23"),  # in the one still open
        (ROUNDS, "2026-03-10 12:00", 3, 4, None),  # overdue, but with the editor
        (ONE_DAY, "2026-03-03 18:00", 15, 1, "2026-03-23"),  # back and forth within the 3rd: one day
        (ONE_DAY, "2026-03-04 00:00", 2, 2, "2026-03-04"),
        (ledger((A, "2026-03-02 09:00", "2026-03-30 09:00")), "2026-03-04 09:00", 15, 2, "2026-03-23"),
        (ledger((E, "2026-03-02 09:00", None)), "2026-03-31 09:00", 15, 0, None),
        (ledger((A, "2026-07-06T22:30Z", None)), "2026-07-08T22:30Z", 2, 2, "2026-07-09"),  # 7 to 9 July
    ],
)
def test_a_ledger_is_read(
    intervals: list[Interval], now: str, budget: int, spent: int, due: str | None
) -> None:
    assert used(intervals, at(now)) == spent
    assert days_left(budget, intervals, at(now)) == budget - spent
    assert due_on(budget, intervals, at(now)) == (date.fromisoformat(due) if due else None)


@pytest.mark.parametrize(
    ("intervals", "wrong"),
    [
        (ledger((A, "2026-03-04 09:00", "2026-03-05 09:00"), (E, "2026-03-02 09:00", None)), "out of order"),
        (ledger((A, "2026-03-02 09:00", "2026-03-05 09:00"), (E, "2026-03-04 09:00", None)), "overlap"),
        (ledger((A, "2026-03-02 09:00", None), (E, "2026-03-04 09:00", None)), "overlap.*still open"),
    ],
)
def test_a_ledger_that_contradicts_itself_is_refused(intervals: list[Interval], wrong: str) -> None:
    now = at("2026-03-01 09:00")  # even before any of it has started
    with pytest.raises(ValueError, match=wrong):
        used(intervals, now)
    with pytest.raises(ValueError, match=wrong):
        due_on(15, intervals, now)


def test_the_repeated_hour_of_october_is_in_order() -> None:
    first, second = at("2026-10-25 02:30"), at("2026-10-25 02:15").replace(fold=1)  # 45 minutes later
    assert used([Interval(A, first, second), Interval(A, second)], at("2026-10-26 09:00")) == 1
    with pytest.raises(ValueError, match="before it starts"):
        Interval(A, second, first)


def test_a_negative_budget_is_refused() -> None:
    for question in (days_left, due_on):
        with pytest.raises(ValueError, match="negative"):
            question(-1, OPEN, at("2026-03-04 09:00"))


# --- laws ---------------------------------------------------------------------------------------------------

ZONES = st.sampled_from([UTC, PARIS, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11))])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=ZONES)  # noqa: DTZ001  asked for so
NEAR = st.integers(0, 60 * 24 * 60).map(lambda minutes: at("2026-04-01 00:00") + timedelta(minutes=minutes))
LAW = settings(deadline=None)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Interval]:
    """Touching intervals over ten years or two months, some left out, the last one open or not."""
    moments = draw(st.lists(draw(st.sampled_from([MOMENTS, NEAR])), min_size=1, max_size=9))
    ends = sorted(moment.astimezone(UTC) for moment in moments)
    told = [Interval(draw(st.sampled_from(Holder)), start, end) for start, end in pairwise(ends)]
    kept = [interval for interval in told if draw(st.integers(0, 3))]
    return [*kept, Interval(draw(st.sampled_from(Holder)), ends[-1])] if draw(st.booleans()) else kept


def recount(intervals: list[Interval], now: datetime) -> int:
    """Day by day, as the rule reads."""
    days = 0
    for interval in intervals:
        end = min(interval.end or now, now, key=datetime.timestamp)
        day = interval.start.astimezone(PARIS).date()
        while interval.holder == "agency" and day < end.astimezone(PARIS).date():
            day += timedelta(days=1)
            days += recounted_as_worked(day)
    return days


@given(ledgers(), MOMENTS | NEAR)
@LAW
def test_used_is_what_a_recount_finds(intervals: list[Interval], now: datetime) -> None:
    assert used(intervals, now) == recount(intervals, now)


@given(ledgers(), MOMENTS | NEAR, MOMENTS | NEAR, st.integers(0, 300))
@LAW
def test_splitting_an_interval_changes_nothing(
    intervals: list[Interval], cut: datetime, now: datetime, budget: int
) -> None:
    split: list[Interval] = []
    for interval in intervals:
        if interval.start <= cut and (interval.end is None or cut <= interval.end):
            split += [replace(interval, end=cut), replace(interval, start=cut)]
        else:
            split.append(interval)
    assert used(split, now) == used(intervals, now)
    assert due_on(budget, split, now) == due_on(budget, intervals, now)


@given(ledgers(), MOMENTS | NEAR)
@LAW
def test_only_the_agency_spends(intervals: list[Interval], now: datetime) -> None:
    of_agency = [interval for interval in intervals if interval.holder == A]
    assert used(intervals, now) == used(of_agency, now)
    assert used([replace(interval, holder=E) for interval in intervals], now) == 0


@given(ledgers(), MOMENTS | NEAR, MOMENTS | NEAR)
@LAW
def test_time_never_gives_days_back(intervals: list[Interval], one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other), key=datetime.timestamp)
    spent = used(intervals, later) - used(intervals, earlier)
    assert 0 <= spent <= working_days(earlier, later)


@given(ledgers(), MOMENTS | NEAR, st.integers(0, 300))
@LAW
def test_what_comes_after_now_is_not_known_yet(intervals: list[Interval], now: datetime, budget: int) -> None:
    known = [interval for interval in intervals if interval.start <= now]
    if known and known[-1].end is not None and known[-1].end > now:
        known[-1] = replace(known[-1], end=None)
    assert used(intervals, now) == used(known, now)
    assert due_on(budget, intervals, now) == due_on(budget, known, now)


@given(ledgers(), st.timedeltas(timedelta(0), timedelta(days=400)), st.integers(1, 300))
@LAW
def test_the_budget_is_used_up_on_the_due_day_and_not_before(
    intervals: list[Interval], since: timedelta, budget: int
) -> None:
    closed = [interval for interval in intervals if interval.end is not None]
    back = max((i.end for i in closed if i.end is not None), default=at("2026-04-01 00:00"))
    stays = [*closed, Interval(A, back)]  # the ball came back, and stays
    due = due_on(budget, stays, back + since)
    assert due is not None
    assert is_working_day(due)
    for moment in (time.min, time.max):
        assert used(stays, datetime.combine(due, moment, PARIS)) == budget
    assert used(stays, datetime.combine(due - timedelta(days=1), time.max, PARIS)) == budget - 1
    assert (due <= paris_day(back + since)) == (days_left(budget, stays, back + since) <= 0)


@given(ledgers(), MOMENTS | NEAR)
@LAW
def test_a_date_is_due_exactly_while_the_agency_holds_the_ball(
    intervals: list[Interval], now: datetime
) -> None:
    holders = [i.holder for i in intervals if i.start <= now and (i.end is None or now < i.end)]
    assert (due_on(15, intervals, now) is not None) == (holders == [A])


# --- cases on the command line ------------------------------------------------------------------------------

CASE = {
    "budget": 15,
    "intervals": [{"holder": "agency", "start": "2026-03-02T09:00:00+01:00", "end": None}],
    "now": "2026-03-04T11:00:00Z",
}


def with_interval(**changes: object) -> dict[str, object]:
    return {"intervals": [CASE["intervals"][0] | changes]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, '{"used":2,"due_on":"2026-03-23"}'),
        ({"intervals": []}, '{"used":0,"due_on":null}'),
        ({"now": "2026-03-04 11:00:00Z"}, '{"used":2,"due_on":"2026-03-23"}'),  # RFC 3339 allows the space
        (with_interval(holder="third_party"), '{"used":0,"due_on":null}'),
        (with_interval(end="2026-03-03t09:00:00.250z"), '{"used":1,"due_on":null}'),
        ({"now": "2026-03-03T23:30:00Z", "budget": 1}, '{"used":2,"due_on":"2026-03-03"}'),
    ],
)
def test_a_case_is_answered_in_compact_json(changes: dict[str, object], expected: str) -> None:
    assert answer(json.dumps(CASE | changes)) == expected


def test_a_case_is_read_as_written() -> None:
    case = read(json.dumps(CASE))
    assert (case.budget, case.now) == (15, datetime(2026, 3, 4, 11, tzinfo=UTC))
    assert case.intervals == (Interval(A, datetime(2026, 3, 2, 8, tzinfo=UTC)),)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "^not JSON: "),
        ("", "^not JSON: "),
        ("[" * 100_000, "^not JSON: "),
        ("[]", "^the case: not an object$"),
        ('{"intervals": [], "now": "2026-03-04T11:00:00Z"}', "^the case: the key 'budget' is missing$"),
        ({"budget": True}, "^budget: .* true$"),
        ({"budget": 15.0}, "^budget: .* 15.0$"),
        ({"budget": "15"}, '^budget: .* "15"$'),
        ({"budget": -1}, "^budget: .* -1$"),
        ({"intervals": {}}, "^intervals: not an array$"),
        ({"intervals": [7]}, r"^intervals\[0\]: not an object$"),
        ({"intervals": [{"holder": "agency"}]}, r"^intervals\[0\]: the key 'start' is missing$"),
        (with_interval(holder="agence"), r'^intervals\[0\].holder: not one of agency, .*: "agence"$'),
        (with_interval(holder=["agency"]), r"^intervals\[0\].holder: .* an array$"),
        (with_interval(start="2026-03-02T09:00:00"), r"^intervals\[0\].start: a time without Z or offset"),
        (with_interval(start="2026-03-02"), r"^intervals\[0\].start: not an RFC 3339 time"),
        (with_interval(start=None), r"^intervals\[0\].start: not an RFC 3339 time: null$"),
        (with_interval(end="2026-02-30T09:00:00Z"), r"^intervals\[0\].end: day is out of range"),
        (with_interval(end="2026-03-01T09:00:00Z"), r"^intervals\[0\]: an interval ends .* before it starts"),
        ({"now": 1772622000}, "^now: not an RFC 3339 time: 1772622000$"),
        ({"now": "9999-12-31T23:59:59-10:00"}, "beyond any calendar"),
        ({"intervals": 2 * CASE["intervals"]}, "^intervals overlap"),  # type: ignore[operator]
    ],
)
def test_a_wrong_case_is_named_in_one_line(line: str | dict[str, object], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as caught:
        answer(line if isinstance(line, str) else json.dumps(CASE | line))
    assert "\n" not in str(caught.value)

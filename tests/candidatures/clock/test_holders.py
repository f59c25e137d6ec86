"""The agency's turns at a task are the time that it is open, without what third parties took."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from referencing.candidatures.clock.holders import Span, without_waits

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def test_without_a_wait_there_is_one_turn() -> None:
    assert list(without_waits(at(0), None, [])) == [(at(0), None)]
    assert list(without_waits(at(0), at(5), [])) == [(at(0), at(5))]


def test_what_a_third_party_took_is_not_the_agencys() -> None:
    waits: list[Span] = [(at(1), at(3)), (at(3), at(4))]
    assert list(without_waits(at(0), None, waits)) == [
        (at(0), at(1)),
        (at(3), at(3)),
        (at(4), None),
    ]


def test_a_wait_that_goes_on_or_was_cut_short_ends_the_turns() -> None:
    assert list(without_waits(at(0), at(9), [(at(2), None)])) == [(at(0), at(2))]


@given(st.lists(st.integers(0, 100), min_size=2, max_size=12).map(sorted))
def test_turns_and_waits_make_up_the_whole(moments: list[int]) -> None:
    inner = moments[1 : 1 + (len(moments) - 2) // 2 * 2]
    waits: list[Span] = [(at(begun), at(over)) for begun, over in zip(inner[::2], inner[1::2], strict=True)]
    opened, closed = at(moments[0]), at(moments[-1])
    turns = list(without_waits(opened, closed, waits))
    spent = sum(((end or closed) - start for start, end in [*turns, *waits]), timedelta())
    assert spent == closed - opened
    assert turns == sorted(turns, key=lambda turn: turn[0])

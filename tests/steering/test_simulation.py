"""The simulation by tables, where nothing is left to luck, and its laws on any work."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.steering.simulation import (
    MOST_STEPS,
    Expected,
    Habits,
    Order,
    Outlook,
    Scenario,
    Work,
    affordable,
    simulate,
)

FRIDAY = date(2026, 4, 3)  # before Easter; the next working day is Tuesday the 7th
SURE = Habits(people=2, paces=(5,), again=0.0, delays=(3,), arrivals=(4,), grows=True)
REVIEW, ADMISSIBILITY = "proof_review", "admissibility"


def work(candidature: str, tasks: int, place: int = 0, queue: str = REVIEW, **words: object) -> Work:
    since = words.pop("since", date(2026, 3, 2))
    return Work(candidature, queue, tasks, place, since, **words)  # type: ignore[arg-type]


def played(
    works: list[Work], scenario: Scenario | None = None, runs: int = 1, seed: int = 0, **habits: Habits
) -> Outlook:
    known = {REVIEW: SURE, ADMISSIBILITY: replace(SURE, people=1, paces=(1,), grows=False), **habits}
    (found,) = simulate(works, known, [scenario or Scenario()], today=FRIDAY, seed=seed, runs=runs)
    return found


def on(outlook: Outlook, candidature: str) -> str:
    return str(outlook.candidatures[candidature].median)


def test_nothing_to_do_is_done_today() -> None:
    assert played([]).whole == Expected(FRIDAY, FRIDAY)


@pytest.mark.parametrize(
    ("tasks", "day"),
    [(1, "2026-04-07"), (10, "2026-04-07"), (11, "2026-04-08"), (41, "2026-04-13"), (42, "2026-04-13")],
)
def test_ten_tasks_a_day_over_easter(tasks: int, day: str) -> None:
    assert on(played([work("a", tasks)]), "a") == day


def test_who_stands_behind_waits() -> None:
    found = played([work("late", 10, place=2), work("first", 10, place=1)])
    assert (on(found, "first"), on(found, "late")) == ("2026-04-07", "2026-04-08")


@pytest.mark.parametrize(
    ("order", "days"),
    [
        (Order.CURRENT, ["2026-04-09", "2026-04-10", "2026-04-07"]),
        (Order.FIFO, ["2026-04-10", "2026-04-07", "2026-04-08"]),
        (Order.SHORTEST_DOSSIER, ["2026-04-10", "2026-04-07", "2026-04-08"]),
    ],
)
def test_an_order_says_who_is_first(order: Order, days: list[str]) -> None:
    works = [
        work("large", 20, place=2, since=date(2026, 3, 4)),
        work("small", 8, place=3, since=date(2026, 3, 2)),
        work("medium", 10, place=1, since=date(2026, 3, 3)),
    ]
    found = played(works, Scenario(order=order))
    assert [on(found, one) for one in ("large", "small", "medium")] == days


def test_two_more_verifiers_answer_twice_as_much() -> None:
    assert on(played([work("a", 40)], Scenario(more=2)), "a") == "2026-04-08"


def test_more_verifiers_change_nothing_where_others_work() -> None:
    """One admissibility a day, by the lead."""
    works = [work("a", 3, queue=ADMISSIBILITY)]
    assert on(played(works, Scenario(more=9)), "a") == on(played(works), "a") == "2026-04-09"


def test_nobody_is_never() -> None:
    assert played([work("a", 1)], Scenario(more=-2)).whole == Expected(None, None)


def test_what_an_editor_has_comes_when_it_is_answered() -> None:
    """Three working days for the answer, and the next one to read it."""
    assert on(played([work("a", 1, with_editor=True)]), "a") == "2026-04-10"


def test_nobody_waits_for_the_editor_of_another() -> None:
    found = played([work("a", 1, with_editor=True), work("b", 9, place=1)])
    assert on(found, "b") == "2026-04-07"


def test_a_third_party_answers_in_its_own_time() -> None:
    """Six working days for the answer, whatever editors take, and the next one to read it; nobody stands behind."""
    found = played([work("a", 1, comes_in=(6,)), work("b", 9, place=1)])
    assert [on(found, "a"), on(found, "b")] == ["2026-04-15", "2026-04-07"]
    assert found.backlog[REVIEW][5] == 9 + 5 * 4 - 29


def test_each_wait_of_a_third_party_is_as_likely_as_another() -> None:
    found = played([work("a", 1, comes_in=(1, 1, 1, 50))], runs=400)
    assert found.whole == Expected(date(2026, 4, 8), date(2026, 6, 22))


def test_the_review_follows_the_admissibility() -> None:
    """Admitted on the second day, after another dossier; read the day after."""
    works = [
        work("first", 1, queue=ADMISSIBILITY),
        work("a", 1, place=1, queue=ADMISSIBILITY),
        work("a", 10, place=1, after=ADMISSIBILITY),
    ]
    assert on(played(works), "a") == "2026-04-09"


def test_a_complement_costs_the_editors_days_and_another_reading() -> None:
    """Always asked again: the first day, then nine times three days and one to read, so the 37th working day."""
    insistent = replace(SURE, again=1.0)
    assert on(played([work("a", 1)], proof_review=insistent), "a") == "2026-06-02"


def test_the_backlog_is_what_waits_and_comes_less_what_is_answered() -> None:
    """100 tasks, four more each day, ten answered."""
    assert played([work("a", 100)]).backlog[REVIEW] == {5: 70, 10: 40, 20: 0}


def test_the_90th_percentile_is_that_of_the_runs() -> None:
    """A day with all of it, or a day with nothing: how many fail before is what luck decides."""
    fickle = replace(SURE, people=1, paces=(0, 1))
    found = played([work("a", 1)], runs=500, proof_review=fickle)
    assert found.whole == Expected(date(2026, 4, 7), date(2026, 4, 10))  # a half; 15/16 after four days


def test_much_work_is_played_less_often() -> None:
    works = [work(str(n), 1) for n in range(20_000)]
    assert affordable(works, 1_000) == MOST_STEPS // 22_500
    assert affordable(works[:100], 1_000) == 1_000
    assert affordable([], 1_000) == 1_000


HABITS = st.builds(
    Habits,
    people=st.integers(1, 3),
    paces=st.lists(st.integers(0, 4), min_size=1, max_size=4).map(lambda paces: (*paces, 1)),
    again=st.sampled_from([0.0, 0.3, 0.8]),
    delays=st.lists(st.integers(0, 9), min_size=1, max_size=3).map(tuple),
    arrivals=st.just((0, 3)),
    grows=st.just(True),
)
COMES_IN = st.lists(st.integers(0, 30), max_size=3).map(tuple)
QUEUES = st.fixed_dictionaries({REVIEW: HABITS, ADMISSIBILITY: HABITS})
WORKS = st.lists(
    st.builds(
        Work,
        candidature=st.sampled_from("abcd"),
        queue=st.sampled_from([REVIEW, ADMISSIBILITY]),
        tasks=st.integers(1, 9),
        place=st.integers(0, 5),
        since=st.dates(date(2026, 3, 1), date(2026, 3, 9)),
        with_editor=st.booleans(),
        comes_in=COMES_IN,
    )
    | st.builds(
        Work,
        candidature=st.sampled_from("abcd"),
        queue=st.just(REVIEW),
        tasks=st.integers(1, 9),
        place=st.integers(0, 5),
        since=st.just(date(2026, 3, 9)),
        with_editor=st.booleans(),
        comes_in=COMES_IN,
        after=st.just(ADMISSIBILITY),
    ),
    max_size=8,
)
SEEDS = st.integers(0, 9)
LAW = settings(max_examples=60, deadline=None)


def no_later(one: Expected, other: Expected) -> bool:
    return (one.median or date.max) <= (other.median or date.max) and (one.p90 or date.max) <= (
        other.p90 or date.max
    )


@LAW
@given(WORKS, QUEUES, SEEDS, st.sampled_from(Order))
def test_the_same_question_has_the_same_answer(
    works: list[Work], queues: dict[str, Habits], seed: int, order: Order
) -> None:
    first, second = (
        simulate(works, queues, [Scenario(1, order)], today=FRIDAY, seed=seed, runs=7) for _ in range(2)
    )
    assert first == second


@LAW
@given(WORKS, QUEUES, SEEDS, st.sampled_from(Order), st.integers(1, 3))
def test_more_verifiers_never_make_anything_later(
    works: list[Work], queues: dict[str, Habits], seed: int, order: Order, more: int
) -> None:
    scenarios = [Scenario(0, order), Scenario(more, order)]
    few, many = simulate(works, queues, scenarios, today=FRIDAY, seed=seed, runs=7)
    assert no_later(many.whole, few.whole)
    assert all(no_later(many.candidatures[one], few.candidatures[one]) for one in few.candidatures)


@LAW
@given(WORKS, st.data(), QUEUES, SEEDS, st.sampled_from([Order.CURRENT, Order.FIFO]))
def test_more_work_never_makes_anything_sooner(
    works: list[Work], data: st.DataObject, queues: dict[str, Habits], seed: int, order: Order
) -> None:
    added = data.draw(WORKS)
    less, more = (
        simulate(some, queues, [Scenario(order=order)], today=FRIDAY, seed=seed, runs=7)[0]
        for some in (works, works + added)
    )
    assert no_later(less.whole, more.whole)
    assert all(no_later(less.candidatures[one], more.candidatures[one]) for one in less.candidatures)


@LAW
@given(WORKS, QUEUES, SEEDS)
def test_the_order_does_not_change_how_long_all_of_it_takes(
    works: list[Work], queues: dict[str, Habits], seed: int
) -> None:
    """As far as nobody waits for an editor or a third party, which who is read first does change."""
    waiting = [replace(one, with_editor=False, after=None, comes_in=()) for one in works]
    settled = {queue: replace(one, again=0.0) for queue, one in queues.items()}
    scenarios = [Scenario(order=order) for order in Order]
    found = simulate(waiting, settled, scenarios, today=FRIDAY, seed=seed, runs=7)
    assert len({one.whole for one in found}) == 1

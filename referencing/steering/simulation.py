"""The days by which the work that is there will be done, played many times from how work went so far. Pure.

A run draws, from what was seen, how many tasks the people of each queue answer on each working day, how many
readings each piece of work needs in all and how long its editor takes between two of them. The draws of a run are
the same in every scenario, so two scenarios differ by what was changed, never by luck. Day 0 is today, of which
nothing more is expected; day n is the n-th working day after it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate, islice, repeat
from math import ceil
from random import Random
from typing import NamedTuple

from referencing.base.workdays import add_working_days

#: Working days that are looked at, three years; what would take longer is answered with no day.
HORIZON = 750
NEVER = HORIZON + 1
#: Readings of one task at the most, and the days for which the expected backlog is told.
MOST_ROUNDS = 10
BACKLOG = (5, 10, 20)
#: Runs are fewer than asked for when there is so much work that an answer would take more than some seconds.
MOST_STEPS = 1_000_000
FEWEST_RUNS = 20

_CHUNK = 32

#: Is called after each run, with how many are made and how many are to be made; what it raises ends the simulation.
Follow = Callable[[int, int], None]


def unfollowed(done: int, total: int) -> None:
    """Follow nothing."""


class Order(StrEnum):
    CURRENT = "current"  # boosts, then the least days left, then the oldest
    FIFO = "fifo"
    SHORTEST_DOSSIER = "shortest_dossier"  # the dossier with the fewest tasks to come


@dataclass(frozen=True, slots=True)
class Work:
    """Tasks of one dossier in one queue that stand together.

    `place` is where they stand in the current order, `since` from when they wait. `with_editor`: they come once the
    editor has answered. `comes_in`, where a third party has to answer: the working days from today on in which it
    may, each as likely. `after` is the queue in which the dossier has to be done before they come.
    """

    candidature: str
    queue: str
    tasks: int
    place: int
    since: date
    with_editor: bool = False
    after: str | None = None
    comes_in: tuple[int, ...] = ()

    @property
    def elsewhere(self) -> bool:
        return self.with_editor or bool(self.comes_in)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a queue went so far; each tuple is drawn from.

    `paces` are tasks answered by one person on one working day, `again` the share of answers that ask for another
    round, `delays` the working days that editors took to answer, `arrivals` the tasks opened on one working day.
    `grows` where more verifiers would work in it.
    """

    people: int
    paces: tuple[int, ...]
    again: float
    delays: tuple[int, ...]
    arrivals: tuple[int, ...]
    grows: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """So many verifiers more (fewer, below zero), and what is read first."""

    more: int = 0
    order: Order = Order.CURRENT


@dataclass(frozen=True, slots=True)
class Expected:
    """The day that half of the runs, and nine in ten, keep; None beyond the horizon."""

    median: date | None
    p90: date | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a scenario leads to; `backlog` is, by queue, how many tasks wait on average in so many working days."""

    whole: Expected
    candidatures: dict[str, Expected]
    backlog: dict[str, dict[int, float]]


class _Fate(NamedTuple):
    """What a run draws for one piece of work: readings in all, when it comes, days lost between its rounds."""

    readings: int
    released: int
    lost: int


def affordable(works: Sequence[Work], runs: int) -> int:
    """How many runs are made when so many are asked for."""
    steps = len(works) + sum(work.tasks for work in works) // 8
    return min(runs, max(FEWEST_RUNS, MOST_STEPS // max(steps, 1)))


def simulate(
    works: Sequence[Work],
    habits: Mapping[str, Habits],
    scenarios: Sequence[Scenario],
    *,
    today: date,
    seed: int,
    runs: int,
    follow: Follow = unfollowed,
) -> list[Outlook]:
    """What to expect in each scenario. `habits` names every queue that works are in; `runs` is at least 1."""
    sequences = [_sequence(works, scenario.order) for scenario in scenarios]
    tallies = [_Tally({}, [], {queue: [0] * len(BACKLOG) for queue in habits}) for _ in scenarios]
    waiting = dict.fromkeys(habits, 0)
    for work in works:
        waiting[work.queue] += 0 if work.elsewhere or work.after else work.tasks
    for run in range(runs):
        draw = Random(f"{seed}/{run}")  # noqa: S311 - a simulation, to be played again
        fates = [_fate(work, habits[work.queue], draw) for work in works]
        for scenario, sequence, tally in zip(scenarios, sequences, tallies, strict=True):
            teams = {
                queue: _team(of_queue, scenario.more, f"{seed}/{run}/{queue}")
                for queue, of_queue in habits.items()
            }
            tally.count(_play(works, fates, sequence, teams))
            for queue, of_queue in habits.items():
                draw = Random(f"{seed}/{run}/{queue}/arrivals")  # noqa: S311
                _add(tally.backlog[queue], _backlog(waiting[queue], of_queue.arrivals, teams[queue], draw))
        follow(run + 1, runs)
    return [tally.outlook(today, runs) for tally in tallies]


@dataclass
class _Tally:
    """The days that the runs ended on."""

    ends: dict[str, list[int]]
    wholes: list[int]
    backlog: dict[str, list[int]]

    def count(self, ended: Mapping[str, int]) -> None:
        self.wholes.append(max(ended.values(), default=0))
        for candidature, day in ended.items():
            self.ends.setdefault(candidature, []).append(day)

    def outlook(self, today: date, runs: int) -> Outlook:
        return Outlook(
            _expected(self.wholes, today),
            {candidature: _expected(days, today) for candidature, days in self.ends.items()},
            {
                queue: {day: total / runs for day, total in zip(BACKLOG, totals, strict=True)}
                for queue, totals in self.backlog.items()
            },
        )


class _Team:
    """Tasks answered in a queue by the end of each day, drawn as far as somebody asks."""

    def __init__(self, daily: Iterator[int]) -> None:
        self._daily = daily
        self._done = [0]

    def by(self, day: int) -> int:
        while len(self._done) <= day:
            self._go_on()
        return self._done[day]

    def when(self, tasks: int) -> int:
        """The first day by which so many are answered."""
        while self._done[-1] < tasks and len(self._done) <= HORIZON:
            self._go_on()
        return min(bisect_left(self._done, tasks), NEVER)

    def _go_on(self) -> None:
        days = islice(self._daily, _CHUNK)
        self._done += islice(accumulate(days, initial=self._done[-1]), 1, None)


def _team(habits: Habits, more: int, stream: str) -> _Team:
    people = max(0, habits.people + (more if habits.grows else 0))
    return _Team(_daily(people, habits.paces, stream))


def _daily(people: int, paces: Sequence[int], stream: str) -> Iterator[int]:
    """The tasks that these people answer together, day after day; each has a stream of draws of their own."""
    if not people:
        yield from repeat(0)
    draws = [Random(f"{stream}/{person}") for person in range(people)]  # noqa: S311
    while True:
        yield from map(sum, zip(*(draw.choices(paces, k=_CHUNK) for draw in draws), strict=True))


def _fate(work: Work, habits: Habits, draw: Random) -> _Fate:
    released = draw.choice(work.comes_in or habits.delays) if work.elsewhere else 0
    readings = asked_again = work.tasks
    lost, luck = 0, draw.random
    for _ in range(MOST_ROUNDS - 1):
        asked_again = [luck() < habits.again for _ in range(asked_again)].count(True)
        if not asked_again:
            break
        readings += asked_again
        lost += draw.choice(habits.delays) + 1
    return _Fate(readings, released, lost)


def _sequence(works: Sequence[Work], order: Order) -> list[int]:
    """The places of works in the order in which they are read; what comes later than the others last."""
    to_come: dict[str, int] = {}
    for work in works:
        to_come[work.candidature] = to_come.get(work.candidature, 0) + work.tasks
    keys: dict[Order, Callable[[Work], tuple[object, ...]]] = {
        Order.CURRENT: lambda work: (work.place, work.candidature),
        Order.FIFO: lambda work: (work.since, work.place, work.candidature),
        Order.SHORTEST_DOSSIER: lambda work: (to_come[work.candidature], work.candidature, work.place),
    }
    key = keys[order]
    return sorted(range(len(works)), key=lambda n: (works[n].after is not None, key(works[n])))


def _play(
    works: Sequence[Work], fates: Sequence[_Fate], sequence: Sequence[int], teams: Mapping[str, _Team]
) -> dict[str, int]:
    """The day on which each dossier is done.

    All the readings of a piece of work are counted where it stands, so who stands behind waits for them; nobody
    waits for an editor or a third party. Hence more people, or less work before it, never make anything later.
    """
    before = dict.fromkeys(teams, 0)
    done: dict[tuple[str, str], int] = {}
    ended: dict[str, int] = {}
    for n in sequence:
        work = works[n]
        candidature, queue, after = work.candidature, work.queue, work.after
        readings, day, lost = fates[n]
        team = teams[queue]
        if after is not None:
            day = min(day + done.get((candidature, after), 0), NEVER)
        possible = team.by(day) if day else 0
        if work.elsewhere:
            before[queue] += readings
            needed = max(before[queue], possible + readings)
        else:
            needed = before[queue] = max(before[queue], possible) + readings
        day = min(max(team.when(needed), day) + lost, NEVER)
        if day > ended.get(candidature, -1):
            ended[candidature] = day
        if day > done.get((candidature, queue), -1):
            done[candidature, queue] = day
    return ended


def _backlog(waiting: int, arrivals: Sequence[int], team: _Team, draw: Random) -> list[int]:
    """The tasks that wait after each number of days of BACKLOG, with what arrives meanwhile."""
    if not waiting and not any(arrivals):
        return [0] * len(BACKLOG)
    backlog = []
    for day, arrived in enumerate(draw.choices(arrivals, k=BACKLOG[-1]), 1):
        waiting = max(0, waiting + arrived - (team.by(day) - team.by(day - 1)))
        if day in BACKLOG:
            backlog.append(waiting)
    return backlog


def _add(totals: list[int], counts: Sequence[int]) -> None:
    totals[:] = map(sum, zip(totals, counts, strict=True))


def _expected(days: Sequence[int], today: date) -> Expected:
    """The median and the ninth decile of these days, by nearest rank."""
    ranked = sorted(days)
    median, p90 = (ranked[ceil(share * len(ranked)) - 1] for share in (0.5, 0.9))
    return Expected(_day(median, today), _day(p90, today))


def _day(n: int, today: date) -> date | None:
    return None if n > HORIZON else add_working_days(today, n)

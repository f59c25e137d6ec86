"""When the dossiers under way are expected to be done, and what more verifiers or another order would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.permissions import Role
from referencing.candidatures.tasks.models import WORK_OF, Queue

from . import history_queries
from .habits import GENERAL, Past, active, habits_of, supposed_of_third_parties, window
from .history_queries import DossierNames
from .simulation import Follow, Habits, Outlook, Scenario, Work, affordable, simulate, unfollowed


@dataclass(frozen=True, slots=True)
class Dossier:
    """`tasks` are those to come, open or not yet."""

    id: str
    dsr: str
    organisation: str
    commercial_name: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`now` is what to expect as things stand, `asked` in the scenario asked for when it is another."""

    day: date
    seed: int
    runs: int
    verifiers: int
    scenario: Scenario
    dossiers: Sequence[Dossier]
    now: Outlook
    asked: Outlook | None
    assumptions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Record:
    """All that the forecast of a day is made from; `names` are those of each dossier, by its id."""

    day: date
    works: Sequence[Work]
    habits: Mapping[str, Habits]
    verifiers: int
    names: Mapping[str, DossierNames]
    supposed: Sequence[str]


def read_record(session: Session) -> Record:
    """Read what the forecast is made from; the simulation, which takes seconds, needs no database."""
    day = today(session)
    days = window(day)
    past = history_queries.past(session, days)
    works = history_queries.works(session, past.third_parties)
    habits, supposed = _habits(works, past, days)
    verifiers = active(past, _pool(Role.VERIFIER), days)
    return Record(
        day=day,
        works=works,
        habits=habits,
        verifiers=len(verifiers),
        names=history_queries.names(session),
        supposed=supposed,
    )


def forecast(
    record: Record, scenario: Scenario, *, seed: int, runs: int, follow: Follow = unfollowed
) -> Forecast:
    """What to expect of the dossiers; for one record, scenario, seed and number of runs always the same."""
    made = affordable(record.works, runs)
    cut = [f"{made} tirages au lieu de {runs} : il y a trop à traiter pour en faire davantage."]
    scenarios = [Scenario()] if scenario == Scenario() else [Scenario(), scenario]
    now, *others = simulate(
        record.works, record.habits, scenarios, today=record.day, seed=seed, runs=made, follow=follow
    )
    return Forecast(
        day=record.day,
        seed=seed,
        runs=made,
        verifiers=record.verifiers,
        scenario=scenario,
        dossiers=_dossiers(record, now),
        now=now,
        asked=others[0] if others else None,
        assumptions=[*GENERAL, *record.supposed, *(cut if made < runs else [])],
    )


def _habits(works: Sequence[Work], past: Past, days: Sequence[date]) -> tuple[dict[str, Habits], list[str]]:
    """The habits of every queue, and what had to be supposed of those in which there is something to do."""
    habits: dict[str, Habits] = {}
    suppositions: list[str] = []
    for queue in Queue:
        role = WORK_OF[queue]
        habits[queue], supposed = habits_of(queue, _pool(role), past, days, grows=role is Role.VERIFIER)
        if any(work.queue == queue for work in works):
            suppositions += supposed
    if any(work.comes_in for work in works):
        suppositions += supposed_of_third_parties(past)
    return habits, suppositions


def _pool(role: Role) -> frozenset[str]:
    return frozenset(queue for queue in Queue if WORK_OF[queue] is role)


def _dossiers(record: Record, now: Outlook) -> list[Dossier]:
    """The dossiers, what is expected first coming first; not those that were decided between two statements."""
    tasks: dict[str, int] = {}
    for work in record.works:
        tasks[work.candidature] = tasks.get(work.candidature, 0) + work.tasks
    dossiers = [
        Dossier(**record.names[candidature]._asdict(), id=candidature, tasks=tasks[candidature])
        for candidature in tasks
        if candidature in record.names
    ]
    return sorted(dossiers, key=lambda dossier: (now.candidatures[dossier.id].median or date.max, dossier.id))

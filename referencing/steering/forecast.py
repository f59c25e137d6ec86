"""What to expect of the dossiers under way, and what another crew or order would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.tasks.models import Queue
from referencing.reviews.queues.queries import WORK_OF

from . import history_queries
from .habits import GENERAL, Past, active, habits_of, supposed_of_third_parties, window
from .simulation import Habits, Outlook, Scenario, Work, affordable, simulate


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
class Known:
    """All that the forecast of a day is made from; `names` are DSR, organisation and commercial name by dossier."""

    day: date
    works: Sequence[Work]
    habits: Mapping[str, Habits]
    verifiers: int
    names: Mapping[str, tuple[str, str, str]]
    supposed: Sequence[str]


def known(session: Session, actor: Actor) -> Known:
    """What the database has to say; the simulation, which takes seconds, needs no transaction."""
    authorise(actor, Right.STEER_QUEUES)
    day = today(session)
    days = window(day)
    past = history_queries.past(session, days)
    works = history_queries.works(session, past.third_parties)
    habits, supposed = _habits(works, past, days)
    verifiers = active(past, _pool(Role.VERIFIER), days)
    return Known(day, works, habits, len(verifiers), history_queries.names(session), supposed)


def forecast(record: Known, scenario: Scenario, *, seed: int, runs: int) -> Forecast:
    """The same question about the same record has the same answer."""
    made = affordable(record.works, runs)
    cut = [f"{made} tirages au lieu de {runs} : il y a trop à traiter pour en faire davantage."]
    scenarios = [Scenario()] if scenario == Scenario() else [Scenario(), scenario]
    now, *asked = simulate(record.works, record.habits, scenarios, today=record.day, seed=seed, runs=made)
    return Forecast(
        record.day,
        seed,
        made,
        record.verifiers,
        scenario,
        _dossiers(record, now),
        now,
        asked[0] if asked else None,
        [*GENERAL, *record.supposed, *(cut if made < runs else [])],
    )


def _habits(works: Sequence[Work], past: Past, days: Sequence[date]) -> tuple[dict[str, Habits], list[str]]:
    """Of every queue; what had to be supposed is said of those in which there is something to do."""
    found: dict[str, Habits] = {}
    said: list[str] = []
    for queue in Queue:
        role = WORK_OF[queue]
        found[queue], supposed = habits_of(queue, _pool(role), past, days, grows=role is Role.VERIFIER)
        if any(work.queue == queue for work in works):
            said += supposed
    if any(work.comes_in for work in works):
        said += supposed_of_third_parties(past)
    return found, said


def _pool(role: Role) -> frozenset[str]:
    return frozenset(queue for queue in Queue if WORK_OF[queue] is role)


def _dossiers(record: Known, now: Outlook) -> list[Dossier]:
    """What is expected first comes first; not what was decided between two statements."""
    tasks: dict[str, int] = {}
    for work in record.works:
        tasks[work.candidature] = tasks.get(work.candidature, 0) + work.tasks
    found = [Dossier(one, *record.names[one], tasks[one]) for one in tasks if one in record.names]
    return sorted(found, key=lambda one: (now.candidatures[one.id].median or date.max, one.id))

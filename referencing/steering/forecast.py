"""What to expect of the dossiers under way, and what another crew or order would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from referencing.accounts.permissions import Actor, Right, Role, authorise
from referencing.candidatures.models import Queue
from referencing.db import today
from referencing.reviews.queries import WORK_OF

from . import history
from .habits import GENERAL, Past, active, habits_of, window
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


def forecast(session: Session, actor: Actor, scenario: Scenario, *, seed: int, runs: int) -> Forecast:
    """The same question about the same record has the same answer."""
    authorise(actor, Right.STEER_QUEUES)
    day = today(session)
    works, days = history.works(session), window(day)
    past = history.past(session, days)
    habits, supposed = _habits(works, past, days)
    made = affordable(works, runs)
    if made < runs:
        supposed.append(
            f"{made} tirages au lieu de {runs} : le travail en cours est trop grand pour davantage."
        )
    scenarios = [Scenario()] if scenario == Scenario() else [Scenario(), scenario]
    now, *asked = simulate(works, habits, scenarios, today=day, seed=seed, runs=made)
    return Forecast(
        day,
        seed,
        made,
        len(active(past, _pool(Role.VERIFIER), days)),
        scenario,
        _dossiers(session, works, now),
        now,
        asked[0] if asked else None,
        [*GENERAL, *supposed],
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
    return found, said


def _pool(role: Role) -> frozenset[str]:
    return frozenset(queue for queue in Queue if WORK_OF[queue] is role)


def _dossiers(session: Session, works: Sequence[Work], now: Outlook) -> list[Dossier]:
    """What is expected first comes first."""
    tasks: dict[str, int] = {}
    for work in works:
        tasks[work.candidature] = tasks.get(work.candidature, 0) + work.tasks
    names = history.names(session)
    found = [Dossier(one, *names.get(one, ("", "", "")), tasks[one]) for one in tasks]
    return sorted(found, key=lambda one: (now.candidatures[one.id].median or date.max, one.id))

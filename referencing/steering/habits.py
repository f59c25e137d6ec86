"""What the simulation draws from, made of what was recorded, and what is supposed where that is too little. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from referencing.candidatures.workdays import working_day_at

from .simulation import Habits

#: Working days that are looked back on, today excluded; and those in which somebody has to have answered to count.
WINDOW, RECENT = 60, 20
#: Answers of a queue, and of editors, below which they say too little.
ENOUGH, ENOUGH_DELAYS = 30, 10
#: What is supposed then: tasks a person answers in a day, the share of another round, days until an editor answers.
PACE, AGAIN, DELAY = 5, 0.25, 10

GENERAL = (
    f"Les cadences, les retours, les arrivées et les délais des éditeurs sont tirés des {WINDOW} derniers jours "
    "ouvrés, congés compris ; la journée en cours ne compte pas.",
    "Ce qui arrivera plus tard passe après ce qui attend déjà ; aucune priorité nouvelle n'est supposée.",
    "Un vérificateur de plus travaille comme la moyenne des autres, dans les mêmes files.",
    "Les relectures d'une preuve comptent à la place de la première ; l'éditeur répond en une fois à ce qui est "
    "demandé le même jour sur un dossier.",
    "Un tiers dont la réponse est attendue est supposé répondre aussi vite qu'un éditeur.",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered in a queue on a day; `again` of them asked for another round."""

    queue: str
    person: str
    day: date
    tasks: int
    again: int


@dataclass(frozen=True, slots=True)
class Past:
    """By queue: what was answered, tasks opened by day, working days until an editor answered."""

    answered: Sequence[Answered]
    opened: Mapping[str, Mapping[date, int]]
    delays: Mapping[str, Sequence[int]]


def window(today: date) -> list[date]:
    """The working days that are looked back on, the oldest first."""
    last = working_day_at(today - timedelta(days=1), 0)
    return [working_day_at(last, -back) for back in reversed(range(WINDOW))]


def active(past: Past, pool: frozenset[str], days: Sequence[date]) -> list[str]:
    """Who answered something in these queues lately."""
    return sorted({one.person for one in past.answered if one.queue in pool and one.day >= days[-RECENT]})


def habits_of(
    queue: str, pool: frozenset[str], past: Past, days: Sequence[date], *, grows: bool
) -> tuple[Habits, list[str]]:
    """How a queue went, and in French what had to be supposed. `pool` are the queues that its people work in."""
    people = active(past, pool, days)
    answered = [one for one in past.answered if one.queue == queue]
    total = sum(one.tasks for one in answered)
    delays = tuple(past.delays.get(queue, ()))
    supposed = []
    paces: tuple[int, ...] = _paces(queue, pool, past, people, days)
    again = sum(one.again for one in answered) / total if total else AGAIN
    if total < ENOUGH or not any(paces):
        paces, again = (PACE,), AGAIN
        supposed.append(
            f"File {queue} : {total} réponse(s) seulement sur {WINDOW} jours ouvrés, il en faut {ENOUGH} ; la "
            f"prévision suppose {PACE} tâches par personne et par jour, et un retour vers l'éditeur sur quatre."
        )
    if len(delays) < ENOUGH_DELAYS:
        delays = (DELAY,)
        supposed.append(
            f"File {queue} : trop peu de réponses d'éditeurs connues ; la prévision suppose {DELAY} jours ouvrés."
        )
    if not people:
        supposed.append(
            f"File {queue} : personne n'y a répondu ces {RECENT} derniers jours ouvrés ; la prévision suppose "
            "une personne."
        )
    arrivals = tuple(_by_day(past.opened.get(queue, {}), days)) or (0,)
    return Habits(len(people) or 1, paces, again, delays, arrivals, grows), supposed


def _paces(
    queue: str, pool: frozenset[str], past: Past, people: Sequence[str], days: Sequence[date]
) -> tuple[int, ...]:
    """For each of these people and each day since their first: how many tasks, none when they were away."""
    found: list[int] = []
    for person in people:
        begun = min(one.day for one in past.answered if one.person == person and one.queue in pool)
        theirs: Counter[date] = Counter()
        for one in past.answered:
            if one.person == person and one.queue == queue:
                theirs[one.day] += one.tasks
        found += _by_day({begun: 0} | theirs, days)
    return tuple(found)


def _by_day(counted: Mapping[date, int], days: Sequence[date]) -> list[int]:
    """The counts of all these days from the first counted on; what a weekend had is of the working day before."""
    moved: Counter[date] = Counter()
    for day, tasks in counted.items():
        moved[max(working_day_at(day, 0), days[0])] += tasks
    return [moved[day] for day in days if day >= min(moved)] if moved else []

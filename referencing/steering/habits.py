"""The habits that the simulation draws from: as recorded, or supposed where the record is too small. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from referencing.base.french import counted
from referencing.base.workdays import working_day_at
from referencing.candidatures.tasks.names import QUEUES

from .simulation import Habits

#: Working days that are looked back on, today excluded; and those in which somebody has to have answered to count.
WINDOW, RECENT = 60, 20
#: Answers of a queue, and of editors or third parties, below which they say too little.
ENOUGH, ENOUGH_DELAYS = 30, 10
#: What is supposed then: tasks a person answers in a day, the share of another round, days until an editor answers,
#: or a third party that should have answered already.
PACE, AGAIN, DELAY = 5, 0.25, 10

GENERAL = (
    f"Les cadences, les retours, les arrivées et les délais des éditeurs sont tirés des {WINDOW} derniers jours "
    "ouvrés, congés compris ; la journée en cours ne compte pas.",
    "Ce qui arrivera plus tard passe après ce qui attend déjà ; aucune priorité nouvelle n'est supposée.",
    "Un vérificateur de plus travaille comme la moyenne des autres, dans les mêmes files.",
    "Les relectures d'une preuve comptent à la place de la première ; l'éditeur répond en une fois à ce qui est "
    "demandé le même jour sur un dossier.",
    "Un tiers dont la réponse est attendue met le temps que les tiers ont mis dans la même période, ce qui a déjà "
    "été attendu compris ; aucune attente nouvelle d'un tiers n'est supposée.",
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
    """How work went, by queue: tasks answered, tasks opened by day, working days until an editor answered.

    `third_parties` are the working days until one of them answered, in all queues together: they are few.
    """

    answered: Sequence[Answered]
    opened: Mapping[str, Mapping[date, int]]
    delays: Mapping[str, Sequence[int]]
    third_parties: Sequence[int] = ()


def window(today: date) -> list[date]:
    """The working days that are looked back on, the oldest first."""
    last = working_day_at(today - timedelta(days=1), 0)
    return [working_day_at(last, -back) for back in reversed(range(WINDOW))]


def active(past: Past, pool: frozenset[str], days: Sequence[date]) -> list[str]:
    """Who answered something in these queues lately."""
    return sorted(
        {answer.person for answer in past.answered if answer.queue in pool and answer.day >= days[-RECENT]}
    )


def habits_of(
    queue: str, pool: frozenset[str], past: Past, days: Sequence[date], *, grows: bool
) -> tuple[Habits, list[str]]:
    """The habits of a queue, and in French what had to be supposed. `pool` are the queues that its people work in."""
    people = active(past, pool, days)
    answered = [answer for answer in past.answered if answer.queue == queue]
    total = sum(answer.tasks for answer in answered)
    delays = tuple(past.delays.get(queue, ()))
    named = f"File « {QUEUES[queue]} »"
    supposed = []
    paces: tuple[int, ...] = _paces(queue, pool, past, people, days)
    again = sum(answer.again for answer in answered) / total if total else AGAIN
    if total < ENOUGH or not any(paces):
        paces, again = (PACE,), AGAIN
        supposed.append(
            f"{named} : {counted(total, 'réponse')} seulement sur {WINDOW} jours ouvrés, il en faut {ENOUGH} ; la "
            f"prévision suppose {PACE} tâches par personne et par jour, et un retour vers l'éditeur sur quatre."
        )
    if len(delays) < ENOUGH_DELAYS:
        delays = (DELAY,)
        supposed.append(
            f"{named} : trop peu de réponses d'éditeurs connues ; la prévision suppose {DELAY} jours ouvrés."
        )
    if not people:
        supposed.append(
            f"{named} : personne n'y a répondu ces {RECENT} derniers jours ouvrés ; la prévision suppose "
            "une personne."
        )
    arrivals = tuple(_by_day(past.opened.get(queue, {}), days)) or (0,)
    return Habits(len(people) or 1, paces, again, delays, arrivals, grows), supposed


def still_to_wait(third_parties: Sequence[int], waited: int, expected_in: int) -> tuple[int, ...]:
    """Working days until a third party may answer that was asked `waited` working days ago, from what others took.

    Where too few are known the expected day is believed, in so many working days, and once it has passed `DELAY`
    is supposed. Who takes longer than all others did says nothing of when it will answer: as if asked today.
    """
    if len(third_parties) < ENOUGH_DELAYS:
        return (expected_in if expected_in >= 0 else DELAY,)
    return tuple(days - waited for days in third_parties if days > waited) or tuple(third_parties)


def supposed_of_third_parties(past: Past) -> list[str]:
    """What had to be supposed of third parties, in French sentences; none when enough is recorded."""
    if len(past.third_parties) >= ENOUGH_DELAYS:
        return []
    return [
        f"Tiers : {counted(len(past.third_parties), 'réponse')} seulement sur {WINDOW} jours ouvrés, il en faut "
        f"{ENOUGH_DELAYS} ; la prévision suppose une réponse le jour attendu, ou dans {DELAY} jours ouvrés s'il est "
        "passé."
    ]


def _paces(
    queue: str, pool: frozenset[str], past: Past, people: Sequence[str], days: Sequence[date]
) -> tuple[int, ...]:
    """The tasks that each of these people answered on each day since their first, 0 when they were away."""
    paces: list[int] = []
    for person in people:
        begun = min(
            answer.day for answer in past.answered if answer.person == person and answer.queue in pool
        )
        tasks_by_day: Counter[date] = Counter()
        for answer in past.answered:
            if answer.person == person and answer.queue == queue:
                tasks_by_day[answer.day] += answer.tasks
        paces += _by_day({begun: 0} | tasks_by_day, days)
    return tuple(paces)


def _by_day(counted: Mapping[date, int], days: Sequence[date]) -> list[int]:
    """The counts of all these days from the first counted on; what a weekend had is of the working day before."""
    moved: Counter[date] = Counter()
    for day, tasks in counted.items():
        moved[max(working_day_at(day, 0), days[0])] += tasks
    return [moved[day] for day in days if day >= min(moved)] if moved else []

"""The figures that leads steer by, as bars and as the tables of the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from referencing.console import wording
from referencing.steering.periods import week_name
from referencing.steering.queries import By, Figures, Load

from .charts import Bar, bars

AGES = ("0 à 2 jours", "3 à 5", "6 à 10", "11 à 15", "plus de 15")
DAYS_LEFT = ("plus de 10 jours", "6 à 10", "3 à 5", "0 à 2", "en retard")
GROUPS = {By.QUEUE: "File", By.CHAPTER: "Chapitre", By.COULOIR: "Couloir"}


@dataclass(frozen=True, slots=True)
class Charts:
    """What waits, by age and by days left; what was answered, by week; each group's name beside its figures."""

    ages: Sequence[Bar]
    days_left: Sequence[Bar]
    weeks: Sequence[Bar]
    named: Sequence[tuple[str, Figures]]


def charts(by: By, groups: Sequence[Figures]) -> Charts:
    named = [(_name(by, one.group), one) for one in groups]
    weeks = {
        f"sem. {int(week_name(monday)[-2:])}": [sum(one.weeks[monday] for one in groups)]
        for monday in (groups[0].weeks if groups else ())
    }
    return Charts(
        bars({name: list(one.ages.values()) for name, one in named}, AGES),
        bars({name: list(reversed(one.days_left.values())) for name, one in named}, DAYS_LEFT),
        bars(weeks, ["traitées"], ["now"]),
        named,
    )


def _name(by: By, group: str | None) -> str:
    if group is None:
        return "sans chapitre"
    return wording.QUEUES[group] if by is By.QUEUE else group


def load_bars(loads: Sequence[Load]) -> list[Bar]:
    """What each person has in hand."""
    return bars({one.name: [one.in_hand] for one in loads}, ["en main"], ["now"])

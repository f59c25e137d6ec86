"""A plan as a person reads it: what serves elsewhere first, in its order, then the rest, dossier by dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from referencing.console.wording import STATES
from referencing.plans.operations import Confidence, ReusePlans
from referencing.plans.planning import Plan, Supplied
from referencing.plans.reading import Considered
from referencing.plans.sentences import Explained, Outcome

#: What a person reads of what becomes of an item: the words, and their look.
OUTCOMES = {
    Outcome.TO_SUPPLY: ("à fournir", "warn"),
    Outcome.TO_SHOW: ("à montrer en séance", "warn"),
    Outcome.COVERED: ("couverte", "good"),
    Outcome.TO_CONFIRM: ("à confirmer", "now"),
    Outcome.AWAITING: ("en attente", "now"),
    Outcome.SETTLED: ("rien à faire", ""),
}


@dataclass(frozen=True, slots=True)
class ShownDossier:
    """A dossier of the plan with its lines: to be supplied for itself alone, and those that follow or stand."""

    considered: Considered
    label: str
    alone: Sequence[int]
    others: Sequence[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """`serving` are the supplies that serve elsewhere, in the order of the plan; `counts` those of every plan."""

    explained: Explained
    counts: Mapping[Confidence, Mapping[Outcome, int]]
    dossiers: Sequence[ShownDossier]
    serving: Sequence[Supplied]
    before: int

    @property
    def plan(self) -> Plan:
        return self.explained.plan

    def code(self, number: int) -> str:
        return self.explained.plans.agenda.lines[number].code

    def label_of(self, number: int) -> str:
        """The dossier of a line."""
        return self.dossiers[self.explained.plans.agenda.lines[number].dossier].label

    def look(self, number: int) -> tuple[str, str]:
        return OUTCOMES[self.explained.outcome(number)]


def shown(plans: ReusePlans, confidence: Confidence) -> Shown:
    """The plan of this confidence, beside the figures of all."""
    every = {one: Explained(plans, one) for one in plans.plans}
    explained = every[confidence]
    return Shown(
        explained,
        {one: of_plan.counts() for one, of_plan in every.items()},
        [_dossier(explained, rank, dossier) for rank, dossier in enumerate(plans.agenda.dossiers)],
        [supply for supply in explained.plan.supplies if supply.serves],
        plans.agenda.alone,
    )


def label(dossier: Considered) -> str:
    """« Alpha – LGC-V2 (en préparation) »."""
    stands = STATES[dossier.candidature.state] if dossier.candidature else "prévue"
    return f"{dossier.solution.commercial_name} – {dossier.version.dsr.code} ({stands})"


def _dossier(explained: Explained, rank: int, dossier: Considered) -> ShownDossier:
    serves = {supply.line: bool(supply.serves) for supply in explained.plan.supplies}
    numbers = [number for number, line in enumerate(explained.plans.agenda.lines) if line.dossier == rank]
    return ShownDossier(
        dossier,
        label(dossier),
        [number for number in numbers if serves.get(number) is False],
        [number for number in numbers if number not in serves],
    )

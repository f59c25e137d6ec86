"""Why each line stands in a plan as it does, in French sentences."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from referencing.base.french import counted
from referencing.candidatures.record.states import ITEM_STATES, Track
from referencing.equivalence.engine.explanation import explain
from referencing.equivalence.engine.resolution import Status, clauses_by_fact

from .certificates import name_of
from .operations import Confidence, ReusePlans
from .planning import CERTAIN, Filing, Plan, Supplied
from .suppositions import Line


class Outcome(StrEnum):
    """What a plan makes of a line."""

    TO_SUPPLY = "to_supply"
    TO_SHOW = "to_show"  # in a live session
    COVERED = "covered"  # for certain, now or once the plan is carried out
    TO_CONFIRM = "to_confirm"
    AWAITING = "awaiting"  # something that is under review
    SETTLED = "settled"  # supplied, judged, or said not to apply


_FOLLOWS = {
    Status.COVERED: "Rien à fournir ici : elle sera couverte une fois ce plan fourni et trouvé conforme.",
    Status.TO_CONFIRM: "Rien à fournir ici : une fois ce plan fourni et trouvé conforme, un vérificateur aura à "
    "confirmer le réemploi.",
    Status.AWAITING: "Rien à fournir ici : elle attend une preuve en cours d'examen, avec celles de ce plan.",
}
_ALONE = {
    Status.TO_CONFIRM: "pour être sûr : un réemploi est possible, mais un vérificateur doit le confirmer.",
    Status.AWAITING: "pour être sûr : elle attend sinon une preuve en cours d'examen.",
    Status.REQUIRED: ": aucune preuve déjà connue ne suffit.",
}
_CONFIRMED = "Couverte : un vérificateur a confirmé le réemploi."
_COMPLEMENT = ": l'agence attend un complément."


class Explained:
    """The lines of one plan, each with what becomes of it and why."""

    def __init__(self, plans: ReusePlans, confidence: Confidence) -> None:
        self.plans = plans
        self.plan: Plan = plans.plans[confidence]
        self._suppositions = plans.agenda.suppositions
        self._supplies = {supply.line: supply for supply in self.plan.supplies}
        self._supposed = dict(self._words())

    def outcome(self, number: int) -> Outcome:
        if number in self._supplies:
            return Outcome.TO_SHOW if self._live(number) else Outcome.TO_SUPPLY
        if number in self.plan.answers:
            return Outcome(self.plan.answers[number].status)
        return Outcome.COVERED if number in self.plans.standing else Outcome.SETTLED

    def counts(self) -> dict[Outcome, int]:
        """How many lines have each outcome."""
        counted = Counter(map(self.outcome, range(len(self.plans.agenda.lines))))
        return {outcome: counted[outcome] for outcome in Outcome}

    def beside(self, number: int, supply: int) -> list[int]:
        """The other supplies that a line follows from together with one."""
        return sorted(self.plan.needs[number] - {supply})

    def sentences(self, number: int) -> list[str]:
        """Why a line is to be supplied, or what it follows from."""
        if number in self._supplies:
            return self._of_supply(self._supplies[number])
        if number in self.plan.answers:
            answer = self.plan.answers[number]
            opening = _FOLLOWS[answer.status] if self.plan.needs[number] else None
            return explain(answer, self.plans.facts, self._supposed, opening)
        if number in self.plans.standing:
            answer = self.plans.standing[number]
            certain = answer.status in CERTAIN
            return explain(answer, self.plans.facts, self._supposed) if certain else [_CONFIRMED]
        line = self.plans.agenda.lines[number]
        counted = " : ce plan la compte comme conforme" if line.given else ""
        return [f"Rien de plus à fournir : cette preuve est « {ITEM_STATES[line.state]} »{counted}."]

    def clauses(self, number: int, supply: int) -> list[str]:
        """The rules by which a line follows from a supply, in the order from the supply to the line."""
        fact = self._suppositions.facts[supply].id
        return clauses_by_fact(self.plan.answers[number].derivation)[fact]

    def filing(self, filing: Filing, rank: int) -> str:
        """Why a dossier comes in this place."""
        shown = sum(self._live(line) for line in self._supplies if self._line(line).dossier == filing.dossier)
        ways = ((filing.supplies - shown, "à y fournir"), (shown, "à y montrer en séance"))
        supplies = " et ".join(f"{_proofs(count)} {way}" for count, way in ways if count)
        if filing.opens:
            first = "d'abord" if rank == 0 else "ensuite"
            opening = f"de quoi en ouvrir {filing.opens} dans les suivants"
            return f"Avancez {first} ce dossier : {supplies}, {opening}."
        return f"{supplies} ; rien n'en dépend dans les dossiers suivants."

    def _of_supply(self, supply: Supplied) -> list[str]:
        line = self._line(supply.line)
        served = len(supply.serves)
        serving = [f"Elle servira aussi ailleurs : {_proofs(served)} de ce plan."] if served else []
        brought = "À montrer en séance" if self._live(supply.line) else "À fournir"
        if line.asked:
            return [f"{brought} {_COMPLEMENT}", *serving]
        alone = self._suppositions.answer(supply.line)
        opening = f"{brought} {_ALONE[alone.status]}" if alone.status in _ALONE else None
        return [*explain(alone, self.plans.facts, self._supposed, opening), *serving]

    def _line(self, number: int) -> Line:
        return self.plans.agenda.lines[number]

    def _live(self, number: int) -> bool:
        """Whether what a line is supplied with is shown in a live session."""
        return self._line(number).track is Track.DUO

    def _words(self) -> Iterator[tuple[str, str]]:
        """The words for the facts that are supposed, by id."""
        for rank, certificate in enumerate(self.plans.agenda.certificates):
            yield name_of(rank), f"le certificat « {certificate.kind} » que vous comptez obtenir"
        for number, line in enumerate(self.plans.agenda.lines):
            solution = self.plans.agenda.dossiers[line.dossier].solution.commercial_name
            what = "déjà fournie" if line.given else "que ce plan fait fournir"
            yield (
                self._suppositions.facts[number].id,
                f"la preuve {what} pour {line.code} (solution « {solution} »)",
            )


def _proofs(number: int) -> str:
    return counted(number, "preuve")

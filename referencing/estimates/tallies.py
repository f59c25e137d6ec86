"""What becomes of what softwares have when a draft takes the place of a list, counted; and the days it costs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from referencing.base.french import agreed
from referencing.candidatures.tasks.names import QUEUES
from referencing.equivalence.engine.resolution import Status
from referencing.simulations.effort import CONFIRMATION, REVIEW, Effort, work_of
from referencing.steering.habits import ENOUGH, WINDOW

from .states import Outcome

#: What a software has: it is covered, or a verifier has only to confirm it.
HAD = (Status.COVERED, Status.TO_CONFIRM)
_WORST = tuple(Outcome)
#: The columns that are added up, of a requirement.
COUNTS = (
    *("kept", "to_confirm", "lost", "spared"),
    *("more_to_confirm", "more_to_supply", "confirmations_spared", "supplies_spared"),
)
#: The columns that are added up, of softwares alone.
SOFTWARES = COUNTS[:4]

#: The status of each proof that is asked of a software, by code.
Statuses = Mapping[str, Status]


@dataclass(frozen=True, slots=True)
class Answers:
    """How proofs stand for a software: by the list in force, by the draft, and had the draft's scenarios stayed."""

    before: Statuses
    after: Statuses
    unchanged: Statuses


def counted(answers: Answers, requirements: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """The counts of one software, by requirement; `requirements` are those that differ, each with its proofs."""
    return {code: _of_requirement(answers, [*proofs]) for code, proofs in requirements.items()}


def merged(counts: Sequence[Mapping[str, dict[str, int]]]) -> Mapping[str, dict[str, int]]:
    """One software looked at in several ways: in each requirement it counts once, as where it fares worst."""
    return {code: max((one[code] for one in counts), key=_harm) for code in counts[0]}


def _harm(counts: Mapping[str, int]) -> tuple[int, ...]:
    by_outcome = [counts[outcome.value] for outcome in reversed(Outcome)]
    return (*by_outcome, counts["more_to_supply"], counts["more_to_confirm"])


def _of_requirement(answers: Answers, proofs: Sequence[str]) -> dict[str, int]:
    counts = dict.fromkeys(COUNTS, 0)
    outcome = _outcome(answers.before, answers.after, proofs)
    if outcome is not None:
        counts[outcome.value] = 1
        unchanged = _outcome(answers.before, answers.unchanged, proofs)
        counts["spared"] = int(outcome is not Outcome.KEPT and unchanged is Outcome.KEPT)
    for name, spared, status in (
        ("more_to_confirm", "confirmations_spared", Status.TO_CONFIRM),
        ("more_to_supply", "supplies_spared", Status.REQUIRED),
    ):
        before, after, unchanged_ = (
            sum(statuses.get(proof) is status for proof in proofs)
            for statuses in (answers.before, answers.after, answers.unchanged)
        )
        counts[name], counts[spared] = after - before, after - unchanged_
    return counts


def _outcome(before: Statuses, after: Statuses, proofs: Iterable[str]) -> Outcome | None:
    """The worst that becomes of what a software has among these proofs; None where it has nothing."""
    outcomes = [_of_proof(before[proof], after.get(proof)) for proof in proofs if before.get(proof) in HAD]
    return max(outcomes, key=_WORST.index, default=None)


def _of_proof(before: Status, after: Status | None) -> Outcome:
    """What becomes of a proof that a software has; None after: it is asked no more, and serves nothing here."""
    if after is Status.COVERED or after is before:
        return Outcome.KEPT
    return Outcome.TO_CONFIRM if after is Status.TO_CONFIRM else Outcome.LOST


def worst(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """One software over several requirements, counted once: by the worst of them; spared where all that is lost is."""
    listed = [count for count in counts if any(count[outcome.value] for outcome in Outcome)]
    once = dict.fromkeys(SOFTWARES, 0)
    if listed:
        outcome = max((one for one in Outcome if any(count[one.value] for count in listed)), key=_WORST.index)
        once[outcome.value] = 1
        harmed = [count for count in listed if not count[Outcome.KEPT.value]]
        once["spared"] = int(bool(harmed) and all(count["spared"] for count in harmed))
    return once


class Work(StrEnum):
    """Work that has a pace."""

    SUPPLY = "supply"  # an editor supplies a proof, all its versions together
    REVIEW = "review"  # a verifier reads a proof, as often as editors are asked again
    CONFIRMATION = "confirmation"  # a verifier confirms a reuse, or reads a proof where it is refused


def paces(efforts: Mapping[str, Effort], supplied: int, busy_days: int) -> list[dict[str, Any]]:
    """The days that each kind of work takes, from the record; None where it is too small to tell: nothing is supposed.

    `supplied` are the proofs that editors supplied lately, in so many `busy_days` of their people: a day on which
    somebody supplied something is a whole day.
    """
    review, confirmation, each = efforts[REVIEW], efforts[CONFIRMATION], work_of(efforts)
    reading = None if review.supposed else each[Status.REQUIRED]
    confirming = None if review.supposed or confirmation.supposed else each[Status.TO_CONFIRM]
    supplying = busy_days / supplied if supplied >= ENOUGH else None
    return [
        {"work": Work.SUPPLY.value, "answers": supplied, "days_each": supplying},
        {"work": Work.REVIEW.value, "answers": review.answers, "days_each": reading},
        {"work": Work.CONFIRMATION.value, "answers": confirmation.answers, "days_each": confirming},
    ]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a draft, a chapter or a requirement costs: softwares, proofs of all of them, and days of people.

    Days are rounded to hundredths; None where no pace is measured. Below zero: that many are saved.
    """

    keeping: int
    confirming: int
    losing: int
    spared: int
    more_to_confirm: int
    more_to_supply: int
    editor_days: float | None
    verifier_days: float | None
    editor_days_spared: float | None
    verifier_days_spared: float | None

    @classmethod
    def of(cls, counts: Mapping[str, int], paces: Sequence[Mapping[str, Any]]) -> "Cost":
        """The cost of what was counted (`COUNTS`)."""
        each = {pace["work"]: pace["days_each"] for pace in paces}

        def days(confirmations: int, supplies: int) -> tuple[float | None, float | None]:
            supplied, read = (_product(supplies, each.get(work)) for work in (Work.SUPPLY, Work.REVIEW))
            confirmed = _product(confirmations, each.get(Work.CONFIRMATION))
            return supplied, None if read is None or confirmed is None else round(read + confirmed, 2)

        editor, verifier = days(counts["more_to_confirm"], counts["more_to_supply"])
        editor_spared, verifier_spared = days(counts["confirmations_spared"], counts["supplies_spared"])
        return cls(
            keeping=counts["kept"],
            confirming=counts["to_confirm"],
            losing=counts["lost"],
            spared=counts["spared"],
            more_to_confirm=counts["more_to_confirm"],
            more_to_supply=counts["more_to_supply"],
            editor_days=editor,
            verifier_days=verifier,
            editor_days_spared=editor_spared,
            verifier_days_spared=verifier_spared,
        )


def _product(number: int, each: float | None) -> float | None:
    """Nothing costs nothing, whether its pace is measured or not."""
    if not number:
        return 0.0
    return None if each is None else round(number * each, 2)


def assumptions(paces: Iterable[Mapping[str, Any]], *, elsewhere: str | None = None) -> list[str]:
    """What the figures stand on, in French sentences; `elsewhere` is the other DSR that a draft is held against."""
    lacking = [
        f"{_WORKS[Work(pace['work'])]} : {pace['answers']} {agreed(pace['answers'], 'mesure')} "
        f"sur {WINDOW} jours ouvrés, il en faut {ENOUGH} ; "
        "ses jours ne sont pas estimés."
        for pace in paces
        if pace["days_each"] is None
    ]
    return [*([_ELSEWHERE.format(dsr=elsewhere), _ASSUMPTIONS[-1]] if elsewhere else _ASSUMPTIONS), *lacking]


_WORKS = {
    Work.SUPPLY: "Dépôt d'une preuve par un éditeur",
    Work.REVIEW: f"File « {QUEUES[REVIEW]} »",
    Work.CONFIRMATION: f"File « {QUEUES[CONFIRMATION]} » (elle compte aussi les relectures)",
}
_ELSEWHERE = (
    "Rien n'est encore constaté sur cette liste. Chaque logiciel qui a déposé un dossier sur {dsr} est supposé s'y "
    "présenter, sous chacun de ses noms et composé comme là-bas : il garde ce qui serait couvert aussitôt, par les "
    "règles en vigueur, et perd ce qu'il aurait à fournir. L'atelier des règles compare les mots des deux listes."
)
_ASSUMPTIONS = (
    "Chaque logiciel qui a déposé un dossier sur ce DSR est supposé s'y présenter de nouveau, sous chacun de ses noms, "
    "composé comme son dossier en cours, sinon comme le dernier ; il compte une fois, comme sous le nom où il perd le "
    "plus. Les brouillons ne comptent pas.",
    "Un logiciel garde ce qui reste couvert, ou à confirmer s'il l'était déjà ; il perd aussi ce qui est constaté pour "
    "une preuve que le projet ne demande plus.",
    "Scénario inchangé : le même calcul, comme si les scénarios et les preuves attendues étaient restés tels quels et "
    "que ce qui a été constaté sur les mots d'avant était accepté comme égal.",
    f"Les jours sont comptés sur les {WINDOW} derniers jours ouvrés : une journée où quelqu'un a répondu, ou déposé "
    "des preuves, compte pour une journée entière. Secondes lectures, avis d'experts et délibération ne sont pas "
    "comptés.",
)

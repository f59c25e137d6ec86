"""Whole estimates as the API answers them, and their requirements as a sheet with French headings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.base.sheets import Cell, csv_lines, csv_of

from .models import Estimate, EstimatedRequirement
from .queries import ChapterSum
from .schemas import CostOut, EstimateOut, PaceOut, RequirementDifferenceOut
from .states import Change, EstimateState
from .tallies import COUNTS, SOFTWARES, Cost, assumptions

#: The columns of proofs, which add up over requirements as softwares do not.
_PROOFS = COUNTS[len(SOFTWARES) :]


def whole_estimate(
    estimate: Estimate, changed: Mapping[str, str], sums: Sequence[ChapterSum], reader: Actor
) -> dict[str, Any]:
    """An estimate with its figures, once it is finished; `changed` says why it may say something else now."""
    whole = {
        **shape(EstimateOut)(estimate, reader),
        "changed_since": [{"code": code, "detail": detail} for code, detail in changed.items()],
    }
    if estimate.state is not EstimateState.FINISHED:
        return {**whole, "cost": None, "by_chapter": [], "paces": [], "assumptions": []}
    return {
        **whole,
        "cost": {**shape(CostOut)(draft_cost(estimate, sums)), "open_dossiers": estimate.open_dossiers},
        "by_chapter": [
            {**shape(CostOut)(cost), "chapter": chapter.chapter, "requirements": chapter.requirements}
            for chapter, cost in chapter_costs(estimate, sums)
        ],
        "paces": [shape(PaceOut)(pace) for pace in estimate.paces],
        "assumptions": assumptions(
            estimate.paces, elsewhere=estimate.base.dsr.code if estimate.elsewhere else None
        ),
    }


def draft_cost(estimate: Estimate, sums: Sequence[ChapterSum]) -> Cost:
    """The cost of the whole draft."""
    softwares = {name: getattr(estimate, name) for name in SOFTWARES}
    proofs = {name: sum(getattr(chapter, name) for chapter in sums) for name in _PROOFS}
    return Cost.of({**softwares, **proofs}, estimate.paces)


def chapter_costs(estimate: Estimate, sums: Sequence[ChapterSum]) -> Iterator[tuple[ChapterSum, Cost]]:
    """The chapters in their order, each with its cost."""
    for chapter in sums:
        softwares = estimate.chapters.get(chapter.chapter, dict.fromkeys(SOFTWARES, 0))
        proofs = {name: getattr(chapter, name) for name in _PROOFS}
        yield chapter, Cost.of({**softwares, **proofs}, estimate.paces)


def requirement_cost(row: EstimatedRequirement, estimate: Estimate) -> Cost:
    """The cost of a requirement."""
    return Cost.of({name: getattr(row, name) for name in COUNTS}, estimate.paces)


def estimated_requirement(row: EstimatedRequirement, estimate: Estimate) -> dict[str, Any]:
    """A requirement that differs, as the API answers it."""
    return {**shape(RequirementDifferenceOut)(row), **shape(CostOut)(requirement_cost(row, estimate))}


CHANGES: Mapping[Change, str] = {
    Change.ADDED: "ajoutée",
    Change.CHANGED: "modifiée",
    Change.REMOVED: "supprimée",
    Change.REACHED: "atteinte par les règles",
}
PARTS: Mapping[str, str] = {
    "text": "texte de l'exigence",
    "scenario": "scénario",
    "proof": "preuve attendue",
}
ATTRIBUTES: Mapping[str, str] = {
    "chapter": "chapitre",
    "guichet": "guichet",
    "identical": "fidélité au socle",
    "kind": "nature de la preuve",
    "profile": "profil",
    "roles": "composants",
    "socle": "socle",
}
COLUMNS = (
    *("Chapitre", "Exigence", "Modification", "Ce qui change"),
    *("Logiciels qui gardent", "Logiciels à confirmer", "Logiciels qui perdent"),
    "Logiciels épargnés à scénario inchangé",
    *("Preuves à confirmer", "Preuves à fournir", "Candidatures ouvertes ailleurs"),
    *("Jours d'éditeur", "Jours de vérificateur"),
    *("Jours d'éditeur épargnés", "Jours de vérificateur épargnés"),
)


def requirements_sheet(
    rows: Sequence[EstimatedRequirement], estimate: Estimate, *, header: bool = True
) -> str:
    """The requirements, a line for each; what goes on from another page has no `header`."""
    lines = (_line(row, requirement_cost(row, estimate)) for row in rows)
    return csv_of(COLUMNS, lines) if header else csv_lines(lines)


def _line(row: EstimatedRequirement, cost: Cost) -> list[Cell]:
    return [
        *(row.chapter, row.code, CHANGES[row.change], " ; ".join(_differences(row))),
        *(cost.keeping, cost.confirming, cost.losing, cost.spared),
        *(cost.more_to_confirm, cost.more_to_supply, row.open_dossiers),
        *(cost.editor_days, cost.verifier_days, cost.editor_days_spared, cost.verifier_days_spared),
    ]


def _differences(row: EstimatedRequirement) -> Iterator[str]:
    """What differs, in French: words part by part, what else rules look at, and proofs."""
    yield from _of_part("", row.differing, row.attributes)
    for proof in row.proofs:
        change = Change(proof["change"])
        if change is Change.CHANGED:
            yield from _of_part(f"{proof['code']}, ", proof["differing"], proof["attributes"])
        else:
            yield f"{proof['code']} {CHANGES[change]}"


def _of_part(where: str, words: Sequence[Mapping[str, str]], attributes: Sequence[str]) -> Iterator[str]:
    for one in words:
        pair = f"« {one['from']} » → « {one['to']} »" if one["from"] or one["to"] else "ponctuation ou casse"
        yield f"{where}{PARTS[one['part']]} : {pair}"
    for name in attributes:
        yield f"{where}{ATTRIBUTES[name]}"

"""Gathers the rows of a requirement list, one expected proof each, into requirements with their proofs."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .problems import RowProblem, problem
from .text import code_fault, fold, quoted


class Column(StrEnum):
    """The headings of the Convergence export."""

    PERIMETER = "Périmètre"
    CODE = "ID"
    TITLE = "Chapitre"
    FUNCTION = "Fonction"
    TEXT = "Exigence"
    COMMENT = "Commentaire"
    PROFILE = "Profil"
    SCENARIO_NUMBER = "N° scénario"
    SCENARIO_TEXT = "Scénario de conformité"
    PROOF_NUMBER = "N° preuve"
    PROOF_TEXT = "Preuve"
    FORMER_PROFILE = "Profil historique"
    CRITICALITY = "Criticité"
    ORDER = "Ordre"


# What describes the requirement, and so should be the same on all its rows.
_OF_REQUIREMENT = (
    Column.TITLE, Column.FUNCTION, Column.TEXT, Column.COMMENT, Column.PROFILE, Column.FORMER_PROFILE,
    Column.PERIMETER, Column.CRITICALITY,
)  # fmt: skip

GENERAL = "Général"
CRITICALITIES = ("Critique", "Majeure", "Mineure")


@dataclass(frozen=True, slots=True)
class ProofEntry:
    suffix: str  # unique in its requirement
    number: str
    text: str
    scenario_number: str | None
    scenario_text: str | None
    row: int


@dataclass(frozen=True, slots=True)
class RequirementEntry:
    code: str
    chapter: str  # of the code: `INS`
    title: str  # the column Chapitre: words
    function: str
    text: str
    comment: str
    profile: str
    former_profile: str
    perimeter: str
    criticality: str
    position: int  # order of appearance, from 1
    row: int  # the first
    proofs: tuple[ProofEntry, ...]


def chapter_of(code: str, dispositif: str) -> str:
    """The first segment of a requirement's code, cut at `.` or `/`, after the dispositif if it starts so.

    `LGC/INS.01` of LGC is of chapter `INS`. `DB/va1.01` of DB is of chapter `DB`: what would be left is a
    wave and a number.
    """
    segments = [segment for segment in re.split(r"[./]", code) if segment] or [code]
    leads_with_dispositif = len(segments) > 1 and segments[0].casefold() == dispositif.casefold()
    if leads_with_dispositif and re.fullmatch(r"(va?)?\d+\w?", segments[1], re.IGNORECASE) is None:
        return segments[1]
    return segments[0]


def suffix_of(number: str, code: str) -> str:
    """The proof's number without its requirement's code and the dot after it, or all of it without that."""
    return number.removeprefix(f"{code}.")


def _word_fault(code: str) -> str | None:
    """Every code of a requirement has a number; what has none is the title of a section, or a total."""
    return None if any(letter.isdecimal() for letter in code) else "il n'a pas de chiffre"


@dataclass(slots=True)
class _Draft:
    position: int
    row: int
    values: dict[Column, str]
    proofs: dict[str, ProofEntry] = field(default_factory=dict)


class RequirementList:
    """Takes the rows of one list in their order, then gives its requirements and what was wrong."""

    def __init__(self, dispositif: str, missing: Collection[Column] = ()) -> None:
        """`missing` are the columns that the list does not have: their absence is no fault of its rows."""
        self._dispositif = dispositif
        self._missing = missing
        self._drafts: dict[str, _Draft] = {}
        self._problems: list[RowProblem] = []

    def take(self, row: int, values: Mapping[Column, str]) -> None:
        """Add the row of that number; `values` has clean text, maybe empty, for the columns that there are."""
        values = {column: values.get(column, "") for column in Column}
        code = values[Column.CODE]
        if not code:
            self._report(row, "code_missing")
        elif fault := code_fault(code) or _word_fault(code):
            self._report(row, "code_invalid", value=quoted(code), fault=fault)
        else:
            self._describe(row, code, values)
            self._take_proof(row, code, values)

    def requirements(self) -> tuple[RequirementEntry, ...]:
        """The requirements, in their order of appearance."""
        return tuple(self._entry(code, draft) for code, draft in self._drafts.items())

    def problems(self) -> list[RowProblem]:
        """The problems of the rows, then those of the requirements as they ended up."""
        late = [found for code, draft in self._drafts.items() for found in self._shortcomings(code, draft)]
        return [*self._problems, *late]

    def _report(self, row: int, code: str, **words: object) -> None:
        self._problems.append(problem(row, code, **words))

    def _describe(self, row: int, code: str, values: Mapping[Column, str]) -> None:
        described = {column: values[column] for column in _OF_REQUIREMENT}
        if code not in self._drafts:
            self._drafts[code] = _Draft(len(self._drafts) + 1, row, described)
            return
        kept = self._drafts[code].values
        for column, value in described.items():
            # A blank repeats what was said above; many lists describe a requirement on its first row only.
            if kept[column] and value and value != kept[column]:
                self._report(row, "requirement_differs", value=quoted(code), column=column)
            kept[column] = kept[column] or value

    def _take_proof(self, row: int, code: str, values: Mapping[Column, str]) -> None:
        number, text = values[Column.PROOF_NUMBER], values[Column.PROOF_TEXT]
        scenario = values[Column.SCENARIO_NUMBER]
        suffix = suffix_of(number, code)
        if not number and text:
            self._report(row, "proof_number_missing")
        elif not number:
            if scenario or values[Column.SCENARIO_TEXT]:
                self._report(row, "scenario_without_proof", value=quoted(scenario or "sans numéro"))
        elif fault := code_fault(number) or code_fault(suffix):
            self._report(row, "proof_number_invalid", value=quoted(number), fault=fault)
        else:
            scenario_text = values[Column.SCENARIO_TEXT]
            self._add_proof(
                code, ProofEntry(suffix, number, text, scenario or None, scenario_text or None, row)
            )

    def _add_proof(self, code: str, proof: ProofEntry) -> None:
        proofs = self._drafts[code].proofs
        first = proofs.setdefault(proof.suffix, proof)
        if first is not proof:
            sameness = "le même énoncé" if first.text == proof.text else "un autre énoncé"
            value = quoted(proof.number)
            self._report(proof.row, "proof_repeated", value=value, first=first.row, sameness=sameness)
            return
        if proof.suffix == proof.number:
            self._report(proof.row, "proof_number_foreign", value=quoted(proof.number))
        if not proof.text:
            self._report(proof.row, "proof_text_missing", value=quoted(proof.number))

    def _shortcomings(self, code: str, draft: _Draft) -> list[RowProblem]:
        name, values = quoted(code), draft.values
        problems = [
            problem(draft.row, key, value=name)
            for key, lacking in (
                ("text_missing", not values[Column.TEXT]),
                ("profile_missing", not values[Column.PROFILE]),
                ("requirement_without_proof", not draft.proofs),
            )
            if lacking
        ]
        criticality = values[Column.CRITICALITY]
        if criticality not in CRITICALITIES and Column.CRITICALITY not in self._missing:
            words = {
                "found": quoted(criticality) if criticality else "vide",
                "known": ", ".join(CRITICALITIES),
            }
            problems.append(problem(draft.row, "criticality_unknown", value=name, **words))
        return problems

    def _entry(self, code: str, draft: _Draft) -> RequirementEntry:
        values = draft.values
        return RequirementEntry(
            code=code,
            chapter=chapter_of(code, self._dispositif),
            title=values[Column.TITLE],
            function=values[Column.FUNCTION],
            text=values[Column.TEXT],
            comment=values[Column.COMMENT],
            profile=_profile(values[Column.PROFILE]),
            former_profile=values[Column.FORMER_PROFILE],
            perimeter=values[Column.PERIMETER],
            criticality=values[Column.CRITICALITY],
            position=draft.position,
            row=draft.row,
            proofs=tuple(draft.proofs.values()),
        )


def _profile(written: str) -> str:
    # `Général` always applies, so however it was typed it must be recognised.
    return GENERAL if fold(written) in {"", fold(GENERAL)} else written

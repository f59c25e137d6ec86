"""The layout in which past referencings are given: a row for each expected proof of each one. Pure but for the file.

What describes the referencing stands on each of its rows, or on the first one only: a row that leaves all of it empty
goes on with the referencing above. docs/takeover.md tells what each column holds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import IO, NamedTuple

from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.spreadsheets import read_spreadsheet
from referencing.catalogue.imports.text import clean_label, fold, quoted
from referencing.solutions.nils import clean

SHEET = "Reprise"
#: Between the components of a cell, and between a role and its component.
_PARTS, _FILLS = re.compile(r"[;|]"), re.compile(r"\s*[=:]\s*")


class Column(StrEnum):
    ORGANISATION = "Organisation"
    SIREN = "SIREN"
    NIL = "NIL"
    SOFTWARE = "Logiciel"
    SOLUTION = "Solution"
    SOFTWARE_VERSION = "Version du logiciel"
    COMPOSITION = "Composition"
    DSR = "DSR"
    DSR_VERSION = "Version du DSR"
    PROFILES = "Profils"
    DEPOSITED_ON = "Déposée le"
    REFERENCED_ON = "Référencée le"
    PROOF = "Preuve"
    OUTCOME = "Résultat"
    FOUND_ON = "Vérifiée le"
    PERFORMED_ON = "Test réalisé le"


#: What a file has to have; a column that is not among these may miss.
REQUIRED = (
    Column.ORGANISATION, Column.NIL, Column.SOLUTION, Column.DSR, Column.REFERENCED_ON, Column.PROOF, Column.OUTCOME,
)  # fmt: skip
OPTIONAL = tuple(column for column in Column if column not in REQUIRED)
_OF_PROOF = frozenset({Column.PROOF, Column.OUTCOME, Column.FOUND_ON, Column.PERFORMED_ON})
_OF_REFERENCING = tuple(column for column in Column if column not in _OF_PROOF)
#: By these a referencing is known again on another row.
_IDENTITY = (Column.ORGANISATION, Column.NIL, Column.SOLUTION, Column.DSR, Column.DSR_VERSION)


class Outcome(StrEnum):
    CONFORM = "conform"
    NONCONFORM = "nonconform"
    NOT_APPLICABLE = "not_applicable"


_WORDS = {
    **dict.fromkeys(("conforme", "conform", "oui", "ok", "validee", "valide"), Outcome.CONFORM),
    **dict.fromkeys(("non conforme", "non-conforme", "nonconform", "non", "ko"), Outcome.NONCONFORM),
    **dict.fromkeys(("sans objet", "non applicable", "not_applicable", "na", "n/a"), Outcome.NOT_APPLICABLE),
}


class PastFinding(NamedTuple):
    """What a proof was found, and on which day; `performed_on` is the day of its intrusion test, if it is of one."""

    outcome: Outcome
    found_on: date
    performed_on: date | None


@dataclass(frozen=True, slots=True)
class GivenOutcome:
    """What was found on an expected proof; its days are texts until they are looked at."""

    row: int
    proof: str
    outcome: Outcome
    found_on: str
    performed_on: str


@dataclass(slots=True)
class GivenReferencing:
    """What a file tells of a referencing, as text by column; `row` is its first one."""

    row: int
    words: Mapping[Column, str]
    outcomes: list[GivenOutcome] = field(default_factory=list)
    contradicted: bool = False

    def __getitem__(self, column: Column) -> str:
        return self.words[column]

    def profiles(self) -> list[str]:
        """The profiles, as they are written."""
        return [profile for part in self[Column.PROFILES].split(";") if (profile := part.strip())]

    def components(self) -> Iterator[tuple[str, str]]:
        """The roles with the components that fill them, as they are written."""
        for part in filter(None, map(str.strip, _PARTS.split(self[Column.COMPOSITION]))):
            role, *component = _FILLS.split(part, maxsplit=1)
            yield role, clean("".join(component))


@dataclass(frozen=True, slots=True)
class Given:
    """The content of a file."""

    rows: int
    referencings: tuple[GivenReferencing, ...]
    problems: tuple[RowProblem, ...]


def read_given(file: IO[bytes]) -> Given:
    """The referencings that a CSV file, or the sheet « Reprise » of a workbook, tells. Raises ForeignFile."""
    known: dict[tuple[str, ...], GivenReferencing] = {}
    problems: list[RowProblem] = []
    current: GivenReferencing | None = None
    rows = 0
    for number, texts in read_spreadsheet(file, SHEET, REQUIRED, OPTIONAL):
        rows += 1
        words = {column: clean_label(text) if (text := texts.get(column)) else "" for column in Column}
        if any(words[column] for column in _OF_REFERENCING):
            key = tuple(fold(words[column]) for column in _IDENTITY)
            current = known.setdefault(key, GivenReferencing(number, words))
            problems += _contradictions(number, words, current)
        if current is None:
            problems.append(
                RowProblem(
                    number, "referencing_missing", "La ligne ne dit pas de quel référencement elle est."
                )
            )
            continue
        outcome, faults = _outcome(number, words)
        current.outcomes += [outcome] if outcome else []
        problems += faults
    return Given(rows, tuple(known.values()), tuple(problems))


def _contradictions(
    number: int, words: Mapping[Column, str], referencing: GivenReferencing
) -> Iterator[RowProblem]:
    """What a row says otherwise than the first one of its referencing; what it leaves empty it does not say."""
    for column in _OF_REFERENCING:
        if words[column] and fold(words[column]) != fold(referencing[column]):
            referencing.contradicted = True
            yield RowProblem(
                number,
                "referencing_contradiction",
                f"La colonne « {column} » porte {quoted(words[column])}, et la ligne {referencing.row} du même "
                f"référencement {quoted(referencing[column])} : il est laissé de côté tant que les deux diffèrent.",
            )


def _outcome(number: int, words: Mapping[Column, str]) -> tuple[GivenOutcome | None, list[RowProblem]]:
    proof, told = words[Column.PROOF], words[Column.OUTCOME]
    if not proof and not told:
        return None, []
    if not proof:
        return None, [
            RowProblem(
                number, "proof_missing", "La ligne donne un résultat sans preuve : elle est laissée de côté."
            )
        ]
    if not told:
        return None, [
            RowProblem(
                number,
                "outcome_missing",
                f"La preuve {quoted(proof)} n'a pas de résultat : elle est laissée de côté.",
            )
        ]
    outcome = _WORDS.get(fold(told))
    if outcome is None:
        return None, [
            RowProblem(
                number,
                "outcome_unknown",
                f"Le résultat {quoted(told)} n'est pas connu : donnez « conforme », « non conforme » ou "
                "« sans objet ». La ligne est laissée de côté.",
            )
        ]
    return GivenOutcome(number, proof, outcome, words[Column.FOUND_ON], words[Column.PERFORMED_ON]), []

"""Reads a requirement list (REM) from a workbook in the Convergence export layout, or in the agency's shorter one.

One row of the sheet `Exigences` is one expected proof; a requirement repeats over its proofs, which need not
follow one another. What is wrong in a row is reported and the reading goes on; only a file that is not such
a workbook is refused.
"""

import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import islice
from typing import IO

from .problems import ForeignWorkbook, RowProblem, problem
from .requirement_rows import Column, ProofEntry, RequirementEntry, RequirementList, chapter_of
from .sheet import Cell, Sheet, plain, read_sheet
from .text import clean_code, clean_label, clean_text, heading_key, quoted
from .xlsx_guard import check_package

__all__ = [
    "ForeignWorkbook",
    "ProofEntry",
    "RemWorkbook",
    "RequirementEntry",
    "RowProblem",
    "chapter_of",
    "read_workbook",
]

SHEET = "Exigences"
MAX_ROWS = 10_000  # of the sheet; the longest real list has 331
HEADING_ROWS = 30  # that may hold a title, a date, a notice before the headings
# The agency's shorter layout has neither of the last four; comments describe nothing that is asked for.
OPTIONAL = (Column.COMMENT, Column.PERIMETER, Column.FORMER_PROFILE, Column.CRITICALITY, Column.ORDER)

_CODES = {Column.CODE, Column.SCENARIO_NUMBER, Column.PROOF_NUMBER}
_TEXTS = {Column.TEXT, Column.COMMENT, Column.SCENARIO_TEXT, Column.PROOF_TEXT}
_TEXT_LENGTH = 32_767  # what a cell may hold by the format's own rules
_LABEL_LENGTH = 500
# Error values, as a spreadsheet in English or in French writes them.
_ERRORS = {
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
    "#NOM?", "#NUL!", "#NOMBRE!", "#VALEUR!",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RemWorkbook:
    """The content of a workbook: `rows` counts its rows that are not blank, headings and totals apart.

    `missing` are the columns that it does not have: of these it says nothing, not that they are empty.
    """

    rows: int
    requirements: tuple[RequirementEntry, ...]
    problems: tuple[RowProblem, ...]  # by row
    missing: frozenset[Column]

    @property
    def proofs(self) -> int:
        return sum(len(requirement.proofs) for requirement in self.requirements)


def read_workbook(file: IO[bytes], *, dispositif: str) -> RemWorkbook:
    """The requirement list of `dispositif` (`LGC`, ...) in a seekable file, which stays open.

    ForeignWorkbook when the file is no .xlsx workbook, could harm the reader, or lacks the sheet or one of
    the columns.
    """
    check_package(file)
    with warnings.catch_warnings():
        # openpyxl warns of each styling feature that it does not know.
        warnings.simplefilter("ignore")
        sheet = read_sheet(file, SHEET)
    if not sheet.rows:
        raise ForeignWorkbook(
            f"La feuille « {SHEET} » est vide, ou le classeur est au format « Strict Open XML » : "
            "enregistrez-le au format .xlsx ordinaire."
        )
    return _rem_of(sheet, dispositif)


def _rem_of(sheet: Sheet, dispositif: str) -> RemWorkbook:
    heading_row, columns = _headings(sheet)
    missing = [column for column in Column if column not in columns]
    read: dict[Column, int] = {column: at for column, at in columns.items() if column is not Column.ORDER}
    gathered = RequirementList(dispositif, missing)
    problems = [*_layout_notes(heading_row, missing)]
    count = 0
    for number, cells in sheet.rows.items():
        if number <= heading_row:
            continue
        row_problems: list[RowProblem] = []
        values = {column: _value(number, column, cells.get(at), row_problems) for column, at in read.items()}
        if not row_problems and not any(values.values()):
            continue
        if code := _no_requirement(number, values, sheet.totals):
            problems.append(problem(number, code))
            continue
        if number > MAX_ROWS:
            raise ForeignWorkbook(
                f"La feuille « {SHEET} » va au-delà de la ligne {MAX_ROWS} (ligne {number}). "
                "Supprimer les lignes qui ne décrivent pas d'exigence."
            )
        count += 1
        problems += row_problems
        gathered.take(number, values)
    problems += gathered.problems()
    return RemWorkbook(
        count,
        gathered.requirements(),
        tuple(sorted(problems, key=lambda found: found.row)),
        frozenset(missing),
    )


def _headings(sheet: Sheet) -> tuple[int, Mapping[Column, int]]:
    """The first row that has all the columns asked for, and where each column is that it has."""
    candidates = [
        (number, Counter(heading_key(str(cell.value)) for cell in cells.values()))
        for number, cells in islice(sheet.rows.items(), HEADING_ROWS)
    ]
    required = [column for column in Column if column not in OPTIONAL]
    number, times = max(
        candidates, key=lambda candidate: sum(candidate[1][heading_key(column)] > 0 for column in required)
    )
    for fault, faulty in (
        ("n'a pas", [column for column in required if not times[heading_key(column)]]),
        ("a plusieurs fois", [column for column in Column if times[heading_key(column)] > 1]),
    ):
        if faulty:
            named = ", ".join(f"« {column} »" for column in faulty)
            raise ForeignWorkbook(
                f"La feuille « {SHEET} » {fault} : {named}. L'une de ses premières lignes doit porter, une fois "
                "chacune, les colonnes de l'export Convergence."
            )
    places = {heading_key(str(cell.value)): at for at, cell in sheet.rows[number].items()}
    return number, {column: places[heading_key(column)] for column in Column if heading_key(column) in places}


def _layout_notes(heading_row: int, missing: Sequence[Column]) -> Iterator[RowProblem]:
    """Where the headings are, when something is above them, and what of the full layout is not there."""
    if heading_row > 1:
        yield problem(heading_row, "headings_below")
    if missing:
        named = ", ".join(f"« {column} »" for column in missing)
        yield problem(heading_row, "columns_missing", columns=named)


def _no_requirement(number: int, values: Mapping[Column, str], totals: Collection[int]) -> str | None:
    """The problem of a row that is of the table and describes no requirement."""
    if number in totals:
        return "table_total"
    written = {column: value for column, value in values.items() if value}
    repeated = all(heading_key(value) == heading_key(column) for column, value in written.items())
    return "headings_repeated" if repeated and Column.CODE in written else None


def _value(row: int, column: Column, cell: Cell | None, problems: list[RowProblem]) -> str:
    """The clean text of a cell, empty for one that says nothing reliable; what is wrong joins `problems`."""
    if cell is None:
        return ""
    value = cell.value
    if value is None:
        problems.append(problem(row, "cell_formula", column=column))
        return ""
    if cell.formula and value != "":  # what it was last computed to may be old
        problems.append(problem(row, "cell_formula_value", column=column, value=quoted(str(value))))
    if cell.data_type == "e" or (isinstance(value, str) and value.strip() in _ERRORS):
        problems.append(problem(row, "cell_error", column=column, value=value))
        return ""
    if column in _CODES and isinstance(value, date | time | timedelta):
        problems.append(problem(row, "cell_date", column=column))
        return ""
    if column in _CODES and isinstance(value, int | float):
        problems.append(problem(row, "cell_number", column=column, value=plain(value)))
    return _clean(row, column, plain(value), problems)


def _clean(row: int, column: Column, text: str, problems: list[RowProblem]) -> str:
    if column in _CODES:
        return clean_code(text)  # one that is too long is refused as a code, not cut
    clean, limit = (clean_text, _TEXT_LENGTH) if column in _TEXTS else (clean_label, _LABEL_LENGTH)
    cleaned = clean(text)
    if len(cleaned) > limit:
        problems.append(problem(row, "cell_too_long", column=column, limit=limit))
    return cleaned[:limit].rstrip()

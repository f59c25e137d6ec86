"""Reads a requirement list (REM) from a workbook in the Convergence export layout.

One row of the sheet `Exigences` is one expected proof; a requirement repeats over its proofs, which need not
follow one another. What is wrong in a row is reported and the reading goes on; only a file that is not such
a workbook is refused.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import IO, Protocol

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from .problems import ForeignWorkbook, RowProblem, problem
from .requirement_rows import Column, ProofEntry, RequirementEntry, RequirementList, chapter_of
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
MAX_COLUMNS = 100
_SHEET_ROWS = 1 << 20  # the format's own bound: a row numbered beyond it is no row

_CODES = {Column.CODE, Column.SCENARIO_NUMBER, Column.PROOF_NUMBER}
_TEXTS = {Column.TEXT, Column.COMMENT, Column.SCENARIO_TEXT, Column.PROOF_TEXT}
_TEXT_LENGTH = 32_767  # what a cell may hold by the format's own rules
_LABEL_LENGTH = 500
# Error values, as a spreadsheet in English or in French writes them.
_ERRORS = {
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
    "#NOM?", "#NUL!", "#NOMBRE!", "#VALEUR!",
}  # fmt: skip

_UNREADABLE = (
    "Le classeur ne se laisse pas lire. L'ouvrir dans un tableur, l'enregistrer à nouveau au format .xlsx et "
    "recommencer."
)


@dataclass(frozen=True, slots=True)
class RemWorkbook:
    """What a workbook holds: `rows` counts its rows that are not blank, headings apart."""

    rows: int
    requirements: tuple[RequirementEntry, ...]
    problems: tuple[RowProblem, ...]  # by row

    @property
    def proofs(self) -> int:
        return sum(len(requirement.proofs) for requirement in self.requirements)


class _Cell(Protocol):
    @property
    def value(self) -> object: ...
    @property
    def data_type(self) -> str: ...


def read_workbook(file: IO[bytes], *, dispositif: str) -> RemWorkbook:
    """The requirement list of `dispositif` (`LGC`, ...) in a seekable file, which stays open.

    ForeignWorkbook when the file is no .xlsx workbook, could harm the reader, or lacks the sheet or one of
    the columns.
    """
    check_package(file)
    with warnings.catch_warnings():
        # openpyxl warns of each styling feature that it does not know.
        warnings.simplefilter("ignore")
        workbook = _open(file)
        try:
            return _read(_numbered_rows(workbook), dispositif)
        finally:
            workbook.close()


def _open(file: IO[bytes]) -> Workbook:
    try:
        return load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:  # a part that is not what openpyxl expects can raise anything
        raise ForeignWorkbook(_UNREADABLE) from error


def _numbered_rows(workbook: Workbook) -> Iterator[tuple[int, Mapping[int, _Cell]]]:
    """The rows that are not empty: number, and the cells that are not empty by position."""
    wanted = heading_key(SHEET)
    sheet = next((sheet for sheet in workbook.worksheets if heading_key(sheet.title) == wanted), None)
    if sheet is None:
        seen = ", ".join(quoted(name, 31) for name in workbook.sheetnames[:10]) or "aucune"
        raise ForeignWorkbook(f"Le classeur n'a pas de feuille « {SHEET} ». Feuilles vues : {seen}.")
    try:
        # The dimensions that the sheet claims would fill up rows and columns that are not there.
        sheet.reset_dimensions()
        previous: object = None
        for number, cells in enumerate(sheet.iter_rows(max_row=_SHEET_ROWS, max_col=MAX_COLUMNS), 1):
            # openpyxl makes up the rows that are not there, a million before a cell in the last one, all
            # from one tuple.
            if cells is previous:
                continue
            previous = cells
            if filled := {at: cell for at, cell in enumerate(cells) if cell.value is not None}:
                yield number, filled
    except Exception as error:  # see _open
        raise ForeignWorkbook(_UNREADABLE) from error


def _read(rows: Iterator[tuple[int, Mapping[int, _Cell]]], dispositif: str) -> RemWorkbook:
    _, headings = next(rows, (0, None))
    if headings is None:
        raise ForeignWorkbook(
            f"La feuille « {SHEET} » est vide, ou le classeur est au format « Strict Open XML » : "
            "l'enregistrer au format .xlsx ordinaire."
        )
    columns = _columns(headings)
    gathered = RequirementList(dispositif)
    problems: list[RowProblem] = []
    count = 0
    for number, cells in rows:
        found: list[RowProblem] = []
        values = {column: _value(number, column, cells.get(at), found) for column, at in columns.items()}
        if not found and not any(values.values()):
            continue
        if number > MAX_ROWS:
            raise ForeignWorkbook(
                f"La feuille « {SHEET} » va au-delà de la ligne {MAX_ROWS} (ligne {number}). "
                "Supprimer les lignes qui ne décrivent pas d'exigence."
            )
        count += 1
        problems += found
        gathered.take(number, values)
    problems += gathered.problems()
    return RemWorkbook(count, gathered.requirements(), tuple(sorted(problems, key=lambda found: found.row)))


def _columns(headings: Mapping[int, _Cell]) -> Mapping[Column, int]:
    """Where each column is that is read: all are asked for, but the row's own place stands for `Ordre`."""
    keys = {at: heading_key(str(cell.value)) for at, cell in headings.items()}
    times = Counter(keys.values())
    for fault, faulty in (
        ("n'a pas", [column for column in Column if not times[heading_key(column)]]),
        ("a plusieurs fois", [column for column in Column if times[heading_key(column)] > 1]),
    ):
        if faulty:
            named = ", ".join(f"« {column} »" for column in faulty)
            raise ForeignWorkbook(
                f"La feuille « {SHEET} » {fault} : {named}. Sa première ligne doit porter, une fois chacune, "
                "les colonnes de l'export Convergence."
            )
    places = {key: at for at, key in keys.items()}
    return {column: places[heading_key(column)] for column in Column if column is not Column.ORDER}


def _value(row: int, column: Column, cell: _Cell | None, problems: list[RowProblem]) -> str:
    """The clean text of a cell, empty for one that says nothing reliable; what is wrong joins `problems`."""
    if cell is None:
        return ""
    value = cell.value
    if cell.data_type == "f":  # what it was last computed to may be old, or was never stored
        problems.append(problem(row, "cell_formula", column=column))
        return ""
    if cell.data_type == "e" or (isinstance(value, str) and value.strip() in _ERRORS):
        problems.append(problem(row, "cell_error", column=column, value=value))
        return ""
    if column in _CODES and isinstance(value, date | time | timedelta):
        problems.append(problem(row, "cell_date", column=column))
        return ""
    if column in _CODES and isinstance(value, int | float):
        problems.append(problem(row, "cell_number", column=column, value=_plain(value)))
    return _clean(row, column, _plain(value), problems)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescape(value) if isinstance(value, str) else str(value)


def _clean(row: int, column: Column, text: str, problems: list[RowProblem]) -> str:
    if column in _CODES:
        return clean_code(text)  # one that is too long is refused as a code, not cut
    clean, limit = (clean_text, _TEXT_LENGTH) if column in _TEXTS else (clean_label, _LABEL_LENGTH)
    cleaned = clean(text)
    if len(cleaned) > limit:
        problems.append(problem(row, "cell_too_long", column=column, limit=limit))
    return cleaned[:limit].rstrip()

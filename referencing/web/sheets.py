"""Tables as spreadsheets read them: CSV of RFC 4180, in which no cell becomes a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain

#: What makes a spreadsheet take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A header and its rows."""
    return csv_lines(chain([columns], rows))


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows alone; a text that would be a formula gets an apostrophe before it."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in rows)
    return written.getvalue()


def _plain(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell

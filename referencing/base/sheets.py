"""Tables as spreadsheets read them: CSV of RFC 4180, in which no cell becomes a formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain

_SIGNS = r"[=+\-@＝＋－＠]"
_BEGINS = rf"[\s\"]*{_SIGNS}"
#: Where a text, or the part of it that a spreadsheet which splits at semicolons takes for a cell, begins as a formula.
FORMULA = re.compile(rf"(?:^|(?<=[;\t\r\n]))(?={_BEGINS})|^(?=[\t\r])")
#: A backslash that stands there; where a tab comes before the formula, another one stands behind the tab.
ESCAPED_FORMULA = re.compile(rf"(?:^|(?<=[;\t\r\n]))\\(?=[\s\"\\]*{_SIGNS})|^\\(?=[\t\r])")

Cell = str | int | float | None


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A header and its rows."""
    return csv_lines(chain([columns], rows))


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows alone, every cell in quotes; what would be a formula gets an apostrophe before it."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return written.getvalue()


def _plain(cell: Cell) -> Cell:
    return FORMULA.sub("'", cell) if isinstance(cell, str) else cell

"""Opens a CSV file that a person made in a spreadsheet. What delimiters and encodings there are is known here only.

It is in UTF-8, in UTF-16 with its mark, or in Windows-1252, as a French spreadsheet saves "CSV"; `,`, `;` or tabs stand
between the cells.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import IO

from referencing.base.workdays import of_the_programme

from .problems import ForeignTable
from .text import clean_text, heading_key, quoted

__all__ = ["ForeignTable", "NumberedRow", "day_of", "read_table", "rows_of", "table_of", "text_of"]

#: A row's number as a spreadsheet shows it, and its cells.
NumberedRow = tuple[int, list[str]]

MIB = 1 << 20
MAX_FILE = 5 * MIB
MAX_ROWS = 50_000
HEADING_ROWS = 30  # that may hold a title, a date, `sep=;` before the headings

_DELIMITERS = (",", ";", "\t")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_TO_UTF8 = "Enregistrez-le au format « CSV UTF-8 »."


def read_table(
    file: IO[bytes], columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table, in order: the row's number as a spreadsheet shows it, and its text by column.

    `columns` are the headings asked for, and `optional` those that may miss, which the rows then do not have. Case,
    accents and spaces in the file's own do not count, nor do their order, the columns beside them, or a title above.
    Cells are cleaned, those missing at the end of a row are empty; blank rows and headings that are repeated are
    passed over. ForeignTable at once when the file cannot be read so, or on reaching a row that cannot.
    """
    content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ForeignTable(f"Le fichier dépasse {MAX_FILE // MIB} Mio.")
    return table_of(_numbered(enumerate(rows_of(text_of(content), columns), 1)), columns, optional)


def table_of(
    numbered: Iterator[NumberedRow], columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the headings, which are among the first ones, as `read_table` answers them."""
    first = list(islice(numbered, HEADING_ROWS))
    keys = {heading_key(column) for column in (*columns, *optional)}
    at = max(
        range(len(first)), key=lambda place: len(keys & set(map(heading_key, first[place][1]))), default=0
    )
    headings = first[at][1] if first else []
    return _rows(chain(first[at + 1 :], numbered), _places(headings, columns, optional), len(headings))


def text_of(content: bytes) -> str:
    """The text of a CSV file, whatever spreadsheet saved it. Raises ForeignTable."""
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise ForeignTable(f"Le fichier est un classeur et non un CSV. {_TO_UTF8}")
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if marked or _is_mostly_utf8(content):
            raise ForeignTable(f"Le fichier n'est pas en UTF-8 d'un bout à l'autre. {_TO_UTF8}") from error
        text = _from_windows(content)
    if "\0" in text:
        raise ForeignTable(f"Le fichier n'est pas un texte. {_TO_UTF8}")
    if not text.strip():
        raise ForeignTable("Le fichier est vide.")
    return text


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether letters beyond ASCII are rather those of UTF-8: read otherwise, they would become others unseen."""
    letters = sum(letter > "\x7f" for letter in content.decode("utf-8", "ignore"))
    return letters > content.decode("utf-8", "replace").count("\ufffd")


def _from_windows(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ForeignTable(f"Le fichier n'est ni en UTF-8 ni en Windows-1252. {_TO_UTF8}") from error


def rows_of(text: str, columns: Sequence[str]) -> Iterator[list[str]]:
    """Every row with its cells as they are; `columns` are the headings by which the delimiter is known. csv.Error."""
    lines = [line for line in text.splitlines() if line.strip()][:HEADING_ROWS]
    delimiter = max(
        _DELIMITERS, key=lambda one: max((_named(line, one, columns) for line in lines), default=0)
    )
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def day_of(cell: str) -> date | None:
    """The day that a cell names, as `AAAA-MM-JJ` or as a French spreadsheet turns it, `JJ/MM/AAAA`.

    None for what names none, or whose year is a slip of the hand.
    """
    for layout in _DAYS:
        try:
            day = datetime.strptime(cell, layout).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if of_the_programme(day) else None
    return None


def _named(line: str, delimiter: str, columns: Sequence[str]) -> int:
    seen = {heading_key(cell.strip('"')) for cell in line.strip().split(delimiter)}
    return sum(heading_key(column) in seen for column in columns)


def _numbered(rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    """The rows that are not blank, under the numbers that they have with the blank ones."""
    number = 0
    try:
        for number, row in rows:
            if number > MAX_ROWS:
                raise ForeignTable(f"Le fichier dépasse {MAX_ROWS} lignes.")
            if any(cell.strip() for cell in row):
                yield number, row
    except csv.Error as error:
        raise ForeignTable(
            f"La ligne {number + 1} ne se laisse pas lire : un guillemet n'est pas fermé, ou une cellule est "
            "démesurée."
        ) from error


def _places(headings: Sequence[str], columns: Sequence[str], optional: Sequence[str]) -> dict[str, int]:
    keys = [heading_key(heading) for heading in headings]
    for fault, faulty in (
        ("n'a pas", [column for column in columns if heading_key(column) not in keys]),
        (
            "a plusieurs fois",
            [column for column in (*columns, *optional) if keys.count(heading_key(column)) > 1],
        ),
    ):
        if faulty:
            raise ForeignTable(
                f"Le fichier {fault} : {', '.join(map(quoted, faulty))}. L'une de ses premières lignes doit "
                f"porter, une fois chacune, les colonnes {', '.join(columns)}, séparées par « , » ou « ; »."
            )
    present = [*columns, *(column for column in optional if heading_key(column) in keys)]
    return {column: keys.index(heading_key(column)) for column in present}


def _rows(
    rows: Iterator[NumberedRow], places: dict[str, int], width: int
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in rows:
        if all(
            at < len(row) and heading_key(row[at]) == heading_key(column) for column, at in places.items()
        ):
            continue
        # A cell too many is a separator inside a cell without quotes: every cell after it is in the wrong
        # column, and nothing in the row can be trusted.
        if any(cell.strip() for cell in row[width:]):
            raise ForeignTable(
                f"La ligne {number} a {len(row)} cellules pour {width} colonnes : mettre entre guillemets "
                "celles qui contiennent le séparateur."
            )
        yield number, {column: clean_text(row[at]) if at < len(row) else "" for column, at in places.items()}

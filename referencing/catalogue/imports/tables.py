"""Opens a CSV file that a person made in a spreadsheet: UTF-8, headings, `,` or `;` between the cells."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO

from .problems import ForeignTable
from .text import clean_text, heading_key, quoted

__all__ = ["ForeignTable", "read_table"]

MIB = 1 << 20
MAX_FILE = 5 * MIB
MAX_ROWS = 50_000

_DELIMITERS = (",", ";", "\t")
_TO_UTF8 = "L'enregistrer au format « CSV UTF-8 »."


def read_table(file: IO[bytes], columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table, in order: the row's number as a spreadsheet shows it, and its text by column.

    `columns` are the headings asked for; case, accents and spaces in the file's own do not count, nor do
    their order or the columns beside them. Cells are cleaned, those missing at the end of a row are empty,
    blank rows are passed over. ForeignTable at once when the file cannot be read so, or on reaching a row
    that cannot.
    """
    text = _text(file)
    heading_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda delimiter: _named(heading_line, delimiter, columns))
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)
    numbered = _numbered(rows)
    _, headings = next(numbered, (0, []))
    places = _places(headings, columns)
    return _rows(numbered, places, len(headings))


def _text(file: IO[bytes]) -> str:
    content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ForeignTable(f"Le fichier dépasse {MAX_FILE // MIB} Mio.")
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise ForeignTable(f"Le fichier est un classeur et non un CSV. {_TO_UTF8}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ForeignTable(f"Le fichier n'est pas en UTF-8. {_TO_UTF8}") from error
    if "\0" in text:
        raise ForeignTable(f"Le fichier n'est pas un texte. {_TO_UTF8}")
    if not text.strip():
        raise ForeignTable("Le fichier est vide.")
    return text


def _named(line: str, delimiter: str, columns: Sequence[str]) -> int:
    seen = {heading_key(cell.strip('"')) for cell in line.split(delimiter)}
    return sum(heading_key(column) in seen for column in columns)


def _numbered(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
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


def _places(headings: Sequence[str], columns: Sequence[str]) -> dict[str, int]:
    keys = [heading_key(heading) for heading in headings]
    for fault, faulty in (
        ("n'a pas", [column for column in columns if heading_key(column) not in keys]),
        ("a plusieurs fois", [column for column in columns if keys.count(heading_key(column)) > 1]),
    ):
        if faulty:
            raise ForeignTable(
                f"Le fichier {fault} : {', '.join(map(quoted, faulty))}. Sa première ligne doit porter, une "
                f"fois chacune, les colonnes {', '.join(columns)}, séparées par « , » ou « ; »."
            )
    return {column: keys.index(heading_key(column)) for column in columns}


def _rows(
    rows: Iterator[tuple[int, list[str]]], places: dict[str, int], width: int
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in rows:
        # A cell too many is a separator inside a cell without quotes: every cell after it is in the wrong
        # column, and nothing in the row can be trusted.
        if any(cell.strip() for cell in row[width:]):
            raise ForeignTable(
                f"La ligne {number} a {len(row)} cellules pour {width} colonnes : mettre entre guillemets "
                "celles qui contiennent le séparateur."
            )
        yield number, {column: clean_text(row[at]) if at < len(row) else "" for column, at in places.items()}

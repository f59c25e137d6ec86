"""The filled cells of one sheet of a workbook, merged ranges and totals understood. Reads only a checked package."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from xml.etree.ElementTree import Element

from openpyxl.packaging.relationship import get_dependents
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml.functions import fromstring

from .package import Package
from .problems import ForeignWorkbook
from .text import heading_key, quoted

MAX_COLUMNS = 100
_SHEET_ROWS = 1 << 20  # the format's own bound: a row numbered beyond it is no row

_UNREADABLE = (
    "Le classeur ne se laisse pas lire. Ouvrez-le dans un tableur, enregistrez-le de nouveau au format .xlsx et "
    "recommencez."
)


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is None for a formula without a stored value; `data_type` is a letter of openpyxl's."""

    value: object
    data_type: str
    formula: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are those with a filled cell, by number and then by column, both from 1.

    `totals` are the rows in which a table adds itself up.
    """

    rows: Mapping[int, Mapping[int, Cell]]
    totals: frozenset[int]


def plain(value: object) -> str:
    """The value of a cell as people read it."""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescape(value) if isinstance(value, str) else str(value)


def read_sheet(file: IO[bytes], title: str) -> Sheet:
    """The sheet of that title, however it is typed, of a file that `check_package` let pass; the file stays open.

    ForeignWorkbook when there is no such sheet, or it is not what a spreadsheet writes.
    """
    try:
        return _open_sheet(file, title)
    except ForeignWorkbook:
        raise
    except Exception as error:  # a part that is not what openpyxl expects can raise anything
        raise ForeignWorkbook(_UNREADABLE) from error


def _open_sheet(file: IO[bytes], title: str) -> Sheet:
    reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
    with Package(file) as package:
        reader.archive = package
        reader.read_manifest()
        reader.read_strings()
        reader.read_workbook()
        apply_stylesheet(package, reader.wb)
        path = _path(reader, title)
        with package.open(path) as part:
            parser = _Parser(part, reader)
            rows = dict(sorted(_filled_rows(parser)))
        if parser.merged_cells:
            _spread(rows, parser.merged_cells.mergeCell)
        return Sheet(rows, frozenset(_totals(package, path)))


def _path(reader: ExcelReader, title: str) -> str:
    sheets = [(sheet.name, relation) for sheet, relation in reader.parser.find_sheets()]
    for name, relation in sheets:
        if heading_key(name) == heading_key(title) and "chartsheet" not in relation.Type:
            return str(relation.target)
    seen = ", ".join(quoted(name, 31) for name, _ in sheets[:10]) or "aucune"
    raise ForeignWorkbook(f"Le classeur n'a pas de feuille « {title} ». Feuilles vues : {seen}.")


class _Parser(WorkSheetParser):
    """Reads the values that formulas were last computed to, and says which cells have a formula."""

    def __init__(self, part: IO[bytes], reader: ExcelReader) -> None:
        book: Any = reader.wb  # its styles tell a date from a number, and have no public name
        super().__init__(
            part,
            reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )

    def parse_cell(self, element: Element) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        formula = element.find(FORMULA_TAG) is not None
        if formula and cell["value"] is None and element.get("t") == "str":
            cell["value"] = ""  # what it was computed to: a text without letters
        return {**cell, "formula": formula}


def _filled_rows(parser: _Parser) -> Iterator[tuple[int, dict[int, Cell]]]:
    for number, cells in parser.parse():
        filled = {
            cell["column"]: Cell(cell["value"], cell["data_type"], cell["formula"])
            for cell in cells
            if (cell["value"] is not None or cell["formula"]) and cell["column"] <= MAX_COLUMNS
        }
        if filled and number <= _SHEET_ROWS:
            yield number, filled


def _spread(rows: dict[int, dict[int, Cell]], merged: Iterable[CellRange]) -> None:
    """Give the value of a merged range's first cell to each of its rows that has something beside it."""
    numbers = sorted(rows)
    reached: dict[int, int] = {}
    for span in sorted(merged, key=lambda one: (one.min_col, one.min_row)):
        column, top = span.min_col, span.min_row
        if top <= reached.get(column, 0):
            continue  # no spreadsheet lets two ranges overlap, and a file of many would be slow
        reached[column] = span.max_row
        if first := rows.get(top, {}).get(column):
            for number in numbers[bisect_right(numbers, top) : bisect_right(numbers, span.max_row)]:
                rows[number][column] = first


def _totals(package: Package, path: str) -> Iterator[int]:
    """The number of the last row of each table that ends with its totals."""
    folder, _, name = path.rpartition("/")
    try:
        relations = get_dependents(package, f"{folder}/_rels/{name}.rels")
    except KeyError:  # no relations, no tables
        return
    for target in {relation.target for relation in relations if relation.Type.endswith("/table")}:
        table = fromstring(package.read(target))
        if int(table.get("totalsRowCount", "0")):
            yield CellRange(table.attrib["ref"]).max_row

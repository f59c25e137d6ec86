"""A table of people's, whether they send it as a CSV file or as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO

from .sheet import Cell, plain, read_sheet
from .tables import NumberedRow, read_table, table_of
from .xlsx_guard import check_package

_ZIP = b"PK"


def read_spreadsheet(
    file: IO[bytes], title: str, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file, or of the sheet `title` of a workbook, as `read_table` answers them.

    Raises ForeignTable, ForeignWorkbook.
    """
    beginning = file.read(len(_ZIP))
    file.seek(0)
    if beginning != _ZIP:
        return read_table(file, columns, optional)
    check_package(file)
    sheet = read_sheet(file, title)
    rows = {number: cells for number, cells in sheet.rows.items() if number not in sheet.totals}
    return table_of(_numbered(rows), columns, optional)


def _numbered(rows: Mapping[int, Mapping[int, Cell]]) -> Iterator[NumberedRow]:
    width = max((max(cells) for cells in rows.values()), default=0)
    for number, cells in rows.items():
        yield number, [_text(cells.get(column)) for column in range(1, width + 1)]


def _text(cell: Cell | None) -> str:
    """The text of a cell; a day as tables write it, and nothing for an error."""
    if cell is None or cell.value is None or cell.data_type == "e":
        return ""
    return cell.value.date().isoformat() if isinstance(cell.value, datetime) else plain(cell.value)

"""The demonstration referential: three requirement lists, their links and a rulebook.

Written for this project, it has the shape of the programme's referentials and none of their text: nothing
here is the law in force.
"""

import csv
import io
import json
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Literal, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Font
from openpyxl.xml.functions import tostring


class DsrTitle(NamedTuple):
    """What the catalogue asks for to create a DSR, under the catalogue's own names."""

    dispositif: str
    vague: int
    couloir: str
    title: str


DSRS = {
    "LGC-V1": DsrTitle("LGC", 1, "médecine de ville", "Démonstration : gestion de cabinet, vague 1"),
    "LGC-V2": DsrTitle("LGC", 2, "médecine de ville", "Démonstration : gestion de cabinet, vague 2"),
    "DPI-V2": DsrTitle("DPI", 2, "hôpital", "Démonstration : dossier patient informatisé, vague 2"),
}

_SHEET = "Exigences"
_ORDER = "Ordre"
_PROPERTIES = "docProps/core.xml"
# The day on which the lists were written stands for the clock: the same list always gives the same bytes,
# and a file imported twice is recognised by its hash.
_WRITTEN = datetime(2026, 1, 5, tzinfo=UTC)


#: The DSR of which a next version is in preparation.
DRAFTED = "LGC-V1"


def workbook(dsr: str) -> bytes:
    """The requirement list of `dsr` as an .xlsx in the Convergence export layout; KeyError for another."""
    return _workbook(DSRS[dsr].title, *_rows(dsr))


def next_workbook() -> bytes:
    """The next version of the list that is in preparation: words that change, a requirement less and one more."""
    headings, rows = _rows(DRAFTED)
    draft = json.loads(_read("projet.json"))
    code = headings.index("ID")
    kept = [row for row in rows if row[code] not in draft["removed"]]
    for change in draft["changed"]:
        place = headings.index(change["column"])
        for row in kept:
            if row[code] == change["requirement"]:
                row[place] = row[place].replace(change["from"], change["to"])
    added = [[row.get(heading, "") for heading in headings] for row in draft["added"]]
    return _workbook(DSRS[DRAFTED].title, headings, [*kept, *added])


def _rows(dsr: str) -> tuple[list[str], list[list[str]]]:
    headings, *rows = csv.reader(io.StringIO(_read(f"{dsr}.csv").decode(), newline=""))
    return headings, rows


def _workbook(title: str, headings: list[str], rows: list[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _SHEET
    sheet.append(headings)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    order = headings.index(_ORDER)
    for row in rows:
        sheet.append([int(cell) if at == order else cell or None for at, cell in enumerate(row)])
    saved = io.BytesIO()
    book.save(saved)
    return _without_clock(saved.getvalue(), title)


def table(name: Literal["socles", "correspondances"]) -> bytes:
    """The CSV that links the lists: which requirements share a socle, what vague 2 took over from vague 1."""
    return _read(f"{name}.csv")


def rulebook() -> dict[str, Any]:
    """The rulebook to post: policies and certificate kinds; the correspondences are in the CSV."""
    rules: dict[str, Any] = json.loads(_read("rulebook.json"))
    return rules


def _read(name: str) -> bytes:
    return resources.files(__package__).joinpath("rem", name).read_bytes()


def _without_clock(xlsx: bytes, title: str) -> bytes:
    """A workbook without the time of saving, which openpyxl writes in two places."""
    properties = DocumentProperties(title=title, creator="Démonstration", created=_WRITTEN, modified=_WRITTEN)
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(xlsx)) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            content = tostring(properties.to_tree()) if name == _PROPERTIES else source.read(name)
            entry = ZipInfo(name, date_time=_WRITTEN.timetuple()[:6])
            target.writestr(entry, content, ZIP_DEFLATED)
    return packed.getvalue()

"""Builds the workbooks that the tests read: honest ones, damaged ones, hostile ones. Finds the real ones."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile
from zlib import crc32

import pytest
from openpyxl import Workbook

from referencing.catalogue.imports.workbook import RemWorkbook, read_workbook
from tests.conftest import SHARED

HEADINGS = (
    "Périmètre", "ID", "Chapitre", "Fonction", "Exigence", "Commentaire", "Profil", "N° scénario",
    "Scénario de conformité", "N° preuve", "Preuve", "Profil historique", "Criticité", "Ordre",
)  # fmt: skip

REM = SHARED / "data" / "rem"
CASES = SHARED / "equivalence" / "cases"
needs_real_lists = pytest.mark.skipif(not REM.is_dir(), reason="the real requirement lists are not here")
needs_real_cases = pytest.mark.skipif(
    not (REM.is_dir() and CASES.is_dir()), reason="the real lists and the cases made of them are not here"
)

Row = Mapping[str, object]

MANIFEST = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="worksheets/sheet1.xml"/></Relationships>"""
SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATED = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
SHEETS = f"""<?xml version="1.0"?><workbook {SPREADSHEET} {RELATED}>
<sheets><sheet name="Exigences" sheetId="1" r:id="r1"/></sheets></workbook>"""


def row(code: object = "INS.01", proof: object = "INS.01.01.01", **others: object) -> dict[str, object]:
    """A row that has nothing wrong; `others` are cells by heading, spaces written `_`."""
    cells: dict[str, object] = {
        "Périmètre": "Vague 2",
        "ID": code,
        "Chapitre": "Identité du patient",
        "Fonction": "Recherche",
        "Exigence": "Le logiciel DOIT retrouver un patient à partir de son nom.",
        "Profil": "Général",
        "N° scénario": "INS.01.01",
        "Scénario de conformité": "Chercher un patient par son nom.",
        "N° preuve": proof,
        "Preuve": "Une vidéo de la recherche.",
        "Criticité": "Majeure",
    }
    return cells | {heading.replace("_", " "): value for heading, value in others.items()}


def blank(**cells: object) -> dict[str, object]:
    """A row that holds these cells and no others."""
    return {heading.replace("_", " "): value for heading, value in cells.items()}


def workbook(*rows: Row, headings: Sequence[object] = HEADINGS, sheet: str = "Exigences") -> BytesIO:
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for at, heading in enumerate(headings, 1):
        page.cell(1, at).value = heading  # type: ignore[assignment]  # a heading may be any value
    for number, cells in enumerate(rows, 2):
        for at, heading in enumerate(headings, 1):
            page.cell(number, at).value = cells.get(str(heading).strip())  # type: ignore[assignment]  # as above
    file = BytesIO()
    book.save(file)
    return BytesIO(file.getvalue())


def read(*rows: Row, dispositif: str = "LGC") -> RemWorkbook:
    return read_workbook(workbook(*rows), dispositif=dispositif)


def codes(found: RemWorkbook) -> list[tuple[int, str]]:
    """Which problem on which row."""
    return [(problem.row, problem.code) for problem in found.problems]


def inline(reference: str, text: str) -> str:
    """A cell with its text in it, as XML."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_xml(body: str = "", before: str = "") -> str:
    """A sheet whose first row has the headings, as XML; `body` are the rows under it."""
    cells = "".join(inline(f"{chr(ord('A') + at)}1", heading) for at, heading in enumerate(HEADINGS))
    rows = f'<row r="1">{cells}</row>{body}'
    return f'<?xml version="1.0"?><worksheet {SPREADSHEET}>{before}<sheetData>{rows}</sheetData></worksheet>'


def package(sheet: str | bytes | None = None, parts: Mapping[str, str | bytes] | None = None) -> BytesIO:
    """The smallest workbook package around a sheet; `parts` adds to its parts or replaces them."""
    every: dict[str, str | bytes] = {
        "[Content_Types].xml": MANIFEST,
        "xl/workbook.xml": SHEETS,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": sheet_xml() if sheet is None else sheet,
    } | dict(parts or {})
    return archive(every)


def archive(parts: Mapping[str, str | bytes]) -> BytesIO:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return BytesIO(file.getvalue())


def with_false_size(file: BytesIO, name: str, content: bytes, size: int) -> BytesIO:
    """The archive with its directory saying that `name` holds only the first `size` bytes of `content`."""
    raw = bytearray(file.getvalue())
    entry = (
        raw.rindex(name.encode()) - 46
    )  # the directory comes last, its entries 46 bytes before their names
    assert raw[entry : entry + 4] == b"PK\x01\x02"
    raw[entry + 16 : entry + 20] = crc32(content[:size]).to_bytes(4, "little")
    raw[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return BytesIO(bytes(raw))


@cache
def real_list(name: str) -> RemWorkbook:
    """The real list of a DSR: `LGC-V1`."""
    dispositif, vague = name.split("-V")
    with (REM / f"REM-{dispositif}-Va{vague}.xlsx").open("rb") as file:
        return read_workbook(file, dispositif=dispositif)


@cache
def real_requirements() -> dict[str, list[dict[str, Any]]]:
    """The requirements of the equivalence cases that were made of the real lists, by DSR."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for file in sorted(CASES.glob("real-*.json")):
        for requirement in json.loads(file.read_text("utf-8"))["requirements"]:
            found.setdefault(requirement["dsr"], {})[requirement["code"]] = requirement
    return {dsr: list(requirements.values()) for dsr, requirements in found.items()}

"""Requirement lists as people and report generators write them: the same list is read, and what it took is told."""

from collections.abc import Iterable
from io import BytesIO
from itertools import groupby
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table

from referencing.catalogue.imports.workbook import ForeignWorkbook, RemWorkbook, read_workbook
from tests.catalogue.workbooks import (
    HEADINGS,
    MANIFEST,
    REM,
    archive,
    blank,
    codes,
    inline,
    needs_real_lists,
    package,
    read,
    real_list,
    row,
    sheet_xml,
    workbook,
)
from tests.conftest import SHARED

INPUTS = SHARED / "inputs"
LIST = (row(), row("INS.01", "INS.01.01.02"), row("INS.01", "INS.01.02.01"), row("INS.02", "INS.02.01.01"))
PROOFS = [("INS.01", ["01.01", "01.02", "02.01"]), ("INS.02", ["01.01"])]
AGENCY = (
    "ID", "Chapitre", "Fonction", "Exigence", "Profil", "N° scénario", "Scénario de conformité", "N° preuve", "Preuve",
    "Commentaire", "Statut publication",
)  # fmt: skip
SHEET = "xl/worksheets/sheet1.xml"


def proofs(found: RemWorkbook) -> list[tuple[str, list[str]]]:
    return [(one.code, [proof.suffix for proof in one.proofs]) for one in found.requirements]


def reopened(file: BytesIO) -> Workbook:
    return load_workbook(file)


def saved(book: Workbook) -> RemWorkbook:
    file = BytesIO()
    book.save(file)
    return read_workbook(BytesIO(file.getvalue()), dispositif="LGC")


def lines(*cells: Iterable[object]) -> RemWorkbook:
    """What is read of a sheet that has these cells, from its first row on."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Exigences"
    for number, values in enumerate(cells, 1):
        for at, value in enumerate(values, 1):
            page.cell(number, at).value = value  # type: ignore[assignment]  # a cell may hold any value
    return saved(book)


def values(number: int = 0) -> list[object]:
    return [LIST[number].get(heading) for heading in HEADINGS]


# --- merged cells -------------------------------------------------------------------------------------------


def test_a_merged_range_has_the_value_of_its_first_cell_in_each_of_its_rows() -> None:
    book = reopened(workbook(*LIST))
    page = book["Exigences"]
    for column in "ABCDEFG":
        page.merge_cells(f"{column}2:{column}4")
    page.merge_cells("H2:H3")
    found = saved(book)
    assert proofs(found) == PROOFS
    assert found.requirements[0].proofs[1].scenario_number == "INS.01.01"
    assert found.problems == ()


def test_a_range_merged_into_rows_that_have_nothing_of_their_own_adds_no_row() -> None:
    book = reopened(workbook(row()))
    for column in "BE":
        book["Exigences"].merge_cells(f"{column}2:{column}9")
    assert saved(book).rows == 1


def test_headings_merged_over_two_rows_are_found_at_the_second() -> None:
    above = [*HEADINGS]
    above[7:11] = ["Preuves", None, None, None]  # type: ignore[list-item]  # what a merged range leaves empty
    below = [None] * 7 + [*HEADINGS[7:11]] + [None] * 3
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Exigences"
    for line in (above, below, values()):
        page.append(line)
    page.merge_cells("H1:K1")
    for column in "ABCDEFGLMN":
        page.merge_cells(f"{column}1:{column}2")
    found = saved(book)
    assert proofs(found) == [("INS.01", ["01.01"])]
    assert codes(found) == [(2, "headings_below")]


def test_ranges_that_overlap_by_the_thousand_are_read_in_no_time() -> None:
    rows = "".join(
        f'<row r="{n}">{inline(f"B{n}", f"INS.{n}")}{inline(f"E{n}", "x")}</row>' for n in range(2, 4002)
    )
    spans = "".join(f'<mergeCell ref="B{n}:B4001"/>' for n in range(2, 4002))
    sheet = sheet_xml(rows).replace("</worksheet>", f"<mergeCells>{spans}</mergeCells></worksheet>")
    assert len(read_workbook(package(sheet), dispositif="LGC").requirements) == 1


@needs_real_lists
@pytest.mark.parametrize("dsr", ["LGC-V1", "LGC-V2", "DPI-V2", "DB-V2"])
def test_a_real_list_whose_requirements_are_merged_cells_loses_no_proof(dsr: str) -> None:
    dispositif, vague = dsr.split("-V")
    book = load_workbook(REM / f"REM-{dispositif}-Va{vague}.xlsx")
    page = book["Exigences"]
    rows = [(page.cell(number, 2).value, number) for number in range(2, page.max_row + 1)]
    for code, same in groupby(rows, key=lambda one: one[0]):
        numbers = [number for _, number in same]
        if code and len(numbers) > 1:
            for column in "ABCDEFG":
                page.merge_cells(f"{column}{numbers[0]}:{column}{numbers[-1]}")
    assert proofs(saved(book)) == proofs(real_list(dsr))


# --- headings -----------------------------------------------------------------------------------------------


def test_the_headings_are_found_below_a_title_and_the_report_says_where() -> None:
    found = lines(["Référentiel d'essai, version 1.2"], [], HEADINGS, values())
    assert proofs(found) == [("INS.01", ["01.01"])]
    assert codes(found) == [(3, "headings_below")]
    assert "à la ligne 3" in found.problems[0].detail


def test_a_sheet_without_the_headings_is_refused_by_the_row_that_comes_nearest() -> None:
    file = workbook(*LIST, headings=[heading for heading in HEADINGS if heading not in {"ID", "Preuve"}])
    with pytest.raises(ForeignWorkbook, match="n'a pas : « ID », « Preuve »"):
        read_workbook(file, dispositif="LGC")


def test_headings_repeated_in_the_list_are_no_requirement() -> None:
    found = lines(HEADINGS, values(), HEADINGS, values(3))
    assert (found.rows, proofs(found)) == (2, [("INS.01", ["01.01"]), ("INS.02", ["01.01"])])
    assert codes(found) == [(3, "headings_repeated")]


@pytest.mark.parametrize("sign", ["º", "°", "o", "˚", "\u00a0°"])
def test_a_number_sign_is_read_however_it_is_typed(sign: str) -> None:
    found = lines([heading.replace("°", sign) for heading in HEADINGS], values())
    assert proofs(found) == [("INS.01", ["01.01"])]


def test_the_layout_of_the_agency_is_read_and_what_it_lacks_is_told_once() -> None:
    found = read_workbook(workbook(*LIST, headings=AGENCY), dispositif="LGC")
    assert proofs(found) == PROOFS
    assert codes(found) == [(1, "columns_missing")]
    assert "« Périmètre », « Profil historique », « Criticité », « Ordre »" in found.problems[0].detail


# --- rows that describe no requirement ----------------------------------------------------------------------


def test_the_total_of_a_table_is_no_requirement() -> None:
    book = reopened(workbook(*LIST, blank(ID="Total", Ordre="=SUBTOTAL(103,[Ordre])")))
    book["Exigences"].add_table(Table(displayName="Liste", ref="A1:N6", totalsRowCount=1))
    found = saved(book)
    assert (found.rows, proofs(found)) == (4, PROOFS)
    assert codes(found) == [(6, "table_total")]


@pytest.mark.parametrize(
    "remark",
    [
        "* Exigence applicable aux seuls établissements",
        "Exigences applicables depuis 2024",
        "(1) voir la page 12",
        "Total",
        "Remarques",
    ],
)
def test_a_remark_in_the_place_of_a_code_is_a_problem_and_no_requirement(remark: str) -> None:
    found = read(*LIST, {}, blank(ID=remark))
    assert proofs(found) == PROOFS
    assert codes(found) == [(7, "code_invalid")]
    assert remark[:20].rstrip() in found.problems[0].detail


# --- what spreadsheets write by themselves ------------------------------------------------------------------


@pytest.mark.parametrize(
    "styled",
    [
        '<row r="{}" ht="12.8" customHeight="1"/>',
        '<row r="{}" ht="12.8"></row>',
        '<row r="{0}" s="1"><c r="B{0}" s="1"/></row>',
    ],
    ids=["height", "empty", "styled cell"],
)
def test_a_million_blank_rows_cost_nothing(styled: str) -> None:
    first = f'<row r="2">{inline("B2", "INS.01")}{inline("E2", "Chercher")}</row>'
    last = f'<row r="9000">{inline("B9000", "INS.02")}{inline("E9000", "Trouver")}</row>'
    below = "".join(map(styled.format, range(9001, 1_048_577)))
    found = read_workbook(package(sheet_xml(first + last + below)), dispositif="LGC")
    assert [(one.code, one.row) for one in found.requirements] == [("INS.01", 2), ("INS.02", 9000)]


def test_parts_are_found_in_other_capitals_than_their_references() -> None:
    strings = MANIFEST.replace(
        "</Types>",
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sharedStrings+xml"/></Types>',
    )
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    row_of_strings = sheet_xml(f'<row r="2"><c r="B2" t="s"><v>0</v></c>{inline("E2", "Chercher")}</row>')
    file = archive(
        {
            "[content_types].xml": strings,
            "xl/Workbook.xml": _part(package(), "xl/workbook.xml"),
            "xl/_rels/Workbook.xml.rels": _part(package(), "xl/_rels/workbook.xml.rels"),
            "xl/worksheets/Sheet1.xml": row_of_strings,
            "xl/SharedStrings.xml": f"<sst {namespace}><si><t>INS.01</t></si></sst>",
        }
    )
    assert [one.code for one in read_workbook(file, dispositif="LGC").requirements] == ["INS.01"]


def test_two_parts_whose_names_differ_in_capitals_only_are_refused() -> None:
    with pytest.raises(ForeignWorkbook, match="incomplet ou abîmé"):
        read_workbook(package(parts={SHEET.upper(): sheet_xml()}), dispositif="LGC")


def _part(file: BytesIO, name: str) -> bytes:
    return ZipFile(file).read(name)


def test_a_formula_is_read_by_the_value_that_is_stored_with_it() -> None:
    number = '<c r="J2" t="str"><f>H2&amp;".01"</f><v>INS.01.01.01</v></c>'
    cells = inline("B2", "INS.01") + inline("E2", "Chercher") + number + inline("K2", "Une vidéo")
    found = read_workbook(package(sheet_xml(f'<row r="2">{cells}</row>')), dispositif="LGC")
    assert proofs(found) == [("INS.01", ["01.01"])]
    assert (2, "cell_formula_value") in codes(found)
    assert any(
        "« N° preuve » porte une formule : la valeur « INS.01.01.01 »" in one.detail for one in found.problems
    )


def test_a_formula_that_came_to_an_empty_text_is_an_empty_cell() -> None:
    empty = '<c r="F2" t="str"><f>IF(TRUE,"","x")</f><v></v></c>'
    cells = inline("B2", "INS.01") + inline("E2", "Chercher") + empty
    found = read_workbook(package(sheet_xml(f'<row r="2">{cells}</row>')), dispositif="LGC")
    assert not [code for _, code in codes(found) if code.startswith("cell_")]


def test_a_formula_that_came_to_an_error_is_an_error() -> None:
    wrong = '<c r="F2" t="e"><f>A1/0</f><v>#DIV/0!</v></c>'
    cells = inline("B2", "INS.01") + inline("E2", "Chercher") + wrong
    found = read_workbook(package(sheet_xml(f'<row r="2">{cells}</row>')), dispositif="LGC")
    assert (2, "cell_error") in codes(found)


# --- files that were found to fail ---------------------------------------------------------------------------


@pytest.mark.skipif(not INPUTS.is_dir(), reason="the files that failed are not here")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("merged-cells", set()),
        ("title-above", {(3, "headings_below")}),
        ("part-name-Sheet1", set()),
        ("part-name-SharedStrings", set()),
        ("table-total-row", {(6, "table_total")}),
        ("footnote", {(7, "code_invalid")}),
        ("blank-styled-rows", set()),
        ("export-11-columns", {(1, "columns_missing")}),
        ("formula-with-value", {(number, "cell_formula_value") for number in (2, 3, 4, 5)}),
    ],
)
def test_a_file_that_failed_is_read(name: str, told: set[tuple[int, str]]) -> None:
    with (INPUTS / f"{name}.xlsx").open("rb") as file:
        found = read_workbook(file, dispositif="TQY")
    assert (len(found.requirements), found.proofs) == (2, 4)
    assert set(codes(found)) == told

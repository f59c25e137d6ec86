"""What is no workbook, or a harmful one, is refused before it costs anything, with a sentence that helps."""

import tracemalloc
from contextlib import suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from zipfile import ZIP_LZMA, ZipFile

import openpyxl
import pytest
from defusedxml import EntitiesForbidden
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.xml.functions import fromstring

from referencing.catalogue.imports.workbook import ForeignWorkbook, read_workbook
from tests.catalogue.workbooks import (
    HEADINGS,
    MANIFEST,
    RELATED,
    SPREADSHEET,
    archive,
    inline,
    package,
    sheet_xml,
    with_false_size,
    workbook,
)
from tests.catalogue.workbooks import row as filled

MIB = 1 << 20
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def refusal(file: BytesIO) -> str:
    with pytest.raises(ForeignWorkbook) as caught:
        read_workbook(file, dispositif="LGC")
    return caught.value.detail


def rows_read(file: BytesIO) -> int:
    return read_workbook(file, dispositif="LGC").rows


# --- something else -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "vide"),
        ("Périmètre;ID;Chapitre\n".encode(), "n'est pas un classeur .xlsx"),
        (b"%PDF-1.7\n", "n'est pas un classeur .xlsx"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "ancien classeur .xls"),
        (b"PK\x03\x04", "incomplet ou abîmé"),
        (archive({"mimetype": "", "content.xml": "<x/>"}).getvalue(), ".ods"),
        (archive({"[Content_Types].xml": MANIFEST, "xl/workbook.bin": b"\x83"}).getvalue(), ".xlsb"),
        (archive({"[Content_Types].xml": MANIFEST, "word/document.xml": "<x/>"}).getvalue(), "archive"),
        (archive({}).getvalue(), "archive"),
    ],
    ids=["empty", "csv", "pdf", "xls", "stub", "ods", "xlsb", "docx", "empty archive"],
)
def test_what_is_no_xlsx_workbook_is_named_for_what_it_is(content: bytes, sentence: str) -> None:
    assert sentence in refusal(BytesIO(content))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_incomplete(share: float) -> None:
    whole = workbook(filled()).getvalue()
    assert "incomplet ou abîmé" in refusal(BytesIO(whole[: int(len(whole) * share)]))


def test_a_workbook_with_a_changed_byte_in_a_part_is_damaged() -> None:
    raw = bytearray(workbook(filled()).getvalue())
    raw[raw.index(b"xl/worksheets/sheet1.xml") + 60] ^= 0xFF
    assert "incomplet ou abîmé" in refusal(BytesIO(bytes(raw)))


def test_an_encrypted_part_is_refused() -> None:
    raw = bytearray(package().getvalue())
    entry = raw.rindex(b"xl/workbook.xml") - 46
    raw[entry + 8] |= 1
    assert "chiffré" in refusal(BytesIO(bytes(raw)))


def test_a_method_whose_inflation_cannot_be_bounded_is_refused() -> None:
    file = package()
    with ZipFile(file, "a") as opened:
        opened.writestr("xl/more.xml", "<x/>", ZIP_LZMA)
    assert "incomplet ou abîmé" in refusal(file)


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns of what this test needs
def test_two_parts_of_one_name_are_refused() -> None:
    file = package()
    with ZipFile(file, "a") as opened:
        opened.writestr("xl/worksheets/sheet1.xml", sheet_xml())
    assert "incomplet ou abîmé" in refusal(file)


@pytest.mark.parametrize(
    "sheet",
    ["", "no markup", "<worksheet", sheet_xml('<row r="2"><c r="B2" t="s"><v>7</v></c></row>')],
    ids=["empty", "no XML", "unfinished", "a text that is not there"],
)
def test_a_package_that_holds_no_sheet_worth_the_name_is_unreadable(sheet: str) -> None:
    assert "ne se laisse pas lire" in refusal(package(sheet))


# --- too much -----------------------------------------------------------------------------------------------


def test_a_file_over_the_bound_is_not_opened() -> None:
    assert "plus de 10 Mio" in refusal(BytesIO(b"PK" + bytes(10 * MIB)))


def test_too_many_parts_are_refused() -> None:
    assert "501 parties" in refusal(package(parts={f"xl/media/{n}": b"" for n in range(497)}))


def test_a_bomb_that_declares_its_size_is_refused() -> None:
    assert "une fois décompressé" in refusal(package(parts={"xl/media/a": bytes(65 * MIB)}))


def test_a_bomb_that_lies_about_its_size_is_refused_without_being_inflated_whole() -> None:
    content = bytes(65 * MIB)
    file = with_false_size(package(parts={"xl/media/a": content}), "xl/media/a", content, 100)
    del content

    tracemalloc.start()
    detail = refusal(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "une fois décompressé" in detail
    assert peak < 8 * MIB


def test_a_small_lie_about_a_size_is_refused_too() -> None:
    content = sheet_xml().encode()
    file = with_false_size(package(content), "xl/worksheets/sheet1.xml", content, 100)
    assert "incomplet ou abîmé" in refusal(file)


def test_an_absurd_compression_ratio_is_refused() -> None:
    assert "taux de compression" in refusal(package(parts={"xl/media/a": bytes(2 * MIB)}))


def test_more_elements_than_a_parser_should_keep_are_refused() -> None:
    # Hidden in a part whose name says that it is a picture.
    assert "trop de cellules" in refusal(
        package(parts={"xl/media/a.png": "<x>" + "<c/>" * 1_000_000 + "</x>"})
    )


def test_attributes_count_like_elements() -> None:
    some = "".join(f' a{n}=""' for n in range(1000))
    assert "trop de cellules" in refusal(package(parts={"xl/a.xml": "<x>" + f"<c{some}/>" * 1000 + "</x>"}))


def test_more_sheets_than_anybody_makes_are_refused() -> None:
    sheets = '<sheet name="Exigences" sheetId="1" r:id="r1"/>' * 201
    crowded = f"<workbook {SPREADSHEET} {RELATED}><sheets>{sheets}</sheets></workbook>"
    assert "trop de feuilles" in refusal(package(parts={"xl/workbook.xml": crowded}))


def test_a_tag_that_does_not_end_is_refused() -> None:
    # Random enough not to be refused for its ratio.
    endless = '<x a="' + "".join(f"{n * 7919 % 1_000_003:06x}" for n in range(400_000)) + '"/>'
    assert "incomplet ou abîmé" in refusal(package(parts={"xl/a.xml": endless}))


# --- entities -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16be"])
@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "xl/media/picture.png"])
def test_a_part_that_declares_entities_is_refused(name: str, encoding: str) -> None:
    part = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>{DOCTYPE}<x>&b;</x>'
    assert "DOCTYPE" in refusal(package(parts={name: part.encode(encoding)}))


def test_the_parser_behind_the_guard_refuses_entities_by_itself() -> None:
    assert openpyxl.DEFUSEDXML
    with pytest.raises(EntitiesForbidden):
        fromstring(f"{DOCTYPE}<x>&b;</x>")


# --- sheets larger than they are ----------------------------------------------------------------------------


def test_a_sheet_that_claims_every_row_and_column_is_read_for_what_it_has() -> None:
    claimed = sheet_xml(f'<row r="2">{inline("B2", "INS.01")}</row>', '<dimension ref="A1:XFD1048576"/>')
    assert rows_read(package(claimed)) == 1


def test_a_cell_in_the_last_row_is_refused() -> None:
    last = f'<row r="1048576">{inline("B1048576", "INS.01")}</row>'
    assert "au-delà de la ligne 10000" in refusal(package(sheet_xml(last)))


def test_the_rows_may_go_up_to_the_bound() -> None:
    last = f'<row r="10000">{inline("B10000", "INS.01")}</row>'
    assert rows_read(package(sheet_xml(last))) == 1


def test_a_formatted_cell_far_below_is_no_row() -> None:
    assert rows_read(package(sheet_xml('<row r="20000"><c r="B20000"/></row>'))) == 0


def test_a_row_numbered_beyond_the_format_costs_nothing() -> None:
    beyond = f'<row r="99999999999">{inline("B2", "INS.01")}</row>'
    assert rows_read(package(sheet_xml(beyond))) == 0


def test_a_cell_in_the_last_column_is_ignored() -> None:
    wide = f'<row r="2">{inline("B2", "INS.01")}{inline("XFD2", "ailleurs")}</row>'
    assert rows_read(package(sheet_xml(wide))) == 1


# --- manners ------------------------------------------------------------------------------------------------


def test_what_openpyxl_warns_of_stays_inside() -> None:
    # An extension that openpyxl does not know; warnings are errors in these tests.
    extension = '<extLst><ext uri="{00000000-0000-0000-0000-000000000000}"/></extLst>'
    assert rows_read(package(sheet_xml().replace("</worksheet>", extension + "</worksheet>"))) == 0


def test_a_spooled_upload_is_read_and_stays_open() -> None:
    with SpooledTemporaryFile(max_size=100) as file:
        file.write(workbook(filled()).getvalue())
        assert read_workbook(file, dispositif="LGC").rows == 1
        assert not file.closed


WHOLE = workbook(filled(), filled("INS.02", "INS.02.01.01"), headings=HEADINGS).getvalue()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(WHOLE)
    for at, value in changes:
        raw[at] = value
    with suppress(ForeignWorkbook):
        read_workbook(BytesIO(bytes(raw)), dispositif="LGC")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(sheet_xml()) - 1), st.text(max_size=5))
def test_a_sheet_of_bad_xml_is_read_or_refused_and_nothing_else(at: int, text: str) -> None:
    sheet = sheet_xml(f'<row r="2">{inline("B2", "INS.01")}</row>')
    with suppress(ForeignWorkbook):
        read_workbook(package((sheet[:at] + text + sheet[at:]).encode()), dispositif="LGC")

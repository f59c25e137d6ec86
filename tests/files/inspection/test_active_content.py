"""What acts by itself in a document is told to whoever reads it; what is a program by its kind is refused."""

import io
from collections.abc import Callable

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.archives.report import Entry
from referencing.files.inspection.budget import Budget
from referencing.files.inspection.content import Content
from referencing.files.inspection.personal_data import Search, search
from referencing.files.inspection.supplied_file import Inspection, inspect
from tests.files.inspection.samples import ooxml, pdf, zipped

PROGRAM = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0\x64\x86" + bytes(200)
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def inspected(content: bytes, name: str = "a.pdf", kind: ProofKind = ProofKind.DOCUMENT) -> Inspection:
    return inspect(io.BytesIO(content), name, None, kind)


def written(change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(10, 10)
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def action(kind: str) -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("cmd.exe")}
    )


def on_a_page(writer: PdfWriter) -> None:
    """Behind a harmless action, as a click on a page would do it."""
    first = action("/Named")
    first[NameObject("/Next")] = writer._add_object(action("/JavaScript"))  # noqa: SLF001 - no public way
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): first})


def on_opening(writer: PdfWriter, kind: str = "/Launch") -> None:
    writer.root_object[NameObject("/OpenAction")] = action(kind)


def by_reference(writer: PdfWriter) -> None:
    """Its kind is an object of its own, beside one whose kind is no name."""
    launch = action("/Launch")
    launch[NameObject("/S")] = writer._add_object(NameObject("/Launch"))  # noqa: SLF001 - no public way
    writer.root_object[NameObject("/OpenAction")] = launch
    writer.root_object[NameObject("/X")] = DictionaryObject({NameObject("/S"): ArrayObject()})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (by_reference, "une action qui lance un programme"),
        (lambda writer: on_opening(writer, "/JavaScript"), "du JavaScript"),
        (on_a_page, "du JavaScript"),
        (on_opening, "une action qui lance un programme"),
        (lambda writer: writer.add_attachment("a.txt", PROGRAM), "un programme, « a.txt »"),
        (lambda writer: writer.add_attachment("Facture.pdf.exe", b"x"), "un programme, « Facture.pdf.exe »"),
    ],
)
def test_a_pdf_that_acts_is_remarked_upon(change: Callable[[PdfWriter], object], told: str) -> None:
    seen = inspected(written(change))
    assert seen.refusals == ()
    assert any(told in problem for problem in seen.problems), seen.problems


def test_it_is_found_within_an_archive_too() -> None:
    content = zipped({"a.pdf": written(on_opening)})
    assert any("lance un programme" in one for one in inspected(content, "a.zip").problems)


def test_a_pdf_that_does_nothing_is_taken_without_a_word() -> None:
    assert inspected(pdf("Bonjour")).problems == ()
    attached = written(lambda writer: writer.add_attachment("a.csv", b"a;b"))
    assert not any("programme" in one for one in inspected(attached).problems)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("word/embeddings/oleObject1.bin", "un objet d'un autre logiciel"),
        ("word/activeX/activeX1.xml", "un objet d'un autre logiciel"),
        ("word/embeddings/a.exe", "un programme"),
    ],
)
def test_objects_of_office_documents_are_remarked_upon(part: str, told: str) -> None:
    content = PROGRAM if part.endswith("exe") else b"<x/>"
    assert any(told in one for one in inspected(ooxml("word", {part: content}), "a.docx").problems)
    benign = ooxml("word", {"word/embeddings/a.xlsx": ooxml("xl")})
    assert not any("objet" in one for one in inspected(benign, "a.docx").problems)


def test_files_of_an_archive_are_not_taken_for_parts_of_a_document() -> None:
    beside = zipped({"a/embeddings/x.bin": b"\0\1\2" * 100, "outil.exe": PROGRAM})
    assert not any("bureautique" in one for one in inspected(beside, "a.zip", ProofKind.OTHER).problems)
    within = zipped({"a.docx": ooxml("word", {"word/embeddings/a.exe": PROGRAM})})
    assert any("un programme" in one for one in inspected(within, "a.zip", ProofKind.OTHER).problems)


def test_objects_of_rtf_and_of_old_documents_are_remarked_upon() -> None:
    rtf = b"{\\rtf1 {\\object\\objemb{\\*\\objdata 0105}}}"
    assert any("un objet" in one for one in inspected(rtf, "a.rtf").problems)
    old = OLE + "\x01Ole10Native".encode("utf-16-le") + bytes(100)
    assert any("un objet" in one for one in search(io.BytesIO(old), "application/msword").notes)
    within = Search(Budget())
    within.member(Entry("a.doc", "application/msword", encrypted=False), Content([old]))
    assert any("un objet" in one for one in within.report().notes)


def test_macros_of_old_documents_are_refused() -> None:
    macros = OLE + bytes(300_000) + "_VBA_PROJECT".encode("utf-16-le") + bytes(100)
    assert "document à macros" in inspected(macros, "a.doc", ProofKind.OTHER).refusals[0]
    archive = zipped({"a.doc": macros})
    assert "documents à macros" in inspected(archive, "a.zip", ProofKind.OTHER).refusals[0]
    assert not inspected(OLE, "a.doc", ProofKind.OTHER).refusals

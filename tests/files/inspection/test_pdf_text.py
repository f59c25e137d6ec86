"""The text of a PDF, whoever made it, within bounds."""

import io
import os
from pathlib import Path

import pytest
from pypdf import PdfWriter

from referencing.files.inspection.budget import Exhausted
from referencing.files.inspection.identifiers.pdf_text import PdfText, Reading, read_pdf
from tests.files.inspection.samples import pdf


def read(content: bytes, seconds: float = 20) -> tuple[PdfText, dict[int, str]]:
    pages: dict[int, str] = {}
    told = read_pdf(io.BytesIO(content), seconds, lambda number, text: pages.update({number: text}))
    return told, pages


def test_each_page_is_given_with_its_number() -> None:
    told, pages = read(pdf("Bonjour", "", "Au revoir"))
    assert told == PdfText(Reading.WHOLE, blank=1)
    assert (pages[1].strip(), pages[2].strip(), pages[3].strip()) == ("Bonjour", "", "Au revoir")


def test_the_file_on_disk_is_read_and_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("Bonjour"))
    with path.open("rb") as file:
        file.seek(100)
        assert read_pdf(file, 20, lambda *_: None).reading is Reading.WHOLE
        assert file.seek(0) == 0


def test_what_is_said_of_the_document_is_given_too() -> None:
    writer = PdfWriter()
    writer.add_blank_page(10, 10)
    writer.add_metadata({"/Title": "Dossier de X"})
    file = io.BytesIO()
    writer.write(file)
    _, pages = read(file.getvalue())
    assert "Dossier de X" in pages[0]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_password_closes_it(algorithm: str) -> None:
    told, pages = read(pdf("Bonjour", password="secret", algorithm=algorithm))
    assert (told.reading, pages) == (Reading.PROTECTED, {})


def test_attachments_are_counted() -> None:
    writer = PdfWriter()
    writer.add_blank_page(10, 10)
    writer.add_attachment("a.txt", b"x")
    file = io.BytesIO()
    writer.write(file)
    assert read(file.getvalue())[0].attachments == 1


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + os.urandom(5000), pdf("Bonjour")[:-200]])
def test_a_broken_one_is_told(content: bytes) -> None:
    assert read(content)[0].reading in {Reading.BROKEN, Reading.WHOLE}


def test_what_takes_too_long_is_stopped() -> None:
    assert read(pdf("Bonjour"), seconds=0.01)[0].reading is Reading.CUT


def test_a_file_that_takes_too_long_to_be_brought_is_not_read() -> None:
    with pytest.raises(Exhausted):
        read(pdf("Bonjour"), seconds=0)

"""The sample files are what their names say, the same each time, and do not pass for real ones."""

import json
import re
import struct
import zlib
from datetime import datetime

import pytest

from demonstration.samples.files import NOTICE, sample_file

KINDS = ("demonstration", "log", "document", "certificate", "pentest", "test_report", "other")
TITLE = "LGC-V2:INS/va1.01#01.01 : vidéo de l'appel (téléservice \\ œuvre)"


def png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG, each with its checksum verified."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length) == (zlib.crc32(name + body),)
        chunks.append((name, body))
        at += 12 + length
    return chunks


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("title", [TITLE, "", "…" * 300, "mot " * 700, "ligne\nligne"])
def test_a_sample_is_small_and_always_the_same(kind: str, title: str) -> None:
    name, content = sample_file(kind, title)
    assert (name, content) == sample_file(kind, title)
    assert 0 < len(content) <= 20_000
    assert re.fullmatch(r"[a-z0-9_-]+\.(png|txt|pdf|json)", name)


@pytest.mark.parametrize("kind", KINDS)
def test_another_title_is_another_file(kind: str) -> None:
    assert sample_file(kind, "Première preuve")[1] != sample_file(kind, "Seconde preuve")[1]


def test_the_screenshot_is_an_image_that_decodes() -> None:
    name, content = sample_file("demonstration", TITLE)
    chunks = png_chunks(content)
    assert name.endswith(".png")
    assert [name for name, _ in chunks] == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, colours, *_ = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, colours) == (8, 3)
    points = zlib.decompress(chunks[2][1])
    assert len(points) == height * (width + 1)
    assert max(points) < len(chunks[1][1]) // 3


@pytest.mark.parametrize("kind", ["document", "certificate", "pentest", "other"])
def test_a_document_is_a_pdf_whose_table_points_at_its_objects(kind: str) -> None:
    name, content = sample_file(kind, TITLE)
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-1.4\n")
    assert content.endswith(b"%%EOF\n")
    (start,) = re.findall(rb"startxref\n(\d+)\n", content)
    table = content[int(start) :]
    assert table.startswith(b"xref\n0 ")
    offsets = [int(offset) for offset in re.findall(rb"(\d{10}) 00000 n ", table)]
    assert offsets
    for number, offset in enumerate(offsets, 1):
        assert content[offset:].startswith(b"%d 0 obj\n" % number)
    length, stream = re.findall(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", content, re.DOTALL)[0]
    assert int(length) == len(stream)
    assert rb"(t" + "éléservice".encode("cp1252") in stream  # its parenthesis is escaped
    assert "Fichier de démonstration".encode("cp1252") in stream


def test_the_log_is_text_with_times_in_order() -> None:
    name, content = sample_file("log", TITLE)
    lines = content.decode().splitlines()
    assert name.endswith(".txt")
    assert lines[:2] == [f"# {NOTICE}", f"# {TITLE}"]
    times = [datetime.fromisoformat(line.split()[0]) for line in lines[2:]]
    assert len(times) > 1
    assert times == sorted(times)


def test_the_test_report_is_json_that_says_what_it_is() -> None:
    name, content = sample_file("test_report", TITLE)
    report = json.loads(content)
    assert name.endswith(".json")
    assert report["demonstration"] is True
    assert (report["title"], report["notice"]) == (TITLE, NOTICE)


def test_an_unknown_kind_has_no_sample() -> None:
    with pytest.raises(KeyError):
        sample_file("parchment", TITLE)

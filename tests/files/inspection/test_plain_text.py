"""Texts of any length and encoding, in pieces: what a boundary cuts in two is found, once, on its line."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.files.inspection.identifiers.plain_text import MARGIN, decoded, search_text, windows
from referencing.files.inspection.identifiers.tally import Tally
from tests.files.inspection.numbers import bodies, grouped, with_key

NUMBER = with_key("1840588321025")


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def places(pieces: Iterable[bytes], place: str = "") -> list[tuple[str, int]]:
    tally = Tally()
    search_text(pieces, tally, place)
    return [(finding.where, finding.count) for finding in tally.findings()]


@settings(deadline=None)  # a machine may be busy
@given(st.data(), bodies, st.integers(0, 3 * MARGIN), st.integers(0, 3 * MARGIN), st.integers(1, 400))
def test_a_boundary_hides_nothing(data: st.DataObject, body: str, before: int, after: int, size: int) -> None:
    text = "a" * before + data.draw(grouped(with_key(body))) + "z" * after
    assert places(in_pieces(text.encode(), size)) == [("ligne 1", 1)]


@settings(deadline=None)  # a machine may be busy
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.integers(1, 300))
def test_each_occurrence_counts_once(gaps: list[int], size: int) -> None:
    text = "".join("x" * gap + "\n" + NUMBER + " " for gap in gaps)
    assert places(in_pieces(text.encode(), size)) == [("ligne 2", len(gaps))]


@settings(deadline=None)  # a machine may be busy
@given(st.text(alphabet="ab\n", max_size=2000), st.integers(1, 500))
def test_windows_cover_the_text_once(text: str, size: int) -> None:
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    covered = [(window.text[window.start : window.end], window.line) for window in windows(parts)]
    assert "".join(part for part, _ in covered) == text
    read = ""
    for part, line in covered:
        assert line == 1 + read.count("\n")
        read += part


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_places_are_lines_whatever_ends_them(line_break: str, size: int) -> None:
    text = line_break.join(["un", "deux", f"trois {NUMBER}", "quatre"])
    assert places(in_pieces(text.encode(), size), "journal.log, ") == [("journal.log, ligne 3", 1)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-32", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("size", [1, 64, 10_000])
def test_every_encoding_is_read(encoding: str, size: int) -> None:
    written = f"1 84 05 88 321 025 {NUMBER[13:]}".replace(" ", "\u00a0")
    text = f"Numéro de sécurité sociale de l'assuré\u00a0:\n{written}\n"
    assert places(in_pieces(text.encode(encoding), size)) == [("ligne 2", 1)]


def test_no_byte_is_an_error() -> None:
    assert "".join(decoded([bytes(range(256))]))
    assert places([b"\xff\xfe\xfd" + NUMBER.encode() + b"\xc3"]) == []  # UTF-16 of something else
    assert places([b"\xc3\x28" + NUMBER.encode() + b"\xc3"]) == [("ligne 1", 1)]


def test_an_empty_text_holds_nothing() -> None:
    assert places([]) == []

"""Blank rows are taken out of a part wherever its pieces are cut, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from referencing.catalogue.imports.package import CHUNK, without_blank_rows

ROWS = st.sampled_from(
    [
        b'<row r="2" ht="12.8"/>',
        b'<row r="3" ht="12.8"></row>',
        b'<x:row r="4" s="1"><x:c r="A4" s="1"/></x:row>',
        b'<row r="5"><c r="A5" s="1"/><c r="B5"><v>1</v></c></row>',
        b"<row><c><v>2</v></c></row>",
        b"<row/>",
        b'<rowBreaks count="1"/>',
        b"a row of text",
    ]
)
KEPT = {
    b'<row r="5"><c r="A5" s="1"/><c r="B5"><v>1</v></c></row>': b'<row r="5"><c r="B5"><v>1</v></c></row>'
}
BLANK = (b'<row r="2"', b'<row r="3"', b"<x:row")


@given(st.lists(ROWS, max_size=12), st.integers(1, 40))
def test_blank_rows_are_left_out_however_the_part_is_cut(rows: list[bytes], size: int) -> None:
    part = b"".join(rows)
    pieces = [part[at : at + size] for at in range(0, len(part), size)]
    filled = [KEPT.get(row, row) for row in rows if not row.startswith(BLANK)]
    assert b"".join(without_blank_rows(pieces)) == b"".join(filled)


def test_a_row_longer_than_what_is_held_back_comes_through() -> None:
    part = b'<row r="1">' + b"<c><v>1</v></c>" * CHUNK + b"</row>"
    pieces = [part[at : at + CHUNK] for at in range(0, len(part), CHUNK)]
    assert b"".join(without_blank_rows(pieces)) == part

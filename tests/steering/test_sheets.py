"""Tables that a spreadsheet reads as they are meant."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.base.sheets import csv_of


def test_a_header_and_rows_with_crlf_and_quotes() -> None:
    assert csv_of(["Nom", "Traitées"], [["Durand, Anne", 3], ['dit "le"', None]]) == (
        '"Nom","Traitées"\r\n"Durand, Anne","3"\r\n"dit ""le""",""\r\n'
    )


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", '=HYPERLINK("x")'])
def test_a_text_is_never_a_formula(text: str) -> None:
    (_, (cell,)) = csv.reader(io.StringIO(csv_of(["x"], [[text]]), newline=""))
    assert cell == f"'{text}"


def test_a_heading_is_never_a_formula() -> None:
    assert csv_of(["=x"], []) == '"\'=x"\r\n'


def test_a_number_stays_a_number() -> None:
    assert csv_of(["x"], [[-2], [1.5]]) == '"x"\r\n"-2"\r\n"1.5"\r\n'


@pytest.mark.parametrize(
    "text", ["Héron;=cmd|'/C calc'!A0", 'a;"=1+1"', "a; =1", "a\t@x", "\t=1", "\r=1", "a\n+1", "＝1+1"]
)
def test_no_part_of_a_text_is_a_formula_where_semicolons_split_cells(text: str) -> None:
    written = csv_of(["x", "y"], [["x", text]])
    for row in csv.reader(io.StringIO(written, newline=""), delimiter=";"):
        assert not any(cell.lstrip('" \t\r\n').startswith(("=", "+", "-", "@", "＝")) for cell in row), row


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), min_size=2, max_size=4))
def test_what_is_written_is_read_again(cells: list[str]) -> None:
    _, read = csv.reader(io.StringIO(csv_of(["x"] * len(cells), [cells]), newline=""))
    assert [one.replace("'", "") for one in read] == [one.replace("'", "") for one in cells]

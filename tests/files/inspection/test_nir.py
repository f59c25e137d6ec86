"""What is a matricule: its structure, its key, and what may stand around it."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.files.inspection.identifiers import nir
from referencing.files.inspection.identifiers.nir import Kind, key, matricules, redacted
from tests.files.inspection.numbers import bodies, grouped, key_by_division, with_key

WORDS = st.text(alphabet="abcdé \n;:,|^<>\"'()=", max_size=30)


def found(text: str) -> list[str]:
    return [one.written for one in matricules(text)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("2551083321025", 97 - 2551083321025 % 97),
        ("1840588321025", 97 - 1840588321025 % 97),
        ("297022A020778", 78),  # as the test service of INSi answers
        ("180032B020401", 23),
        ("2690549588157", 80),  # the specimen of the Vitale card
        ("1090763220834", 89),
    ],
)
def test_the_key_of_published_numbers(body: str, expected: int) -> None:
    assert key(body) == expected


@given(bodies)
def test_the_key_is_what_a_long_division_gives(body: str) -> None:
    assert key(body) == key_by_division(body)


@given(st.data(), bodies, WORDS, WORDS)
def test_it_is_found_wherever_it_stands_and_however_it_is_grouped(
    data: st.DataObject, body: str, before: str, after: str
) -> None:
    written = with_key(body)
    assert found(before + data.draw(grouped(written)) + after) == [written]


@given(st.data(), bodies, st.integers(1, 96), WORDS, WORDS)
def test_it_is_not_found_with_a_wrong_key(
    data: st.DataObject, body: str, shift: int, before: str, after: str
) -> None:
    wrong = f"{body}{(key(body) + shift - 1) % 97 + 1:02d}"
    assert not found(before + data.draw(grouped(wrong)) + after)


@given(bodies, st.text("0123456789", max_size=5), st.text("0123456789", max_size=5))
def test_it_is_not_found_inside_a_longer_number(body: str, before: str, after: str) -> None:
    assert found(before + with_key(body) + after) == ([] if before or after else [with_key(body)])


GAPS = [
    ".",
    "-",
    "?",
    "\ufffd",
    "\u2003",
    "\x1f",
    "\xa0",
    "é",
    "\n",
    "&nbsp;",
    "&#160;",
    "&#xa0;",
    "\\u00A0",
    "\\u202f",
    "\\u00e9",
]
#: What numbers, gaps and what is almost one of these are made of.
CRUMBS = st.one_of(
    st.sampled_from([*GAPS, "S1", "S", "2A", "b", "0", "97", "000", "&", "\udc80", "😀", "²"]),
    st.text("0123456789", min_size=1, max_size=4),
    bodies.map(with_key).flatmap(grouped),
)


@given(st.lists(CRUMBS, max_size=20).map("".join), st.integers(0, 12))
@settings(max_examples=1000)
def test_the_short_way_finds_what_the_plain_expression_does(text: str, start: int) -> None:
    shortened = [(match.written, match.start, match.end) for match in matricules(text, start)]
    with pytest.MonkeyPatch.context() as plainly:
        plainly.setattr(nir, "_looking", lambda text: partial(nir._MATRICULE.search, text))  # noqa: SLF001
        assert shortened == [(match.written, match.start, match.end) for match in matricules(text, start)]


@given(bodies)
def test_the_decimals_of_a_number_are_none(body: str) -> None:
    assert not found(f"0.{with_key(body)}")


@given(bodies, bodies)
def test_one_that_a_false_one_overlaps_is_found(body: str, other: str) -> None:
    # A list of numbers: each of its groups could begin another matricule.
    assert with_key(body) in found(f"1 02 03 {with_key(body)} 4 {with_key(other)}")


@pytest.mark.parametrize(
    "body",
    [
        "5840588321025",  # no such sex
        "1841388321025",  # no such month
        "1844388321025",
        "1840500321025",  # no such department
        "1840588000025",  # no commune
        "1840588321000",  # no rank
        "184052C321025",
    ],
)
def test_another_structure_is_none(body: str) -> None:
    digits = body.replace("C", "0")
    assert not found(f"{body}{97 - int(digits) % 97:02d}")


def test_small_letters_of_corsica_count() -> None:
    assert found("297022a02077878") == ["297022A02077878"]


@pytest.mark.parametrize(
    ("sex", "kind"), [("1", Kind.NIR), ("2", Kind.NIR)] + [(one, Kind.TEMPORARY) for one in "3478"]
)
def test_the_first_digit_says_whether_it_is_temporary(sex: str, kind: Kind) -> None:
    [one] = matricules(with_key(f"{sex}840588321025"))
    assert one.kind is kind


@given(bodies)
def test_only_the_first_digit_and_the_last_two_are_shown(body: str) -> None:
    [one] = matricules(with_key(body))
    assert one.masked == f"{body[0]}************{with_key(body)[13:]}"
    assert body[3:] not in repr(one)


@given(st.data(), bodies, WORDS, WORDS)
def test_a_redacted_text_keeps_all_but_the_number(
    data: st.DataObject, body: str, before: str, after: str
) -> None:
    written = with_key(body)
    shown = redacted(before + data.draw(grouped(written)) + after)
    assert shown == f"{before}{body[0]}************{written[13:]}{after}"


@given(bodies)
def test_the_datamatrix_of_an_identity_marks_it_with_a_digit(body: str) -> None:
    assert found(f"IS010000000000S1{with_key(body)}S21.2.250.1.213.1.4.8S3") == [with_key(body)]

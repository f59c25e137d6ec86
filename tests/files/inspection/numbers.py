"""Matricules for the tests: valid ones of nobody in particular, written in every way that people write them."""

from itertools import pairwise

from hypothesis import strategies as st

SEPARATORS = (" ", ".", "-", "\u00a0", "\u202f", "  ", "&nbsp;", "\\u00a0")


def key_by_division(body: str) -> int:
    """The key, computed as on paper: a long division by 97, Corsica's letters read as 0 less one or two millions."""
    corsica = {"A": 1_000_000, "B": 2_000_000}.get(body[6], 0)
    remainder = 0
    for digit in body.replace("A", "0").replace("B", "0"):
        remainder = (remainder * 10 + int(digit)) % 97
    remainder = (remainder - corsica) % 97
    return 97 - remainder


def with_key(body: str) -> str:
    return f"{body}{key_by_division(body):02d}"


def _digits(first: int, last: int, width: int) -> st.SearchStrategy[str]:
    return st.integers(first, last).map(lambda number: f"{number:0{width}d}")


_months = st.one_of(_digits(1, 12, 2), _digits(20, 42, 2), _digits(50, 99, 2))
_places = st.one_of(
    st.tuples(st.one_of(_digits(1, 19, 2), _digits(21, 96, 2)), _digits(1, 999, 3)).map("".join),
    st.tuples(st.sampled_from(["2A", "2B"]), _digits(21, 999, 3)).map("".join),
    st.tuples(_digits(970, 989, 3), _digits(1, 99, 2)).map("".join),
    st.tuples(st.just("99"), _digits(1, 999, 3)).map("".join),
).filter(lambda place: place not in {"63220", "20020"})

bodies = st.tuples(st.sampled_from("123478"), _digits(0, 99, 2), _months, _places, _digits(1, 999, 3)).map(
    "".join
)
"""Thirteen characters of every structure that is published, none of a commune of test patients."""


@st.composite
def grouped(draw: st.DrawFn, written: str) -> str:
    """Fifteen characters with anything, or nothing, between their groups."""
    department = 8 if written[5:7] in {"97", "98"} and draw(st.booleans()) else 7
    ends = [0, 1, 3, 5, department, 10, 13, 15]
    groups = [written[start:end] for start, end in pairwise(ends)]
    between = st.one_of(st.just(""), st.sampled_from(SEPARATORS))
    return groups[0] + "".join(draw(between) + group for group in groups[1:])

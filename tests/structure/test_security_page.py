"""The page of security answers each requirement once, and what it leans on is there."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
#: Ids of OWASP ASVS 5.0.0, each with its level.
IDS = Path(__file__).with_name("asvs.txt")
HOLDS, DOES_NOT_APPLY, DOES_NOT_HOLD = "holds", "does not apply", "does not hold"
BY_DOCUMENT = "structure/test_security_page.py::test_what_stands_on_documents_has_its_section"


@dataclass(frozen=True)
class Row:
    id: str
    about: str
    answer: str
    why: str

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`([\w/]+\.py::\w+)`", self.why)

    @property
    def reason(self) -> str:
        """What is said beside the tests."""
        return re.sub(r"`[\w/]+\.py::\w+`[,;]? ?", "", self.why).strip()


@cache
def rows() -> list[Row]:
    cells = re.findall(r"^\| (V\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    return [Row(*cell) for cell in cells]


@cache
def functions_of(path: str) -> frozenset[str]:
    file = ROOT / "tests" / path
    tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def sections() -> dict[str, str]:
    """The text below each heading, by its anchor."""
    parts = re.split(r"^#+ (.+)$", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {anchor_of(heading): text for heading, text in zip(parts[::2], parts[1::2], strict=True)}


def test_each_requirement_of_the_two_levels_is_answered_once() -> None:
    levels = dict(line.split() for line in IDS.read_text().splitlines())
    assert Counter(levels.values()) == {"1": 70, "2": 183}
    assert [row.id for row in rows()] == list(levels)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_an_answer_says_by_which_test_or_why_not(row: Row) -> None:
    assert row.answer in {HOLDS, DOES_NOT_APPLY, DOES_NOT_HOLD}
    missing = [
        name for name in row.tests if name.partition("::")[2] not in functions_of(name.partition("::")[0])
    ]
    assert missing == []
    assert row.tests or row.answer != HOLDS
    assert row.answer == HOLDS or len(row.reason) > 4
    assert row.answer != DOES_NOT_HOLD or len(row.reason) > 30


def test_the_counts_are_those_of_the_rows() -> None:
    counts = Counter(row.answer for row in rows())
    said = re.findall(r"\*\*(\d+) (holds?|do not apply|do not hold)\*\*", PAGE.read_text())
    assert {words: int(number) for number, words in said} == {
        "hold": counts[HOLDS],
        "do not apply": counts[DOES_NOT_APPLY],
        "do not hold": counts[DOES_NOT_HOLD],
    }


def test_what_stands_on_documents_has_its_section() -> None:
    standing = [row for row in rows() if BY_DOCUMENT in row.tests]
    assert len(standing) > 5
    below = sections()
    for row in standing:
        anchors = re.findall(r"\]\(#([\w-]+)\)", row.reason)
        pages = re.findall(r"\]\(([\w-]+\.md)\)", row.reason)
        assert anchors or pages, row.id
        assert [anchor for anchor in anchors if len(below.get(anchor, "")) < 300] == [], row.id
        assert [page for page in pages if not (ROOT / "docs" / page).is_file()] == [], row.id


def test_the_modules_that_are_named_are_there() -> None:
    named = set(re.findall(r"`((?:referencing|storage|deploy)/[\w/.-]+)`", PAGE.read_text()))
    assert len(named) > 30
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []

"""Numbers agree with what they count, in all that people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import referencing
from referencing.base.french import agreed, counted

PRODUCT = Path(referencing.__path__[0])
EVASIVE = re.compile(r"[a-zé]{2,}\((?:s|es|x|e|nt|ne)\)")


@pytest.mark.parametrize(("number", "said"), [(0, "0 preuve"), (1, "1 preuve"), (2, "2 preuves")])
def test_nothing_is_singular_in_french(number: int, said: str) -> None:
    assert counted(number, "preuve") == said


def test_the_plural_of_several_words_is_said() -> None:
    assert [agreed(number, "a", "ont") for number in (1, 2)] == ["a", "ont"]
    assert counted(3, "jour ouvré", "jours ouvrés") == "3 jours ouvrés"


def written() -> Iterator[str]:
    """The texts in the product's own sources, with those of its pages."""
    for path in PRODUCT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for path in PRODUCT.rglob("*.html"):
        yield path.read_text()


def test_no_sentence_leaves_a_plural_to_its_reader() -> None:
    assert [text for text in written() if EVASIVE.search(text)] == []

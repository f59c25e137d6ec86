"""How alike two texts are, word for word, and which words differ. Pure.

Case, accents, punctuation and white space do not count: two texts that differ by these alone are the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from referencing.catalogue.imports.text import fold

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, as they are written and as they are compared."""

    written: tuple[str, ...]
    folded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Words of the one text that the other has not in this place, and what it has there; either may be empty."""

    before: str
    after: str


def words_of(text: str) -> Words:
    written = tuple(_WORD.findall(text))
    return Words(written, tuple(map(fold, written)))


def likeness(first: Words, second: Words, least: float = 0) -> float:
    """The share of the words of both that they have in common, in the same order, from 0 to 1.

    Below `least` it answers 0, and sooner. A text without words is like nothing.
    """
    if not first.folded or not second.folded:
        return 0.0
    return Indel.normalized_similarity(first.folded, second.folded, score_cutoff=least or None)


def differences(first: Words, second: Words) -> Iterator[Difference]:
    """The differences in the order of the texts; what stands between two common words is one difference."""
    before: list[str] = []
    after: list[str] = []
    for step in Indel.opcodes(first.folded, second.folded):
        if step.tag == "equal":
            if before or after:
                yield Difference(" ".join(before), " ".join(after))
                before, after = [], []
        else:
            before += first.written[step.src_start : step.src_end]
            after += second.written[step.dest_start : step.dest_end]
    if before or after:
        yield Difference(" ".join(before), " ".join(after))

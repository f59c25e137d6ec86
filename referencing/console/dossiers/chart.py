"""Progress as a picture: a bar of parts, by what is expected of whom; of a dossier, one for each chapter. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from referencing.base.french import counted
from referencing.candidatures.record.queries import TO_SHOW
from referencing.candidatures.record.states import ItemState

#: What the states of items come down to for who looks from afar: the look of a part, its name, of one and of several,
#: and its states.
PARTS: Sequence[tuple[str, str, str, frozenset[str]]] = (
    (
        "good",
        "acquise",
        "acquises",
        frozenset({ItemState.CONFORM, ItemState.COVERED, ItemState.NOT_APPLICABLE}),
    ),
    (
        "now",
        "à examiner",
        "à examiner",
        frozenset({ItemState.SUPPLIED, ItemState.UNDER_REVIEW, ItemState.TO_CONFIRM, ItemState.AWAITING}),
    ),
    ("now", "à montrer en séance", "à montrer en séance", frozenset({TO_SHOW})),
    ("warn", "à fournir", "à fournir", frozenset({ItemState.REQUIRED, ItemState.COMPLEMENT})),
    ("bad", "non conforme", "non conformes", frozenset({ItemState.NONCONFORM})),
)
#: The look of a state, wherever it is shown.
LOOKS = {state: look for look, _, _, states in PARTS for state in states}
#: Units of the picture's width.
WIDTH = 1000


class Part(NamedTuple):
    look: str
    singular: str
    name: str
    number: int
    x: float
    width: float


class Bar(NamedTuple):
    """`parts` are all there, the empty ones included; only those with a count have a width."""

    name: str
    total: int
    parts: Sequence[Part]

    @property
    def said(self) -> str:
        """The bar in words."""
        return ", ".join(counted(part.number, part.singular, part.name) for part in self.parts if part.number)


def bars(chapters: Mapping[str, Mapping[str, int]]) -> list[Bar]:
    """A bar for each chapter, its parts in the order of PARTS."""
    return [_bar(chapter, counts) for chapter, counts in chapters.items()]


def _bar(chapter: str, counts: Mapping[str, int]) -> Bar:
    return bar(
        chapter,
        [
            (look, singular, name, sum(counts.get(state, 0) for state in states))
            for look, singular, name, states in PARTS
        ],
    )


def bar(name: str, counts: Sequence[tuple[str, str, str, int]]) -> Bar:
    """A bar of parts: the look of each, its name of one and of several, and its count."""
    total = sum(count for *_, count in counts)
    parts, x = [], 0.0
    for look, singular, several, count in counts:
        width = WIDTH * count / total if total else 0
        parts.append(Part(look, singular, several, count, round(x, 2), round(width, 2)))
        x += width
    return Bar(name, total, parts)

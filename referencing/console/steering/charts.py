"""Counts as horizontal bars, drawn to the scale of the largest: each bar in parts that have a look and a name. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

#: Units of the picture's width.
WIDTH = 1000
#: The looks of five bands, from what is well to what is not.
FROM_GOOD_TO_BAD = ("good", "calm", "now", "warn", "bad")


class Part(NamedTuple):
    look: str
    name: str
    number: int
    x: float
    width: float


class Bar(NamedTuple):
    """`parts` are all there, the empty ones without a width."""

    name: str
    total: int
    parts: Sequence[Part]

    @property
    def said(self) -> str:
        """The bar in words."""
        counts = ", ".join(f"{part.name} : {part.number}" for part in self.parts if part.number)
        return counts or "rien"


def bars(
    counts: Mapping[str, Sequence[int]], names: Sequence[str], looks: Sequence[str] = FROM_GOOD_TO_BAD
) -> list[Bar]:
    """A bar for each row of counts; the row with the largest sum fills the width."""
    largest = max((sum(row) for row in counts.values()), default=0) or 1
    return [_bar(name, row, names, looks, largest) for name, row in counts.items()]


def _bar(name: str, row: Sequence[int], names: Sequence[str], looks: Sequence[str], largest: int) -> Bar:
    parts, x = [], 0.0
    for part, look, number in zip(names, looks, row, strict=True):
        width = WIDTH * number / largest
        parts.append(Part(look, part, number, round(x, 2), round(width, 2)))
        x += width
    return Bar(name, sum(row), parts)

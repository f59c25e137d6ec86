"""Links drawn as a graph: from left to right, a column for each step, to be shown as SVG. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

#: Units of the picture: a letter's width, a box's height, what lies between boxes and between columns.
LETTER, HEIGHT, GAP, WAY = 9, 36, 16, 130


class Link(NamedTuple):
    """A link from one named thing to another, with its look and the words written on it."""

    source: str
    target: str
    look: str
    words: str


class Box(NamedTuple):
    name: str
    x: int
    y: int
    width: int


class Arrow(NamedTuple):
    """`path` is that of SVG; its words are written around (x, y)."""

    link: Link
    path: str
    x: int
    y: int


class Drawing(NamedTuple):
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    width: int
    height: int


def drawn(links: Sequence[Link]) -> Drawing:
    """Each thing stands after all that leads to it; where links go round, the one that closes the circle goes back."""
    columns = _columns(links)
    width = max((len(name) for name in columns), default=0) * LETTER + 2 * GAP
    rows: defaultdict[int, int] = defaultdict(int)
    boxes = {}
    for name, column in columns.items():
        boxes[name] = Box(name, column * (width + WAY), rows[column] * (HEIGHT + GAP), width)
        rows[column] += 1
    arrows = [_arrow(link, boxes) for link in links]
    right = max((box.x + box.width for box in boxes.values()), default=0)
    bottom = max((box.y + HEIGHT for box in boxes.values()), default=0)
    return Drawing(list(boxes.values()), arrows, right, bottom)


def _columns(links: Iterable[Link]) -> dict[str, int]:
    """The column of each thing, in the order in which the links name them."""
    sources: defaultdict[str, list[str]] = defaultdict(list)
    names = dict.fromkeys(name for link in links for name in (link.source, link.target))
    for link in links:
        sources[link.target].append(link.source)
    columns: dict[str, int] = {}

    def column(name: str, behind: frozenset[str]) -> int:
        if name not in columns:
            onward = behind | {name}
            earlier = [column(source, onward) + 1 for source in sources[name] if source not in onward]
            columns[name] = max(earlier, default=0)
        return columns[name]

    return {name: column(name, frozenset()) for name in names}


def _arrow(link: Link, boxes: Mapping[str, Box]) -> Arrow:
    start, end = boxes[link.source], boxes[link.target]
    x, y = start.x + start.width, start.y + HEIGHT // 2
    to_x, to_y = end.x, end.y + HEIGHT // 2
    middle = (x + to_x) / 2
    path = f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"
    # Nearer to where it starts: what comes from several places to one is told apart there.
    return Arrow(link, path, round(x + 0.35 * (to_x - x)), round(y + 0.28 * (to_y - y)))

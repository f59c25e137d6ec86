"""Two texts side by side, with the words that one has and the other has not. Pure."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

#: Beyond so many words in one of them, the texts are shown without a comparison: it would take seconds.
MOST_WORDS = 3_000
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    text: str
    differs: bool


class Compared(NamedTuple):
    """Each text in pieces, in order; joined, they are the text."""

    before: Sequence[Piece]
    after: Sequence[Piece]

    @property
    def same(self) -> bool:
        return not any(piece.differs for piece in (*self.before, *self.after))


def compare(before: str, after: str) -> Compared:
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if max(len(old), len(new)) > 2 * MOST_WORDS:
        return Compared([Piece(before, differs=False)], [Piece(after, differs=False)])
    matcher = SequenceMatcher(
        None, [word.lower() for word in old], [word.lower() for word in new], autojunk=False
    )
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, *places in matcher.get_opcodes():
        start, stop, from_, to = places
        differs = kind != "equal"
        left.append(Piece("".join(old[start:stop]), differs and "".join(old[start:stop]).strip() != ""))
        right.append(Piece("".join(new[from_:to]), differs and "".join(new[from_:to]).strip() != ""))
    return Compared([one for one in left if one.text], [one for one in right if one.text])

"""The tree of RFC 9162 (section 2.1) over a sequence of leaves: how it grows, its roots and its proofs. Pure.

Its nodes are kept in tiles: a tile holds up to 256 hashes side by side, of leaves on level 0, of full tiles of the
level below on the others. What is in a tile never changes, and any node of any tree of the past is a fold of one.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

HASH = 32
WIDTH, HEIGHT = 256, 8
EMPTY = hashlib.sha256().digest()

#: The hashes of a tile, by its level and its place there. Raises what it likes where there is none.
Tiles = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growth:
    """A tree that leaves are added to, of which the tiles that are not full are in hand, one for each level."""

    def __init__(self, unfinished: Sequence[bytes] = (), size: int = 0) -> None:
        self.unfinished = [bytearray(hashes) for hashes in unfinished] or [bytearray()]
        self.size = size

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Takes in the hash of a leaf; answers the tiles that it fills: level, place, hashes."""
        self.size += 1
        level, node = 0, leaf
        while True:
            if level == len(self.unfinished):
                self.unfinished.append(bytearray())
            tile = self.unfinished[level]
            tile += node
            if len(tile) < WIDTH * HASH:
                return
            yield level, (self.size >> (HEIGHT * (level + 1))) - 1, bytes(tile)
            node = _folded(bytes(tile))
            tile.clear()
            level += 1

    def rest(self) -> Iterator[tuple[int, int, bytes]]:
        """The tiles that are not full, but for empty ones."""
        for level, tile in enumerate(self.unfinished):
            if tile:
                yield level, self.size >> (HEIGHT * (level + 1)), bytes(tile)

    def root(self) -> bytes:
        summits = [
            _folded(bytes(tile[begin * HASH : end * HASH]))
            for tile in reversed(self.unfinished)
            for begin, end in _powers(len(tile) // HASH)
        ]
        if not summits:
            return EMPTY
        root = summits.pop()
        while summits:
            root = node_hash(summits.pop(), root)
        return root


def inclusion(tiles: Tiles, leaf: int, size: int) -> list[bytes]:
    """The path from a leaf, counted from 0, to the root of the tree of `size` leaves, from below (2.1.3)."""
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if leaf < middle:
            path.append(_subtree(tiles, middle, end))
            end = middle
        else:
            path.append(_subtree(tiles, begin, middle))
            begin = middle
    return path[::-1]


def consistency(tiles: Tiles, first: int, second: int) -> list[bytes]:
    """The proof that a tree of `first` leaves, one at the least, is the beginning of that of `second` (2.1.4)."""
    path: list[bytes] = []
    begin, end, is_whole = 0, second, True
    while end != first:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_subtree(tiles, middle, end))
            end = middle
        else:
            path.append(_subtree(tiles, begin, middle))
            begin, is_whole = middle, False
    if not is_whole:
        path.append(_subtree(tiles, begin, end))
    return path[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size`, which is two at the least."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(tiles: Tiles, begin: int, end: int) -> bytes:
    """The root over some leaves; `begin` is a multiple of the smallest power of two that is not below their number."""
    size = end - begin
    if size & (size - 1):
        middle = begin + _split(size)
        return node_hash(_subtree(tiles, begin, middle), _subtree(tiles, middle, end))
    level, height = divmod(size.bit_length() - 1, HEIGHT)
    tile, place = divmod(begin >> (HEIGHT * level), WIDTH)
    return _folded(tiles(level, tile)[place * HASH : (place + (1 << height)) * HASH])


def _folded(hashes: bytes) -> bytes:
    """The root over a power of two of hashes that stand side by side."""
    nodes = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(nodes) > 1:
        nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]


def _powers(count: int) -> Iterator[tuple[int, int]]:
    """The ranges, from the left, into which as many falls by the powers of two that it is made of."""
    begin = 0
    for bit in reversed(range(count.bit_length())):
        if count >> bit & 1:
            yield begin, begin + (1 << bit)
            begin += 1 << bit

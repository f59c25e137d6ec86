"""What whoever holds a proof of the record does with it: the algorithms of RFC 9162, word for word."""

from collections.abc import Sequence

from referencing.bundles.checker import Refused, root_of
from referencing.journal.merkle import node_hash


def is_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path shows that one tree is the beginning of the other (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    steps = [first_root, *path] if first & (first - 1) == 0 else [*path]
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not steps:
        return False
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == first_root and after == second_root


def root_from_inclusion(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads (2.1.3.2), as the script finds it that is handed out; None where it refuses."""
    try:
        return root_of(leaf, place, size, [step.hex() for step in path])
    except Refused:
        return None

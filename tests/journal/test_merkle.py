"""The tree is that of RFC 9162: its roots, its proofs, and that nothing else passes for one."""

from random import Random

import pytest

from referencing.journal.merkle import (
    EMPTY,
    HASH,
    WIDTH,
    Growth,
    consistency,
    inclusion,
    leaf_hash,
    node_hash,
)
from tests.journal.proofs import is_consistent, root_from_inclusion

#: Published with the certificate-transparency reference implementation: inputs, and roots by size.
INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAVES = [leaf_hash(str(number).encode()) for number in range(3_000)]


def defined_root(leaves: list[bytes]) -> bytes:
    """The definition, 2.1.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


class Grown:
    def __init__(self, leaves: list[bytes]) -> None:
        growth = Growth()
        self.kept: dict[tuple[int, int], bytes] = {}
        self.roots = [growth.root()]
        for leaf in leaves:
            self.kept |= {(level, place): hashes for level, place, hashes in growth.add(leaf)}
            self.roots.append(growth.root())
        self.kept |= {(level, place): hashes for level, place, hashes in growth.rest()}

    def tiles(self, level: int, place: int) -> bytes:
        return self.kept[level, place]


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(LEAVES)


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_that_were_published(size: int, root: str) -> None:
    growth = Growth()
    for content in INPUTS[:size]:
        assert not list(growth.add(leaf_hash(bytes.fromhex(content))))
    assert growth.root().hex() == root


@pytest.mark.parametrize("size", [*range(20), 255, 256, 257, 511, 512, 513, 2_047, 2_999, 3_000])
def test_a_root_is_what_the_definition_says(grown: Grown, size: int) -> None:
    assert grown.roots[size] == defined_root(LEAVES[:size])


def test_a_tree_that_is_taken_up_again_grows_alike(grown: Grown) -> None:
    """What a job left is all that the next one needs."""
    growth = Growth()
    for leaf in LEAVES[:700]:
        list(growth.add(leaf))
    again = Growth([hashes for _, _, hashes in growth.rest()], 700)
    for leaf in LEAVES[700:]:
        list(again.add(leaf))
    assert again.root() == grown.roots[-1]


def test_proofs_of_inclusion_hold_for_their_leaf_and_place_alone(grown: Grown) -> None:
    random = Random(9163)
    for _ in range(500):
        size = random.choice([random.randint(2, 20), random.randint(2, 3_000)])
        place = random.randrange(size)
        path, root = inclusion(grown.tiles, place, size), grown.roots[size]
        assert root_from_inclusion(LEAVES[place], place, size, path) == root
        assert root_from_inclusion(LEAVES[place - 1], place, size, path) != root
        assert root_from_inclusion(LEAVES[place], (place + 1) % size, size, path) != root
        assert root_from_inclusion(LEAVES[place], place, size, path[:-1]) != root
        assert root_from_inclusion(LEAVES[place], place, size, [*path, root]) != root


def test_proofs_of_consistency_hold_between_their_two_trees_alone(grown: Grown) -> None:
    random = Random(9162)
    for _ in range(500):
        second = random.choice([random.randint(2, 20), random.randint(2, 3_000)])
        first = random.randint(1, second)
        before, after = grown.roots[first], grown.roots[second]
        path = consistency(grown.tiles, first, second)
        assert is_consistent(first, second, before, after, path)
        assert not is_consistent(first, second, grown.roots[first - 1], after, path)
        assert not is_consistent(first, second, before, grown.roots[second - 1], path)
        assert not is_consistent(first, second, before, after, [*path, before])
        if path:
            assert not is_consistent(first, second, before, after, path[:-1])


def test_a_proof_reads_a_few_tiles_however_long_the_record_is() -> None:
    for size in (1_000, 1_000_000, 1_000_000_000):
        read: set[tuple[int, int]] = set()

        def tile(level: int, place: int, read: set[tuple[int, int]] = read) -> bytes:
            read.add((level, place))
            return bytes(WIDTH * HASH)

        assert len(inclusion(tile, size // 3, size)) <= size.bit_length()
        assert len(consistency(tile, size // 3, size)) <= size.bit_length() + 1
        assert len(read) <= 2 * size.bit_length() // 8 + 4

"""What the relation table lets through is what real sets entail, no more and no less.

A requirement is the set of what it asks, evidence the set of what was shown. `full` says that the evidence
holds the whole set, `partial` that it holds some of it. Sets are bit masks; every answer is the engine's own.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import product

import pytest

from tests.equivalence.engine.minimal import (
    GOAL,
    PAST,
    PAST_PROOF,
    case,
    goal,
    link,
    requirement,
    verification,
)

MIDDLE = "LGC-V1:MIDDLE"
LEFT, RIGHT = "LGC-V1:LEFT", "LGC-V1:RIGHT"
RELATIONS = ("equal", "superset", "subset", "intersects", "none")

#: What may be said of a set, from the least: each says what the one before says, and more.
SAID: list[str | None] = [None, "partial", "full"]


def relation(one: int, other: int) -> str:
    """Of the first set to the second, the sharpest that holds."""
    if one == other:
        return "equal"
    if one & other == other:
        return "superset"
    if one & other == one:
        return "subset"
    return "intersects" if one & other else "none"


def true_of(evidence: int, asked: int) -> str | None:
    """The most that is true of a set when this is shown."""
    if evidence & asked == asked:
        return "full"
    return "partial" if evidence & asked else None


def entailed(situations: Iterable[str | None]) -> str | None:
    """The most that is true in all of them."""
    return min(situations, key=SAID.index)


def subsets(size: int) -> range:
    """The non-empty ones."""
    return range(1, 2**size)


@cache
def chains() -> dict[tuple[str, str], set[str | None]]:
    """How A stands to B and B to C -> what is then true of C when A is shown, over a five-element set."""
    found: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for a, b, c in product(subsets(5), repeat=3):
        found[relation(a, b), relation(b, c)].add(true_of(a, c))
    return found


@cache
def jointly() -> dict[tuple[str, str, str], set[str | None]]:
    """What is true of B1, of B2, and how both together stand to C -> what is then true of C."""
    found: dict[tuple[str, str, str], set[str | None]] = defaultdict(set)
    for evidence, b1, b2, c in product(subsets(4), repeat=4):
        left, right = true_of(evidence, b1), true_of(evidence, b2)
        if left and right:
            found[left, right, relation(b1 | b2, c)].add(true_of(evidence, c))
    return found


@cache
def said_of_chain(first: str, second: str) -> str | None:
    """What the engine says of the goal at the end of two correspondences."""
    links = [link(PAST, MIDDLE, first, "C1"), link(MIDDLE, GOAL, second, "C2")]
    asked = [requirement(code, "01.01") for code in (PAST, MIDDLE, GOAL)]
    strength: str | None = goal(case(asked, links, [verification(PAST_PROOF)]))["strength"]
    return strength


@cache
def said_of_joint_body(left: str, right: str, third: str) -> str | None:
    """What the engine says of the goal of a joint correspondence, by what it has of its two sources."""
    relations = {"full": "equal", "partial": "subset"}
    links = [
        link("LGC-V1:A", LEFT, relations[left], "C1"),
        link("LGC-V1:B", RIGHT, relations[right], "C2"),
        link([LEFT, RIGHT], GOAL, third, "C3"),
    ]
    asked = [requirement(code, "01.01") for code in ("LGC-V1:A", "LGC-V1:B", LEFT, RIGHT, GOAL)]
    facts = [verification("LGC-V1:A#01.01", "F1"), verification("LGC-V1:B#01.01", "F2")]
    strength: str | None = goal(case(asked, links, facts))["strength"]
    return strength


CHAINS = list(product(RELATIONS, RELATIONS))
JOINT = list(product(("full", "partial"), ("full", "partial"), RELATIONS))


@pytest.mark.parametrize("chain", CHAINS, ids=" then ".join)
def test_a_chain_promises_nothing_that_some_sets_belie(chain: tuple[str, str]) -> None:
    assert SAID.index(said_of_chain(*chain)) <= SAID.index(entailed(chains()[chain]))


@pytest.mark.parametrize("chain", CHAINS, ids=" then ".join)
def test_a_chain_promises_all_that_every_set_bears_out(chain: tuple[str, str]) -> None:
    assert SAID.index(said_of_chain(*chain)) >= SAID.index(entailed(chains()[chain]))


@pytest.mark.parametrize("joint", JOINT, ids=" and ".join)
def test_a_joint_body_promises_nothing_that_some_sets_belie(joint: tuple[str, str, str]) -> None:
    assert SAID.index(said_of_joint_body(*joint)) <= SAID.index(entailed(jointly()[joint]))


@pytest.mark.parametrize("joint", JOINT, ids=" and ".join)
def test_a_joint_body_promises_all_that_every_set_bears_out(joint: tuple[str, str, str]) -> None:
    assert SAID.index(said_of_joint_body(*joint)) >= SAID.index(entailed(jointly()[joint]))


@pytest.mark.parametrize(
    "chain", [chain for chain in CHAINS if entailed(chains()[chain]) is None], ids=" then ".join
)
def test_where_nothing_is_promised_some_sets_do_share_nothing(chain: tuple[str, str]) -> None:
    """So that no cell is empty for want of sets to look at."""
    assert None in chains()[chain]

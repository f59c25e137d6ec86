"""Correspondences as links: between DSRs, and along the chain of one requirement. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from referencing.console.drawing import Link
from referencing.equivalence.engine.explanation import RELATIONS
from referencing.equivalence.engine.facts import Correspondence, Relation

#: Correspondences that a chain shows at the most.
MOST = 60
#: How a relation is drawn, and what is written on its arrow.
LOOKS: Mapping[Relation, tuple[str, str]] = {
    relation: ("good" if relation.covers else "warn" if relation.meets else "bad", words.brief)
    for relation, words in RELATIONS.items()
}


class Pair(NamedTuple):
    """Two DSRs, and the number of correspondences from the first to the second."""

    source: str
    target: str
    number: int

    @property
    def link(self) -> Link:
        return Link(self.source, self.target, "now", str(self.number))


class Chain(NamedTuple):
    """The correspondences that lead to a requirement and on from it, and how many more there are."""

    correspondences: Sequence[Correspondence]
    left_out: int


def dsr_of(code: str) -> str:
    return code.partition(":")[0]


def requirement_of(code: str) -> str:
    """The requirement of a code that may name one of its proofs."""
    return code.partition("#")[0]


def pairs(correspondences: Iterable[Correspondence]) -> list[Pair]:
    counts = Counter(
        (source, dsr_of(rule.target))
        for rule in correspondences
        for source in sorted({dsr_of(code) for code in rule.sources})
    )
    return [Pair(*between, number) for between, number in sorted(counts.items())]


def chain(correspondences: Sequence[Correspondence], requirement: str, most: int = MOST) -> Chain:
    """All that leads to a requirement, however far back, and all that it leads to."""
    into, out_of = defaultdict(list), defaultdict(list)
    for rule in correspondences:
        into[requirement_of(rule.target)].append(rule)
        for code in {requirement_of(source) for source in rule.sources}:
            out_of[code].append(rule)
    before = _followed(requirement, into, lambda rule: map(requirement_of, rule.sources))
    after = _followed(requirement, out_of, lambda rule: [requirement_of(rule.target)])
    rules = list({rule.id: rule for rule in (*before, *after)}.values())
    return Chain(rules[:most], max(len(rules) - most, 0))


def _followed(
    start: str,
    rules: Mapping[str, Sequence[Correspondence]],
    onward: Callable[[Correspondence], Iterable[str]],
) -> list[Correspondence]:
    followed: list[Correspondence] = []
    seen, waiting = {start}, [start]
    for code in waiting:
        for rule in rules.get(code, ()):
            followed.append(rule)
            new = [name for name in onward(rule) if name not in seen]
            seen.update(new)
            waiting += new
    return followed


def links(correspondences: Iterable[Correspondence]) -> list[Link]:
    """A link from each requirement that a correspondence names to its target."""
    return list(
        dict.fromkeys(
            Link(requirement_of(source), requirement_of(rule.target), *LOOKS[rule.relation])
            for rule in correspondences
            for source in rule.sources
        )
    )

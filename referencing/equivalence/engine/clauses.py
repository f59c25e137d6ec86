"""Correspondences and socles read as clauses between proofs.

A clause says that its body, all of it, establishes its head to the strength that its relation lets through.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from .facts import Correspondence, ExpectedProof, Relation, Requirement

#: The relations that need a full body to say anything, and those that then make the head full.
NEEDS_FULL_BODY = frozenset(relation for relation in Relation if relation.meets and not relation.within)
KEEPS_FULL = frozenset(relation for relation in Relation if relation.covers)


class Clause(NamedTuple):
    name: str  # the correspondence's id, or `socle:` and the socle's code
    relation: Relation
    head: str
    body: tuple[str, ...]


ProofsOf = Mapping[str, tuple[ExpectedProof, ...]]


def clauses_of(
    requirements: Iterable[Requirement], correspondences: Iterable[Correspondence], day: date
) -> dict[str, tuple[Clause, ...]]:
    """The clauses in force on `day`, by head, each list in one fixed order."""
    listed = list(requirements)
    proofs_of: ProofsOf = {requirement.full_code: requirement.proofs for requirement in listed}
    by_head: dict[str, set[Clause]] = defaultdict(set)
    for correspondence in correspondences:
        if correspondence.relation.meets and correspondence.active(day):
            for clause in _correspondence_clauses(correspondence, proofs_of):
                by_head[clause.head].add(clause)
    for requirement in listed:
        for clause in _socle_clauses(requirement):
            by_head[clause.head].add(clause)
    return {head: tuple(sorted(clauses)) for head, clauses in by_head.items()}


def narrowed(correspondences: Iterable[Correspondence], day: date) -> list[Correspondence]:
    """The correspondences in force on `day`, of which the more precise one speaks for its proof.

    What leads to a proof takes the place, for it, of what leads from the same requirements to its requirement.
    """
    active = [rule for rule in correspondences if rule.active(day)]
    precise: dict[tuple[frozenset[str], str], set[str]] = defaultdict(set)
    for rule in active:
        if "#" in rule.target:
            precise[_between(rule)].add(rule.target)
    return [
        rule if "#" in rule.target else replace(rule, besides=frozenset(precise.get(_between(rule), ())))
        for rule in active
    ]


def _between(rule: Correspondence) -> tuple[frozenset[str], str]:
    """The requirements that a correspondence leads from and to, whichever proofs of them it names."""
    sources = frozenset(source.partition("#")[0] for source in rule.sources)
    return sources, rule.target.partition("#")[0]


def _correspondence_clauses(correspondence: Correspondence, proofs_of: ProofsOf) -> Iterator[Clause]:
    """The clauses of a correspondence; none when a source has no proof, or is unknown: it then shows nothing."""
    sources = sorted(set(correspondence.sources))
    bodies = [_proofs(source, proofs_of) for source in sources]
    if not all(bodies):
        return
    joint = tuple(sorted({code for body in bodies for code in body}))
    for head in _heads(correspondence, proofs_of):
        namesake = f"{sources[0]}#{head.rpartition('#')[2]}"
        body = (namesake,) if len(sources) == 1 and namesake in joint else joint
        yield Clause(correspondence.id, correspondence.relation, head, body)


def _proofs(code: str, proofs_of: ProofsOf) -> tuple[str, ...]:
    """The proofs that a requirement or a proof stands for, none when it is unknown."""
    listed = tuple(proof.code for proof in proofs_of.get(code.partition("#")[0], ()))
    return tuple(proof for proof in listed if proof == code) if "#" in code else listed


def _heads(correspondence: Correspondence, proofs_of: ProofsOf) -> tuple[str, ...]:
    target = correspondence.target
    if "#" in target:
        return (target,)
    return tuple(proof for proof in _proofs(target, proofs_of) if proof not in correspondence.besides)


def _socle_clauses(requirement: Requirement) -> Iterator[Clause]:
    if requirement.socle is None:
        return
    name = f"socle:{requirement.socle}"
    relation = Relation.in_socle(identical=requirement.identical)
    for proof in requirement.proofs:
        shared = f"{requirement.socle}#{proof.suffix}"
        yield Clause(name, relation, shared, (proof.code,))
        yield Clause(name, relation, proof.code, (shared,))

"""What a verified proof shows: correspondences and socles read as clauses between proofs.

A clause says that its body, all of it, establishes its head to the strength that its relation lets through.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from .facts import Correspondence, ExpectedProof, Relation, Requirement

#: Relation -> must the body be full to say anything, and is the head then full?
NEEDS_FULL_BODY = frozenset({Relation.SUPERSET, Relation.INTERSECTS})
KEEPS_FULL = frozenset({Relation.EQUAL, Relation.SUPERSET})


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
    known = list(requirements)
    proofs_of: ProofsOf = {requirement.full_code: requirement.proofs for requirement in known}
    by_head: dict[str, set[Clause]] = defaultdict(set)
    for correspondence in correspondences:
        if correspondence.relation is not Relation.NONE and correspondence.active(day):
            for clause in _of_correspondence(correspondence, proofs_of):
                by_head[clause.head].add(clause)
    for requirement in known:
        for clause in _of_socle(requirement):
            by_head[clause.head].add(clause)
    return {head: tuple(sorted(clauses)) for head, clauses in by_head.items()}


def _of_correspondence(correspondence: Correspondence, proofs_of: ProofsOf) -> Iterator[Clause]:
    joint = tuple(sorted({code for source in correspondence.sources for code in _proofs(source, proofs_of)}))
    if not joint:
        return
    single = correspondence.sources[0] if len(set(correspondence.sources)) == 1 else None
    for head in _proofs(correspondence.target, proofs_of):
        namesake = f"{single}#{head.rpartition('#')[2]}"
        body = (namesake,) if single and namesake in joint else joint
        yield Clause(correspondence.id, correspondence.relation, head, body)


def _proofs(code: str, proofs_of: ProofsOf) -> tuple[str, ...]:
    if "#" in code:
        return (code,)
    return tuple(proof.code for proof in proofs_of.get(code, ()))


def _of_socle(requirement: Requirement) -> Iterator[Clause]:
    if requirement.socle is None:
        return
    name = f"socle:{requirement.socle}"
    relation = Relation.EQUAL if requirement.identical else Relation.INTERSECTS
    for proof in requirement.proofs:
        shared = f"{requirement.socle}#{proof.suffix}"
        yield Clause(name, relation, shared, (proof.code,))
        yield Clause(name, relation, proof.code, (shared,))

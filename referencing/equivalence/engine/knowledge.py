"""Rules and requirement lists on one day, arranged for the questions that the engine asks of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from .clauses import Clause, clauses_of
from .facts import CertificateKind, Correspondence, ExpectedProof, Fact, Policy, Requirement, Verification
from .guards import Glob, Passage, Policies
from .search import Outcome, Uses, outcome

#: The uses of what speaks for the sources of a goal make a pattern, in the order of its sources: none where no fact
#: speaks, else one more than the use, so many bits for each.
USE_BITS = 3
#: Outcomes kept of one goal: a proof has few sources, mostly, and few patterns ever come.
OUTCOMES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Changed:
    """The facts that are not as they were: what speaks for these expected proofs, and certificates of these kinds."""

    proofs: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *proofs: str) -> "Changed":
        """What speaks for these expected proofs."""
        return cls(frozenset(proofs))


class Sources(NamedTuple):
    """The proofs of which a fact could have a part in showing a proof, itself included, and the clauses between.

    Both in one fixed order: whichever thread finds them, the patterns of a goal mean the same.
    """

    proofs: tuple[str, ...]
    clauses: tuple[Clause, ...]


class Goal:
    """An expected proof that may be asked, and what of the rules has a part in showing it, compiled on demand."""

    def __init__(self, knowledge: "Knowledge", proof: ExpectedProof) -> None:
        self.proof = proof
        self.code = proof.code
        self.knowledge = knowledge
        self.outcomes: dict[int, Outcome] = {}
        self._passages: dict[str, Passage] = {}

    @cached_property
    def sources(self) -> Sources:
        return self.knowledge.sources(self.code)

    def passage(self, code: str) -> Passage:
        """The passage from another proof, or from the goal itself, by its code."""
        try:
            return self._passages[code]
        except KeyError:
            passage = self.knowledge.policies.passage(self.knowledge.proofs[code], self.proof)
            return self._passages.setdefault(code, passage)

    def outcome(self, pattern: int, uses: Uses) -> Outcome:
        """The outcome by these uses, which is kept in `outcomes` by their `pattern` (`USE_BITS`)."""
        if len(self.outcomes) >= OUTCOMES_KEPT:
            self.outcomes.clear()
        return self.outcomes.setdefault(pattern, outcome(self.code, self.sources.clauses, uses))


@dataclass(frozen=True)
class Knowledge:
    """The requirement lists and the rules as they stand on one day; independent of any software, so it can be
    kept and used for many targets."""

    day: date
    requirements: tuple[Requirement, ...]
    proofs: Mapping[str, ExpectedProof]
    clauses: Mapping[str, tuple[Clause, ...]]
    heads: Mapping[str, frozenset[str]]  # proof -> the heads of the clauses whose body it stands in
    policies: Policies
    kinds: Mapping[str, CertificateKind]
    _covered: dict[str, tuple[ExpectedProof, ...]] = field(default_factory=dict)
    _goals: dict[str, tuple[tuple[str, Goal], ...]] = field(default_factory=dict)
    _places: dict[str, dict[str, int]] = field(default_factory=dict)
    _sources: dict[str, Sources] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        day: date,
        requirements: Iterable[Requirement],
        correspondences: Iterable[Correspondence],
        kinds: Iterable[CertificateKind],
        policies: Iterable[Policy],
    ) -> "Knowledge":
        listed = tuple(requirements)
        clauses = clauses_of(listed, correspondences, day)
        heads: dict[str, set[str]] = defaultdict(set)
        for head, of_head in clauses.items():
            for clause in of_head:
                for code in clause.body:
                    heads[code].add(head)
        return cls(
            day=day,
            requirements=listed,
            proofs={proof.code: proof for requirement in listed for proof in requirement.proofs},
            clauses=clauses,
            heads={code: frozenset(of_code) for code, of_code in heads.items()},
            policies=Policies(policies),
            kinds={kind.kind: kind for kind in kinds},
        )

    def goals(self, dsr: str) -> tuple[tuple[str, Goal], ...]:
        """The goals of a DSR, in the order of its requirements, each with its profile."""
        if dsr not in self._goals:
            self._goals[dsr] = tuple(
                (requirement.profile, Goal(self, proof))
                for requirement in self.requirements
                if requirement.dsr == dsr
                for proof in requirement.proofs
            )
        return self._goals[dsr]

    def goals_among(self, dsr: str, proofs: Iterable[str]) -> list[tuple[str, Goal]]:
        """The goals of a DSR that are among these proofs, as `goals` tells them."""
        goals = self.goals(dsr)
        if dsr not in self._places:
            self._places[dsr] = {goal.code: place for place, (_, goal) in enumerate(goals)}
        places = self._places[dsr]
        return [goals[place] for place in sorted(places[code] for code in {*proofs} if code in places)]

    def spoken_for(self, fact: Fact) -> tuple[ExpectedProof, ...]:
        """The proofs that a fact establishes by itself."""
        if isinstance(fact, Verification):
            proof = self.proofs.get(fact.proof)
            return (proof,) if proof else ()
        return self.covered(fact.kind)

    def covered(self, kind: str) -> tuple[ExpectedProof, ...]:
        """The proofs that a certificate of this kind establishes; none when nothing is said of the kind."""
        if kind not in self._covered:
            self._covered[kind] = self._covered_by(kind)
        return self._covered[kind]

    def reached(self, codes: Iterable[str]) -> set[str]:
        """The proofs given, and every proof that one of them could have a part in showing."""
        return _spread(codes, lambda code: self.heads.get(code, ()))

    def reached_by(self, changed: Changed) -> set[str]:
        """Every proof of which the answer may be another since: of no other one."""
        covered = [proof.code for kind in changed.kinds for proof in self.covered(kind)]
        return self.reached([*changed.proofs, *covered])

    def reaching(self, codes: Iterable[str]) -> set[str]:
        """The proofs given, and every proof that could have a part in showing one of them: no other fact counts."""
        return _spread(
            codes, lambda code: [source for clause in self.clauses.get(code, ()) for source in clause.body]
        )

    def sources(self, code: str) -> Sources:
        """The sources of a proof; proofs that all show each other have the same, found and kept once."""
        if code not in self._sources:
            proofs = self.reaching([code])
            clauses = sorted(clause for source in proofs for clause in self.clauses.get(source, ()))
            alike = proofs & self.reached([code])
            self._sources.update(dict.fromkeys(alike, Sources(tuple(sorted(proofs)), tuple(clauses))))
        return self._sources[code]

    def differing(self, other: "Knowledge") -> set[str] | None:
        """Every proof of which the answer may be another by other rules to the same lists; None when any may be."""
        if self.policies.ordered != other.policies.ordered:
            return None
        heads = _differing_keys(self.clauses, other.clauses)
        kinds = _differing_keys(self.kinds, other.kinds)
        changed = Changed(frozenset(heads), frozenset(kinds))
        return self.reached_by(changed) | other.reached_by(changed)

    def _covered_by(self, kind: str) -> tuple[ExpectedProof, ...]:
        certificate_kind = self.kinds.get(kind)
        if certificate_kind is None:
            return ()
        selections = [
            {key: Glob((glob,)) for key, glob in cover.items()} for cover in certificate_kind.covers
        ]
        return tuple(
            proof
            for proof in self.proofs.values()
            if any(all(glob((getattr(proof, key),)) for key, glob in globs.items()) for globs in selections)
        )


def _differing_keys(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    """The keys of which the two tell different things, or only one of them tells something."""
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def _spread(codes: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    """The codes with all that can be come to from them, neighbour by neighbour."""
    seen = set(codes)
    waiting = list(seen)
    while waiting:
        for code in neighbours(waiting.pop()):
            if code not in seen:
                seen.add(code)
                waiting.append(code)
    return seen

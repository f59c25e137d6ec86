"""Whether an earlier proof counts: for each expected proof of a target, one status and why.

Pure: knowledge and facts in, a resolution out, no database. The meaning is that of
set relations between what is asked: full is "equal or superset", partial is "subset or intersects".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from .clauses import KEEPS_FULL, NEEDS_FULL_BODY, Clause, clauses_of
from .facts import (
    CertificateKind,
    Correspondence,
    ExpectedProof,
    Fact,
    Policy,
    Requirement,
    Target,
    Verification,
)
from .guards import Glob, Judgement, Policies, Use, belongs, judge

BLOCKED_SHOWN = 3


class Status(StrEnum):
    COVERED = "covered"
    TO_CONFIRM = "to_confirm"
    AWAITING = "awaiting"
    REQUIRED = "required"


class Strength(StrEnum):
    FULL = "full"
    PARTIAL = "partial"


#: The statuses in the order in which they are tried, and the facts that each may stand on.
_TRIED = ((Status.COVERED, Use.AUTO), (Status.TO_CONFIRM, Use.CONFIRM), (Status.AWAITING, Use.WAIT))


class Leaf(NamedTuple):
    proof: str
    fact: str


class Step(NamedTuple):
    proof: str
    clause: str
    relation: str
    sources: tuple["Derivation", ...]


Derivation = Leaf | Step


def clauses_in(derivation: Derivation | None) -> frozenset[str]:
    """The correspondences and socles that a derivation goes through."""
    if not isinstance(derivation, Step):
        return frozenset()
    return frozenset({derivation.clause}).union(*map(clauses_in, derivation.sources))


class Blocked(NamedTuple):
    fact: str
    reasons: tuple[str, ...]


class Item(NamedTuple):
    proof: str
    status: Status
    strength: Strength | None = None
    depth: int | None = None
    facts: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    derivation: Derivation | None = None
    confirm: tuple[str, ...] = ()
    blocked: tuple[Blocked, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    items: tuple[Item, ...]

    @property
    def summary(self) -> dict[str, int]:
        counted = Counter(item.status for item in self.items)
        return {status.value: counted[status] for status in Status}


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
        for head, those in clauses.items():
            for clause in those:
                for code in clause.body:
                    heads[code].add(head)
        return cls(
            day=day,
            requirements=listed,
            proofs={proof.code: proof for requirement in listed for proof in requirement.proofs},
            clauses=clauses,
            heads={code: frozenset(those) for code, those in heads.items()},
            policies=Policies(policies),
            kinds={kind.kind: kind for kind in kinds},
        )

    def spoken_for(self, fact: Fact) -> tuple[ExpectedProof, ...]:
        """The proofs that a fact establishes by itself."""
        if isinstance(fact, Verification):
            proof = self.proofs.get(fact.proof)
            return (proof,) if proof else ()
        if fact.kind not in self._covered:
            self._covered[fact.kind] = self._selected(fact.kind)
        return self._covered[fact.kind]

    def _selected(self, kind: str) -> tuple[ExpectedProof, ...]:
        known = self.kinds.get(kind)
        if known is None:
            return ()
        selections = [{key: Glob((glob,)) for key, glob in cover.items()} for cover in known.covers]
        return tuple(
            proof
            for proof in self.proofs.values()
            if any(all(glob((getattr(proof, key),)) for key, glob in one.items()) for one in selections)
        )


def resolve(knowledge: Knowledge, facts: Iterable[Fact], target: Target) -> Resolution:
    """One item per expected proof of the target's DSR in its profiles, in the order of the requirements."""
    speakers: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if belongs(fact, target):
            for proof in knowledge.spoken_for(fact):
                speakers[proof.code].append(fact)
    reached = _reached(knowledge, speakers)
    return Resolution(
        tuple(
            _Search(knowledge, speakers, target, goal).item(reached)
            if goal.code in reached
            else _nothing(goal)
            for requirement in knowledge.requirements
            if requirement.dsr == target.dsr and target.applies(requirement.profile)
            for goal in requirement.proofs
        )
    )


def _nothing(goal: ExpectedProof) -> Item:
    return Item(goal.code, Status.REQUIRED)


def _reached(knowledge: Knowledge, starts: Iterable[str]) -> set[str]:
    """Every proof that some fact could have a part in showing: the rest need no search."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for head in knowledge.heads.get(waiting.pop(), ()):
            if head not in seen:
                seen.add(head)
                waiting.append(head)
    return seen


Reason = Clause | Fact


@dataclass(slots=True)
class _Established:
    """What is established, and by which last step, with the smallest depth."""

    depth: dict[str, int] = field(default_factory=dict)
    reason: dict[str, Reason] = field(default_factory=dict)

    def holds(self, body: Iterable[str]) -> bool:
        return self.depth.keys() >= set(body)

    def add(self, code: str, depth: int, reason: Reason) -> None:
        self.depth[code] = depth
        self.reason[code] = reason


class _Search:
    """The search for the best derivation of one goal."""

    __slots__ = ("clauses", "goal", "judged", "knowledge", "speakers", "target")

    def __init__(
        self, knowledge: Knowledge, speakers: Mapping[str, list[Fact]], target: Target, goal: ExpectedProof
    ) -> None:
        self.knowledge = knowledge
        self.speakers = speakers
        self.target = target
        self.goal = goal
        self.clauses: list[Clause] = []
        self.judged: dict[str, list[tuple[Fact, Judgement]]] = {}

    def item(self, reached: set[str]) -> Item:
        return self._at_once() or self._searched(reached)

    def _at_once(self) -> Item | None:
        """What most items come to: their own fact, or one step from facts that nothing speaks against.

        It is the answer of the whole search, which looks at these first and takes the first that it finds.
        """
        full = _Established()
        if self._speaks(self.goal.code, full):
            return self._answer(Status.COVERED, Strength.FULL, full, full)
        for clause in self.knowledge.clauses.get(self.goal.code, ()):
            if clause.relation in KEEPS_FULL and all(self._speaks(code, full) for code in clause.body):
                full.add(self.goal.code, 1, clause)
                return self._answer(Status.COVERED, Strength.FULL, full, full)
        return None

    def _speaks(self, code: str, full: _Established) -> bool:
        """Whether a fact establishes this proof without anybody looking at it; it is then added to `full`."""
        if code not in self.speakers:
            return False
        fact, judgement = self._judgements(code)[0]
        if judgement.use is not Use.AUTO:
            return False
        full.add(code, 0, fact)
        return True

    def _judgements(self, code: str) -> list[tuple[Fact, Judgement]]:
        """What each fact that speaks for a proof is good for, the best first."""
        if code not in self.judged:
            proof, knowledge = self.knowledge.proofs[code], self.knowledge
            judged = [
                (fact, judge(fact, proof, self.goal, self.target, knowledge.day, knowledge.policies))
                for fact in self.speakers[code]
            ]
            if len(judged) > 1:
                judged.sort(key=_preference)
            self.judged[code] = judged
        return self.judged[code]

    def _searched(self, reached: set[str]) -> Item:
        for code in self._closure(reached):
            if code in self.speakers:
                self._judgements(code)
        uses = {judgement.use for judged in self.judged.values() for _, judgement in judged}
        for status, use in _TRIED:
            # Without a fact of this very use, only partial strength can be new, and that in `to_confirm` alone.
            if use not in uses and not (status is Status.TO_CONFIRM and Use.AUTO in uses):
                continue
            full = self._establish_in_full(use)
            if self.goal.code in full.depth:
                return self._answer(status, Strength.FULL, full, full)
            if status is Status.COVERED:
                continue
            full, some = self._establish(use)
            if self.goal.code in some.depth:
                return self._answer(status, Strength.PARTIAL, full, some)
        return Item(self.goal.code, Status.REQUIRED, blocked=self._blocked())

    def _closure(self, reached: set[str]) -> set[str]:
        """The proofs from which the goal can be reached, and on the way the clauses between them."""
        seen = {self.goal.code}
        waiting = [self.goal.code]
        while waiting:
            for clause in self.knowledge.clauses.get(waiting.pop(), ()):
                if reached.issuperset(clause.body):
                    self.clauses.append(clause)
                    waiting += [code for code in clause.body if code not in seen]
                    seen.update(clause.body)
        self.clauses.sort()
        return seen

    def _usable(self, worst: Use) -> _Established:
        """The proofs for which a fact of `worst` use or better speaks by itself."""
        usable = _Established()
        for code, judged in self.judged.items():
            fact, judgement = judged[0]
            if judgement.use <= worst:
                usable.add(code, 0, fact)
        return usable

    def _establish_in_full(self, worst: Use) -> _Established:
        """What facts of `worst` use or better establish in full, up to the level at which the goal is.

        Level by level, so that the first reason found for a proof is one of the smallest depth.
        """
        full, depth = self._usable(worst), 0
        while self.goal.code not in full.depth and (shown := self._shown(full, full, KEEPS_FULL)):
            depth += 1
            for code, clause in shown.items():
                full.add(code, depth, clause)
        return full

    def _establish(self, worst: Use) -> tuple[_Established, _Established]:
        """All that facts of `worst` use or better establish: in full, and in full or in part; level by level."""
        full, some = self._usable(worst), self._usable(worst)
        depth, found = 0, True
        while found:
            depth += 1
            fuller = self._shown(full, full, KEEPS_FULL)
            more = self._shown(full, some, None)
            for established, those in ((full, fuller), (some, more)):
                for code, clause in those.items():
                    established.add(code, depth, clause)
            found = bool(fuller or more)
        return full, some

    def _shown(
        self, full: _Established, established: _Established, relations: frozenset[str] | None
    ) -> dict[str, Clause]:
        """The proofs not yet `established` that a clause shows from what is, the first clause winning."""
        shown: dict[str, Clause] = {}
        for clause in self.clauses:
            if clause.head in established.depth or clause.head in shown:
                continue
            if relations is not None and clause.relation not in relations:
                continue
            body = full if clause.relation in NEEDS_FULL_BODY else established
            if body.holds(clause.body):
                shown[clause.head] = clause
        return shown

    def _answer(self, status: Status, strength: Strength, full: _Established, some: _Established) -> Item:
        established = full if strength is Strength.FULL else some
        leaves: set[str] = set()
        derivation = self._derivation(self.goal.code, established, full, leaves)
        facts: set[str] = set()
        cases: set[str] = set()
        confirm = []
        looked_at = False
        for code in leaves:
            fact, judgement = self.judged[code][0]
            facts.add(fact.id)
            cases |= judgement.cases
            looked_at |= judgement.confirm
        if strength is Strength.PARTIAL:
            confirm.append("partial")
        if looked_at:
            confirm.append("policy")
        depth = established.depth[self.goal.code]
        return Item(
            self.goal.code,
            status,
            strength,
            depth,
            tuple(sorted(facts)),
            tuple(sorted(cases)),
            derivation,
            tuple(confirm),
        )

    def _derivation(
        self, code: str, established: _Established, full: _Established, leaves: set[str]
    ) -> Derivation:
        """How a proof is established; the proofs at its leaves are added to `leaves`, where the first fact speaks."""
        reason = established.reason[code]
        if not isinstance(reason, Clause):
            leaves.add(code)
            return Leaf(code, reason.id)
        below = full if reason.relation in NEEDS_FULL_BODY else established
        sources = tuple([self._derivation(one, below, full, leaves) for one in reason.body])
        return Step(code, reason.name, reason.relation.value, sources)

    def _blocked(self) -> tuple[Blocked, ...]:
        """The nearest facts that would reach the goal if their guards held, fewest reasons first."""
        full, some = self._establish(Use.BLOCKED)
        if self.goal.code not in some.depth:
            return ()
        reasons: dict[str, tuple[str, ...]] = {}
        for code in self._useful(full, some):
            for fact, judgement in self.judged.get(code, ()):
                known = reasons.get(fact.id)
                if judgement.reasons and (known is None or len(judgement.reasons) < len(known)):
                    reasons[fact.id] = judgement.reasons
        nearest = sorted(reasons.items(), key=lambda entry: (len(entry[1]), entry[0]))
        return tuple(Blocked(fact, codes) for fact, codes in nearest[:BLOCKED_SHOWN])

    def _useful(self, full: _Established, some: _Established) -> list[str]:
        """The proofs that have a part in some derivation of the goal, in one fixed order."""
        of_head: dict[str, list[Clause]] = defaultdict(list)
        for clause in self.clauses:
            of_head[clause.head].append(clause)
        seen: set[tuple[str, bool]] = set()
        waiting = [(self.goal.code, False)]
        while waiting:
            code, in_full = waiting.pop()
            if (code, in_full) in seen:
                continue
            seen.add((code, in_full))
            for clause in of_head[code]:
                if in_full and clause.relation not in KEEPS_FULL:
                    continue
                body_in_full = in_full or clause.relation in NEEDS_FULL_BODY
                if (full if body_in_full else some).holds(clause.body):
                    waiting += [(one, body_in_full) for one in clause.body]
        return sorted({code for code, _ in seen})


def _preference(judged: tuple[Fact, Judgement]) -> tuple[Use, int, str]:
    """The fact that asks least of a verifier, then the latest, then the smallest id."""
    fact, judgement = judged
    return (judgement.use, -fact.day.toordinal(), fact.id)

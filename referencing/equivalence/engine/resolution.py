"""The status of each expected proof of a target, by the earlier proofs that count for it, and why.

Pure: knowledge and facts in, a resolution out, no database. The meaning is that of
set relations between what is asked: full is "equal or superset", partial is "subset or intersects".
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .clauses import KEEPS_FULL, NEEDS_FULL_BODY, Clause
from .facts import AlikeVersions, Fact, Target
from .guards import Judgement, Judgements, Passage, Use, belongs
from .knowledge import Goal, Knowledge

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
    alike: tuple[AlikeVersions, ...] = ()  # without which the fact would be of other components


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


def alike_in(derivation: Derivation | None) -> frozenset[AlikeVersions]:
    """The declarations of alike versions that a derivation rests on."""
    if isinstance(derivation, Step):
        return frozenset[AlikeVersions]().union(*map(alike_in, derivation.sources))
    return frozenset(derivation.alike) if derivation else frozenset()


def clauses_by_fact(derivation: Derivation | None) -> dict[str, list[str]]:
    """The correspondences and socles from each fact to what it has a part in showing, in this order."""
    clauses: dict[str, list[str]] = {}
    if isinstance(derivation, Leaf):
        clauses[derivation.fact] = []
    elif derivation is not None:
        for source in derivation.sources:
            for fact, before in clauses_by_fact(source).items():
                known = clauses.setdefault(fact, [])
                known += [clause for clause in (*before, derivation.clause) if clause not in known]
    return clauses


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
    policies: tuple[int, ...] = ()  # the places of those by which its facts are used


@dataclass(frozen=True, slots=True)
class Resolution:
    items: tuple[Item, ...]

    @property
    def summary(self) -> dict[str, int]:
        counted = Counter(item.status for item in self.items)
        return {status.value: counted[status] for status in Status}


def resolve(
    knowledge: Knowledge, facts: Collection[Fact], target: Target, proofs: Collection[str] | None = None
) -> Resolution:
    """One item per expected proof of the target's DSR in its profiles, in the order of the requirements.

    Where `proofs` are named, an item for each of these alone: the facts that speak for what reaches them are enough.
    """
    target_facts = _TargetFacts(knowledge, facts, target)
    goals = knowledge.goals(target.dsr) if proofs is None else knowledge.goals_among(target.dsr, proofs)
    return Resolution(tuple([target_facts.item(goal) for profile, goal in goals if target.applies(profile)]))


def helping(
    knowledge: Knowledge, facts: Collection[Fact], target: Target, proofs: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Every fact that has a part in some derivation of each of these proofs, by proof: what a verifier may look at.

    A derivation is one of several; only facts that may be reused, confirmed or not, are listed, in the order of ids.
    """
    target_facts = _TargetFacts(knowledge, facts, target)
    return {
        goal.code: _Search(target_facts, goal).helping()
        for _, goal in knowledge.goals_among(target.dsr, proofs)
    }


Spoken = tuple[Fact, Judgement]


class _TargetFacts:
    """The facts that belong to a target, by the proofs for which they speak, each with the judgements on its like."""

    __slots__ = ("facts",)

    def __init__(self, knowledge: Knowledge, facts: Collection[Fact], target: Target) -> None:
        self.facts: dict[str, list[tuple[Fact, Judgements]]] = {}
        judgements: dict[int, Judgements | None] = {}
        for fact in facts:
            circumstances = fact.circumstances
            key = id(circumstances)  # none of which goes while `facts` are held
            if key not in judgements:
                belonging = belongs(circumstances, target)
                judgements[key] = Judgements(circumstances, target, knowledge.day) if belonging else None
            judged = judgements[key]
            if judged is not None:
                for proof in knowledge.spoken_for(fact):
                    self.facts.setdefault(proof.code, []).append((fact, judged))

    def item(self, goal: Goal) -> Item:
        return self._item_at_once(goal) or self._item_searched(goal)

    def judged(self, code: str, passage: Passage) -> list[Spoken]:
        """The facts that speak for a proof, each with its use, the best first."""
        speaking = self.facts[code]
        if len(speaking) == 1:
            ((fact, judgements),) = speaking
            return [(fact, judgements[passage])]
        return sorted([(fact, judgements[passage]) for fact, judgements in speaking], key=_preference)

    def _item_at_once(self, goal: Goal) -> Item | None:
        """The item that stands on its own fact, or one step from facts that nothing speaks against, as most do.

        It is the answer of the whole search, which looks at these first and takes the first that it finds.
        """
        facts = self.facts
        for clause, legs in goal.ways:
            spoken, leaves = [], []
            for code, passage in legs:
                if code not in facts:
                    break
                best = self.judged(code, passage)[0]
                if best[1].use is not Use.AUTO:
                    break
                spoken.append(best)
                leaves.append(_leaf(code, best))
            else:
                derivation = _step(clause, tuple(leaves)) if clause else leaves[0]
                depth = 1 if clause else 0
                return _item_on(goal, Status.COVERED, Strength.FULL, depth, derivation, spoken)
        return None

    def _item_searched(self, goal: Goal) -> Item:
        if self.facts.keys().isdisjoint(goal.sources.proofs):
            return Item(goal.code, Status.REQUIRED)
        return _Search(self, goal).item()


def _item_on(
    goal: Goal, status: Status, strength: Strength, depth: int, derivation: Derivation, leaves: list[Spoken]
) -> Item:
    """An item that stands on these facts."""
    facts: tuple[str, ...]
    if len(leaves) == 1:
        fact, judgement = leaves[0]
        facts, cases, looked_at = (fact.id,), judgement.cases, judgement.confirm
        policies = judgement.policies
    else:
        facts = tuple(sorted({fact.id for fact, _ in leaves}))
        cases = tuple(sorted({case for _, judgement in leaves for case in judgement.cases}))
        looked_at = any(judgement.confirm for _, judgement in leaves)
        policies = tuple(sorted({place for _, judgement in leaves for place in judgement.policies}))
    confirm = (("partial",) if strength is Strength.PARTIAL else ()) + (("policy",) if looked_at else ())
    return Item(goal.code, status, strength, depth, facts, cases, derivation, confirm, policies=policies)


Reason = Clause | Fact


@dataclass(slots=True)
class _Established:
    """The proofs that are established, each by its last step, with the smallest depth."""

    depth: dict[str, int] = field(default_factory=dict)
    reason: dict[str, Reason] = field(default_factory=dict)

    def holds(self, body: Iterable[str]) -> bool:
        return self.depth.keys() >= set(body)

    def add(self, code: str, depth: int, reason: Reason) -> None:
        self.depth[code] = depth
        self.reason[code] = reason


class _Search:
    """The search for the best derivation of one goal."""

    __slots__ = ("goal", "judged")

    def __init__(self, target_facts: _TargetFacts, goal: Goal) -> None:
        self.goal = goal
        self.judged: dict[str, list[Spoken]] = {
            code: target_facts.judged(code, goal.passage(code))
            for code in goal.sources.proofs
            if code in target_facts.facts
        }

    def item(self) -> Item:
        uses = {judgement.use for judged in self.judged.values() for _, judgement in judged}
        for status, use in _TRIED:
            # Without a fact of this very use, only partial strength can be new, and that in `to_confirm` alone.
            if use not in uses and not (status is Status.TO_CONFIRM and Use.AUTO in uses):
                continue
            full = self._establish_in_full(use)
            if self.goal.code in full.depth:
                return self._item_from(status, Strength.FULL, full, full)
            if status is Status.COVERED:
                continue
            full, some = self._establish(use)
            if self.goal.code in some.depth:
                return self._item_from(status, Strength.PARTIAL, full, some)
        return Item(self.goal.code, Status.REQUIRED, blocked=self._blocked())

    def helping(self) -> tuple[str, ...]:
        """The facts of some use for the goal, confirmed or not, in any of its derivations."""
        full, some = self._establish(Use.CONFIRM)
        facts = {
            fact.id
            for code in self._useful(full, some)
            for fact, judgement in self.judged.get(code, ())
            if judgement.use <= Use.CONFIRM
        }
        return tuple(sorted(facts)) if self.goal.code in some.depth else ()

    def _usable(self, worst: Use) -> _Established:
        """The proofs for which a fact of `worst` use or better speaks by itself."""
        usable = _Established()
        for code, judged in self.judged.items():
            fact, judgement = judged[0]
            if judgement.use <= worst:
                usable.add(code, 0, fact)
        return usable

    def _establish_in_full(self, worst: Use) -> _Established:
        """The proofs that facts of `worst` use or better establish in full, up to the level at which the goal is.

        Level by level, so that the first reason found for a proof is one of the smallest depth.
        """
        full, depth = self._usable(worst), 0
        while self.goal.code not in full.depth and (
            newly_established := self._established_by_clauses(full, full, KEEPS_FULL)
        ):
            depth += 1
            for code, clause in newly_established.items():
                full.add(code, depth, clause)
        return full

    def _establish(self, worst: Use) -> tuple[_Established, _Established]:
        """The proofs that facts of `worst` use or better establish, in full, and in full or in part; level by level."""
        full, some = self._usable(worst), self._usable(worst)
        depth, goes_on = 0, True
        while goes_on:
            depth += 1
            fuller = self._established_by_clauses(full, full, KEEPS_FULL)
            more = self._established_by_clauses(full, some, None)
            for established, new in ((full, fuller), (some, more)):
                for code, clause in new.items():
                    established.add(code, depth, clause)
            goes_on = bool(fuller or more)
        return full, some

    def _established_by_clauses(
        self, full: _Established, established: _Established, relations: frozenset[str] | None
    ) -> dict[str, Clause]:
        """The proofs not yet `established` that a clause establishes from what is, the first clause winning."""
        newly_established: dict[str, Clause] = {}
        for clause in self.goal.sources.clauses:
            if clause.head in established.depth or clause.head in newly_established:
                continue
            if relations is not None and clause.relation not in relations:
                continue
            body = full if clause.relation in NEEDS_FULL_BODY else established
            if body.holds(clause.body):
                newly_established[clause.head] = clause
        return newly_established

    def _item_from(self, status: Status, strength: Strength, full: _Established, some: _Established) -> Item:
        leaves: set[str] = set()
        derivation = self._derivation(self.goal.code, some, full, leaves)
        depth = some.depth[self.goal.code]
        return _item_on(
            self.goal, status, strength, depth, derivation, [self.judged[code][0] for code in leaves]
        )

    def _derivation(
        self, code: str, established: _Established, full: _Established, leaves: set[str]
    ) -> Derivation:
        """How a proof is established; the proofs at its leaves are added to `leaves`, where the first fact speaks."""
        reason = established.reason[code]
        if not isinstance(reason, Clause):
            leaves.add(code)
            return _leaf(code, self.judged[code][0])
        below = full if reason.relation in NEEDS_FULL_BODY else established
        sources = tuple([self._derivation(source, below, full, leaves) for source in reason.body])
        return _step(reason, sources)

    def _blocked(self) -> tuple[Blocked, ...]:
        """The nearest facts that would reach the goal if their guards held, fewest reasons first."""
        full, some = self._establish(Use.BLOCKED)
        if self.goal.code not in some.depth:
            return ()
        reasons: dict[str, tuple[str, ...]] = {}
        for code in self._useful(full, some):
            for fact, judgement in self.judged.get(code, ()):
                fewest = reasons.get(fact.id)
                if judgement.reasons and (fewest is None or len(judgement.reasons) < len(fewest)):
                    reasons[fact.id] = judgement.reasons
        nearest = sorted(reasons.items(), key=lambda entry: (len(entry[1]), entry[0]))
        return tuple(Blocked(fact, codes) for fact, codes in nearest[:BLOCKED_SHOWN])

    def _useful(self, full: _Established, some: _Established) -> list[str]:
        """The proofs that have a part in some derivation of the goal, in one fixed order."""
        of_head: dict[str, list[Clause]] = defaultdict(list)
        for clause in self.goal.sources.clauses:
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
                    waiting += [(source, body_in_full) for source in clause.body]
        return sorted({code for code, _ in seen})


def _leaf(code: str, spoken: Spoken) -> Leaf:
    fact, judgement = spoken
    return Leaf(code, fact.id, judgement.alike)


def _step(clause: Clause, sources: tuple[Derivation, ...]) -> Step:
    return Step(clause.head, clause.name, clause.relation, sources)


def _preference(judged: Spoken) -> tuple[Use, int, int, str]:
    """Sorts first the fact that asks least of a verifier, then of declarations, then the latest, the smallest id."""
    fact, judgement = judged
    return (judgement.use, len(judgement.alike), -fact.day.toordinal(), fact.id)

"""The status of each expected proof of a target, by the earlier proofs that count for it, and why.

Pure: knowledge and facts in, a resolution out, no database. The meaning is that of
set relations between what is asked: full is "equal or superset", partial is "subset or intersects".
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from .facts import AlikeVersions, Embedding, Fact, Target
from .guards import Judgement, Judgements, Passage, Use, belongs
from .knowledge import USE_BITS, Goal, Knowledge
from .search import Outcome, Outline, useful

BLOCKED_SHOWN = 3


class Status(StrEnum):
    COVERED = "covered"
    TO_CONFIRM = "to_confirm"
    AWAITING = "awaiting"
    REQUIRED = "required"


class Strength(StrEnum):
    FULL = "full"
    PARTIAL = "partial"


#: The status of what stands on facts of a use, or better: in the order of uses, for these are looked up by the hundred.
_STATUS = (Status.COVERED, Status.TO_CONFIRM, Status.AWAITING, Status.REQUIRED)


class Leaf(NamedTuple):
    proof: str
    fact: str
    alike: tuple[AlikeVersions, ...] = ()  # without which the fact would be of other components
    embedding: Embedding | None = None  # without which it would be another product's


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
    return frozenset(versions for leaf in leaves_of(derivation) for versions in leaf.alike)


def embeddings_in(derivation: Derivation | None) -> dict[str, Embedding]:
    """The embedding by which each fact counts that is another product's, by fact."""
    embeddings: dict[str, Embedding] = {}
    for leaf in leaves_of(derivation):
        if leaf.embedding is not None:
            embeddings[leaf.fact] = leaf.embedding
    return embeddings


def leaves_of(derivation: Derivation | None) -> Iterator[Leaf]:
    if isinstance(derivation, Leaf):
        yield derivation
    elif derivation is not None:
        for source in derivation.sources:
            yield from leaves_of(source)


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
    """One item per expected proof of the target's DSR that it is asked for, in the order of the requirements.

    Where `proofs` are named, an item for each of these alone: the facts that speak for what reaches them are enough.
    """
    item = _TargetFacts(knowledge, facts, target).item
    goals = knowledge.goals(target.dsr) if proofs is None else knowledge.goals_among(target.dsr, proofs)
    asked = target.asked_profiles
    if target.fills:
        goals = [(profile, goal) for profile, goal in goals if target.concerns(goal.proof)]
    return Resolution(tuple([item(goal) for profile, goal in goals if profile in asked]))


def helping(
    knowledge: Knowledge, facts: Collection[Fact], target: Target, proofs: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Every fact that has a part in some derivation of each of these proofs, by proof: what a verifier may look at.

    A derivation is one of several; only facts that may be reused, confirmed or not, are listed, in the order of ids.
    """
    target_facts = _TargetFacts(knowledge, facts, target)
    return {goal.code: target_facts.helping(goal) for _, goal in knowledge.goals_among(target.dsr, proofs)}


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
        """The item of a goal: what it comes to hangs on the best fact for each of its sources, and on its use alone."""
        facts = self.facts
        best: dict[str, Spoken] = {}
        pattern = 0
        for place, code in enumerate(goal.sources.proofs):
            if code in facts:
                spoken = best[code] = self.best(code, goal.passage(code))
                pattern |= (spoken[1].use + 1) << USE_BITS * place
        if not pattern:
            return Item(goal.code, Status.REQUIRED)
        outcome = goal.outcomes.get(pattern) or goal.outcome(
            pattern, {code: judgement.use for code, (_, judgement) in best.items()}
        )
        if outcome.outline is None:
            return Item(goal.code, Status.REQUIRED, blocked=self._blocked(goal, outcome.blocked))
        return _item_on(goal, outcome, _derivation(outcome.outline, best), best)

    def helping(self, goal: Goal) -> tuple[str, ...]:
        """The facts of some use for a goal, confirmed or not, in any of its derivations."""
        proofs, clauses = goal.sources
        uses = {code: self.best(code, goal.passage(code))[1].use for code in proofs if code in self.facts}
        facts = {
            fact.id
            for code in useful(goal.code, clauses, uses, Use.CONFIRM)
            for fact, judgement in self.judged(code, goal.passage(code))
            if judgement.use <= Use.CONFIRM
        }
        return tuple(sorted(facts))

    def best(self, code: str, passage: Passage) -> Spoken:
        """The fact that speaks best for a proof, with its use."""
        speaking = self.facts[code]
        if len(speaking) > 1:
            return min(self.judged(code, passage), key=_preference)
        fact, judgements = speaking[0]
        return fact, judgements[passage]

    def judged(self, code: str, passage: Passage) -> list[Spoken]:
        """The facts that speak for a proof, each with its use."""
        return [(fact, judgements[passage]) for fact, judgements in self.facts[code]]

    def _blocked(self, goal: Goal, proofs: Iterable[str]) -> tuple[Blocked, ...]:
        """The nearest facts, of those that speak for these proofs, if their guards held: fewest reasons first."""
        reasons: dict[str, tuple[str, ...]] = {}
        for code in proofs:
            for fact, judgement in self.judged(code, goal.passage(code)):
                fewest = reasons.get(fact.id)
                if judgement.reasons and (fewest is None or len(judgement.reasons) < len(fewest)):
                    reasons[fact.id] = judgement.reasons
        nearest = sorted(reasons.items(), key=lambda entry: (len(entry[1]), entry[0]))
        return tuple(Blocked(fact, codes) for fact, codes in nearest[:BLOCKED_SHOWN])


def _item_on(goal: Goal, outcome: Outcome, derivation: Derivation, best: Mapping[str, Spoken]) -> Item:
    """The item that stands on the best fact for each of the leaves of an outcome."""
    facts: tuple[str, ...]
    if len(outcome.leaves) == 1:
        fact, judgement = best[outcome.leaves[0]]
        facts, cases, looked_at = (fact.id,), judgement.cases, judgement.confirm
        policies = judgement.policies
    else:
        leaves = [best[code] for code in outcome.leaves]
        facts = tuple(sorted({fact.id for fact, _ in leaves}))
        cases = tuple(sorted({case for _, judgement in leaves for case in judgement.cases}))
        looked_at = any(judgement.confirm for _, judgement in leaves)
        policies = tuple(sorted({place for _, judgement in leaves for place in judgement.policies}))
    strength = Strength.FULL if outcome.in_full else Strength.PARTIAL
    confirm = (() if outcome.in_full else ("partial",)) + (("policy",) if looked_at else ())
    status, depth = _STATUS[outcome.use], outcome.depth
    return Item(goal.code, status, strength, depth, facts, cases, derivation, confirm, (), policies)


def _derivation(outline: Outline | str, best: Mapping[str, Spoken]) -> Derivation:
    """A derivation with its facts: the best one for each leaf."""
    if isinstance(outline, str):
        fact, judgement = best[outline]
        return Leaf(outline, fact.id, judgement.alike, judgement.embedding)
    (name, relation, head, _), sources = outline
    if len(sources) == 1:  # as most: the comprehension takes as long as all the rest
        return Step(head, name, relation, (_derivation(sources[0], best),))
    return Step(head, name, relation, tuple([_derivation(source, best) for source in sources]))


def _preference(judged: Spoken) -> tuple[Use, int, int, str]:
    """Puts first the fact that asks least of a verifier, then of declarations, then the latest, the smallest id."""
    fact, judgement = judged
    return (judgement.use, judgement.declarations, -fact.day.toordinal(), fact.id)

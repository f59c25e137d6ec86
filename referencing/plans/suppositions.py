"""What equivalence would answer if more were supplied: the engine's own answers, on facts that are not there yet.

What is supplied is taken to be found conform today, in its dossier as it is composed, while that is under review.
Dossiers profit by it whose software is of the same technical core, or embeds the component that it is supplied for, and
that ask in the same words.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from referencing.candidatures.record.states import ON_EQUIVALENCE, WITH_EDITOR, ItemState, Track
from referencing.candidatures.resolution.resolved import Resolved
from referencing.equivalence.engine.facts import (
    Circumstances,
    Fact,
    FactStatus,
    Standing,
    Target,
    Verification,
)
from referencing.equivalence.engine.guards import Judgement, Judgements, Use
from referencing.equivalence.engine.knowledge import Goal
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.known import KnownFacts
from referencing.equivalence.rulebooks.queries import KnownRules

from .search import Reach

_UNDECIDED = ON_EQUIVALENCE - {ItemState.COVERED}
_SUPPLIED = frozenset({ItemState.SUPPLIED, ItemState.UNDER_REVIEW})


@dataclass(frozen=True, slots=True)
class Line:
    """An expected proof of a dossier: how it stands, and on which track; `claimed` not to apply, nothing is shown."""

    dossier: int
    code: str
    state: ItemState
    track: Track
    claimed: bool = False

    @property
    def undecided(self) -> bool:
        """Whether it still follows from what is supplied elsewhere, or is to be supplied."""
        return self.state in _UNDECIDED

    @property
    def required(self) -> bool:
        """Whether its editor has something to supply, as things stand."""
        return self.state in WITH_EDITOR

    @property
    def covered(self) -> bool:
        return self.state is ItemState.COVERED

    @property
    def asked(self) -> bool:
        """Whether it is to be supplied whatever follows."""
        return self.state is ItemState.COMPLEMENT

    @property
    def given(self) -> bool:
        """Whether something that shows it waits for a verdict."""
        return self.state in _SUPPLIED and not self.claimed


@dataclass(frozen=True)
class Basis:
    """What the answers to a dossier hang on; `refused` are the facts of each reuse that a verifier refused, by code.

    A dossier of a `component` itself, named so by embeddings, serves who embeds it.
    """

    target: Target
    rules: KnownRules
    known: KnownFacts
    refused: Mapping[str, Sequence[frozenset[str]]] = field(default_factory=dict)
    component: str | None = None
    _judgements: dict[int, Judgements] = field(default_factory=dict)

    @property
    def products(self) -> list[str]:
        """The products of which findings may serve: its own, then the components that it embeds."""
        embedded = {embedding.embedded for embedding in self.target.embeddings}
        return [self.target.product, *sorted(embedded - {self.target.product})]

    @cached_property
    def facts(self) -> Mapping[str, Sequence[Fact]]:
        """The facts by the expected proofs for which they speak."""
        by_proof: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.known.facts:
            for proof in self.rules.knowledge.spoken_for(fact):
                by_proof[proof.code].append(fact)
        return by_proof

    @cached_property
    def goals(self) -> Mapping[str, Goal]:
        """The expected proofs of the DSR by code."""
        return {goal.code: goal for _, goal in self.rules.knowledge.goals(self.target.dsr)}

    def judgement(self, code: str, source: str, circumstances: Circumstances) -> Judgement:
        """The use, for an expected proof, of a fact that speaks for a source of it."""
        if id(circumstances) not in self._judgements:
            day = self.rules.knowledge.day
            self._judgements[id(circumstances)] = Judgements(circumstances, self.target, day)
        return self._judgements[id(circumstances)][self.goals[code].passage(source)]


class Suppositions:
    """The lines of some dossiers, and what is answered of each when others are supplied."""

    def __init__(self, dossiers: Sequence[Basis], lines: Sequence[Line]) -> None:
        self.dossiers = dossiers
        self.lines = lines
        self.facts = _supposed(lines, [dossier.target.product for dossier in dossiers], dossiers)
        self._on_components = _supposed(lines, [dossier.component or "" for dossier in dossiers], dossiers)
        self._speaking: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, line in enumerate(lines):
            if line.undecided or line.asked or line.given:
                dossier = dossiers[line.dossier]
                for product in {dossier.target.product, dossier.component or dossier.target.product}:
                    self._speaking[product, line.code].append(number)
        self._facts_known: dict[int, tuple[Fact, ...]] = {}
        self._statuses: dict[tuple[int, frozenset[int]], Status] = {}

    @cached_property
    def reach(self) -> Mapping[int, Reach]:
        """The other lines to be supplied that are of use for each that is undecided."""
        return {number: self._reach(number) for number, line in enumerate(self.lines) if line.undecided}

    def status(self, number: int, there: frozenset[int]) -> Status:
        """The status of a line once something of these groups of its reach is supplied."""
        question = (number, there)
        if question not in self._statuses:
            supplied = [min(self.reach[number][group]) for group in sorted(there)]
            self._statuses[question] = self.answer(number, supplied).status
        return self._statuses[question]

    def answer(self, number: int, supplied: Collection[int] = ()) -> Answer:
        """What the engine answers of a line once these lines are supplied, with all that is supplied already."""
        line = self.lines[number]
        basis = self.dossiers[line.dossier]
        facts = (*self._known_to(number), *(self._fact(number, other) for other in sorted(supplied)))
        known = replace(basis.known, facts=facts)
        resolved = Resolved.of(basis.target, None, basis.rules, known, {line.code})
        return resolved.answer(line.code, basis.refused.get(line.code, ()))

    def needed(self, number: int, supplied: frozenset[int]) -> tuple[Answer, frozenset[int]]:
        """The answer when these lines are supplied, on as few of them as it takes; and which these are."""
        needed = frozenset(min(group & supplied) for group in self.reach[number] if group & supplied)
        answer = self.answer(number, needed)
        cited = [other for other in sorted(needed) if self.facts[other].id in answer.facts]
        for left_out in (needed.difference(cited), *(frozenset({other}) for other in cited)):
            less = self.answer(number, needed - left_out)
            if less.status is answer.status:
                answer, needed = less, needed - left_out
        return answer, needed

    def _reach(self, number: int) -> Reach:
        line = self.lines[number]
        basis = self.dossiers[line.dossier]
        groups: dict[tuple[str, Judgement], set[int]] = defaultdict(set)
        for other in self._related(number):
            fact = self._fact(number, other)
            judgement = basis.judgement(line.code, fact.proof, fact.circumstances)
            if judgement.use < Use.BLOCKED and not self.lines[other].given:
                groups[fact.proof, judgement].add(other)
        return [frozenset(group) for group in groups.values()]

    def _known_to(self, number: int) -> tuple[Fact, ...]:
        """The facts of some use for a line, with those that what is supplied already would be."""
        if number not in self._facts_known:
            self._facts_known[number] = (*self._facts_near(number), *self._facts_given(number))
        return self._facts_known[number]

    def _facts_near(self, number: int) -> Collection[Fact]:
        basis = self.dossiers[self.lines[number].dossier]
        return {
            fact.id: fact
            for code in basis.goals[self.lines[number].code].sources.proofs
            for fact in basis.facts.get(code, ())
        }.values()

    def _facts_given(self, number: int) -> Iterator[Fact]:
        return (self._fact(number, other) for other in self._related(number) if self.lines[other].given)

    def _related(self, number: int) -> list[int]:
        """The other lines of the technical core, or of what it embeds, that could have a part in showing this one."""
        line = self.lines[number]
        basis = self.dossiers[line.dossier]
        return sorted(
            {
                other
                for code in basis.goals[line.code].sources.proofs
                for product in basis.products
                for other in self._speaking.get((product, code), ())
                if other != number and self._in_the_words_of(basis, self.lines[other])
            }
        )

    def _fact(self, number: int, other: int) -> Verification:
        """What another line would show to this one: in another core, a finding on the component that it embeds."""
        own, others = (self.dossiers[self.lines[one].dossier].target.product for one in (number, other))
        return self.facts[other] if own == others else self._on_components[other]

    def _in_the_words_of(self, basis: Basis, line: Line) -> bool:
        """Whether what is found on a line is found on the words that a dossier knows."""
        wordings = self.dossiers[line.dossier].rules.wordings
        return basis.rules.wordings.get(line.code) == wordings.get(line.code)


def _supposed(
    lines: Sequence[Line], products: Sequence[str], dossiers: Sequence[Basis]
) -> list[Verification]:
    """The fact that each line would be once it is supplied and found conform, of the product of its dossier."""

    @cache
    def circumstances(dossier: int, track: Track) -> Circumstances:
        basis = dossiers[dossier]
        return Circumstances(
            product=products[dossier],
            solution=basis.target.solution,
            status=FactStatus.VERIFIED,
            mode=track.value,
            day=basis.rules.knowledge.day,
            composition=basis.target.composition,
            standing=Standing.OPEN,
        )

    return [
        Verification(f"supposed-{number}", line.code, circumstances(line.dossier, line.track))
        for number, line in enumerate(lines)
    ]

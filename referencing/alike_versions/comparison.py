"""What a dossier loses because its components are not those with which its software was verified, and could keep.

The engine is asked: as things stand; as if the editor's facts had been found with the components of today; as if every
two versions that could be declared alike were; and for the items that this raises, as if each two alone were. Nothing
is changed, and nothing is guessed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Right
from referencing.candidatures.record.models import Item
from referencing.candidatures.record.queries import candidature, facts_of_others
from referencing.candidatures.resolution.resolved import (
    Resolved,
    Standing,
    on_equivalence,
    refusals,
    resolved_as_it_stands,
)
from referencing.equivalence.engine.facts import AlikeVersions, Circumstances, FactStatus, Verification
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.known import KnownFacts

from .asking import same_component

_RANK = {status: rank for rank, status in enumerate(Status)}  # the least to do first
#: Of what is only supposed; no declaration has it.
_SUPPOSED = "supposed"


@dataclass(frozen=True, slots=True, order=True)
class Other:
    """A component with which the software was verified, in a role that another one fills in the dossier.

    An empty text is the software itself.
    """

    role: str
    verified_with: str
    component: str

    @property
    def declarable(self) -> bool:
        """Whether the two are versions of one component, which a lead could declare alike."""
        return same_component(self.verified_with, self.component) and "" not in {
            self.verified_with,
            self.component,
        }

    def supposed(self, day: date) -> AlikeVersions:
        first, second = sorted((self.verified_with, self.component))
        return AlikeVersions(_SUPPOSED, self.role, (first, second), day)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference with how many findings it is of, and how many items its declaration alone would change."""

    other: Other
    verifications: int
    last_on: date
    declared: UUID | None
    kept: int


@dataclass(frozen=True, slots=True)
class LostItem:
    """An item that stands lower by differences: `same` is how it would stand with the components of then."""

    item: UUID
    code: str
    now: Status
    declared: Status  # if all that can be declared alike were
    same: Status
    because: Sequence[Other]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of a dossier from what was verified, the items that they cost, and all items by status."""

    composition: Mapping[str, str]
    differences: Sequence[Difference]
    lost: Sequence[LostItem]
    now: Mapping[str, int]
    declared: Mapping[str, int]
    same: Mapping[str, int]


def compared(session: Session, actor: Actor, candidature_id: UUID) -> Comparison:
    """The comparison of a dossier as it stands today, or stood on its last day. Raises NotFound.

    An editor reads of its own facts alone, where its software is one with another organisation's.
    """
    dossier = candidature(session, actor, candidature_id, Right.FOLLOW_CANDIDATURES)
    resolved = resolved_as_it_stands(session, dossier)
    items = on_equivalence(session, Item.candidature_id == dossier.id)
    refused = refusals(session, [dossier.id])[dossier.id]
    hidden: Collection[str] = ()
    if not actor.of_agency:
        found = [fact.id for fact in resolved.known.facts if isinstance(fact, Verification)]
        hidden = facts_of_others(session, dossier.organisation_id, found)
    return _Question(resolved, items, refused, hidden).comparison()


@dataclass(frozen=True)
class _Question:
    """A dossier resolved as it stands, its items that stand on equivalence, and the findings not to be told of."""

    resolved: Resolved
    items: Sequence[Standing]
    refused: Mapping[str, Sequence[frozenset[str]]]
    hidden: Collection[str]

    @cached_property
    def told(self) -> Sequence[Verification]:
        """The findings that may be told of, on what was found conform or waits to be."""
        return [
            fact
            for fact in self.resolved.known.facts
            if isinstance(fact, Verification)
            and fact.circumstances.product == self.resolved.target.product
            and fact.status is not FactStatus.REJECTED
            and fact.id not in self.hidden
        ]

    def comparison(self) -> Comparison:
        declarable = [other for other in self.others if other.declarable]
        codes = [item.code for item in self.items]
        now, same = self._answers(self.resolved, codes), self._answers(self._as_if_same(codes), codes)
        declared = self._if_declared(now, declarable) if declarable else now
        raised = {code: answer for code, answer in now.items() if _is_raised(answer, declared[code])}
        ids = {item.code: item.id for item in self.items}
        lost = [
            LostItem(
                ids[code],
                code,
                answer.status,
                declared[code].status,
                same[code].status,
                [*self._because(same[code])],
            )
            for code, answer in now.items()
            if _is_raised(answer, same[code])
        ]
        differences = [
            Difference(
                other,
                len(facts),
                max(fact.day for fact in facts),
                self._declared(other),
                self._kept(raised, other) if other.declarable else 0,
            )
            for other, facts in sorted(self.others.items())
        ]
        return Comparison(
            self.resolved.target.composition, differences, lost, *map(_by_status, (now, declared, same))
        )

    @cached_property
    def others(self) -> Mapping[Other, Sequence[Verification]]:
        """The findings by each way in which their components are others than the dossier's."""
        others: dict[Other, list[Verification]] = {}
        for fact in self.told:
            for other in self._others_of(fact):
                others.setdefault(other, []).append(fact)
        return others

    def _others_of(self, fact: Verification) -> Iterator[Other]:
        then, now = fact.composition, self.resolved.target.composition
        for role in sorted(then.keys() | now.keys()):
            if then.get(role) != now.get(role):
                yield Other(role, then.get(role, ""), now.get(role, ""))

    def _answers(self, resolved: Resolved, codes: Collection[str]) -> dict[str, Answer]:
        return {code: resolved.answer(code, self.refused.get(code, ())) for code in codes}

    def _as_if_same(self, codes: Collection[str]) -> Resolved:
        """What the engine answers if these findings had been made with the components of the dossier."""
        composition = self.resolved.target.composition
        told = {fact.id for fact in self.told}
        rewritten: dict[int, Circumstances] = {}

        def as_today(fact: Verification) -> Verification:
            circumstances = fact.circumstances
            key = id(circumstances)
            if key not in rewritten:
                rewritten[key] = replace(circumstances, composition=composition)
            return fact._replace(circumstances=rewritten[key])

        facts = tuple(
            as_today(fact) if isinstance(fact, Verification) and fact.id in told else fact
            for fact in self.resolved.known.facts
        )
        return self._resolved(replace(self.resolved.known, facts=facts), codes)

    def _if_declared(self, now: Mapping[str, Answer], others: Sequence[Other]) -> dict[str, Answer]:
        """What the items of `now` would gain by the findings that may be told of: what others would add is theirs."""
        day, known = self.resolved.rules.knowledge.day, self.resolved.known
        facts = tuple(fact for fact in known.facts if fact.id not in self.hidden)
        alike = (*known.alike, *(other.supposed(day) for other in others))
        declared = self._answers(self._resolved(replace(known, facts=facts, alike=alike), now), now)
        return {
            code: min(answer, declared[code], key=lambda either: _RANK[either.status])
            for code, answer in now.items()
        }

    def _resolved(self, known: KnownFacts, codes: Collection[str]) -> Resolved:
        resolved = self.resolved
        return Resolved.of(resolved.target, resolved.rulebook_id, resolved.rules, known, codes)

    def _declared(self, other: Other) -> UUID | None:
        versions = self.resolved.target.alike.get((other.role, other.verified_with))
        return versions and UUID(versions.id)

    def _kept(self, raised: Mapping[str, Answer], other: Other) -> int:
        """How many this declaration alone would raise: none but those that all of them raise, for none lowers any."""
        if not raised or self._declared(other) is not None:
            return 0
        declared = self._if_declared(raised, [other])
        return sum(_is_raised(answer, declared[code]) for code, answer in raised.items())

    def _because(self, same: Answer) -> Iterator[Other]:
        """The differences of what an item would stand on: in the roles that it depends on, else in any."""
        proofs = self.resolved.rules.knowledge.proofs
        told = {fact.id: fact for fact in self.told}
        facts = [told[fact] for fact in same.facts if fact in told]
        roles = {
            role for code in (same.proof, *(fact.proof for fact in facts)) for role in proofs[code].roles
        }
        others = sorted({other for fact in facts for other in self._others_of(fact)})
        depending = [other for other in others if other.role in roles and self._declared(other) is None]
        yield from depending or others


def _is_raised(before: Answer, after: Answer) -> bool:
    return _RANK[after.status] < _RANK[before.status]


def _by_status(answers: Mapping[str, Answer]) -> dict[str, int]:
    statuses = [answer.status for answer in answers.values()]
    return {status.value: statuses.count(status) for status in Status}

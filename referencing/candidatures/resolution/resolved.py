"""What the engine answers for a dossier, and what its items stand on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from referencing.base.db import today
from referencing.candidatures.record.models import Candidature, Item, ItemStanding
from referencing.candidatures.record.states import ON_EQUIVALENCE, OPEN, ItemState, Track
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.engine.facts import Certificate, Fact, Target
from referencing.equivalence.engine.formats import dump_derivation
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Resolution, Status, helping, resolve
from referencing.equivalence.grants.fact_queries import facts_of
from referencing.equivalence.grants.known import KnownFacts
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.solutions.cores import one_on


def as_it_stands(session: Session, candidature: Candidature) -> tuple[Resolution, dict[str, Fact]]:
    """What the engine answers for a dossier, and the facts by id: today while it is open, else on its last day."""
    found = resolved_as_it_stands(session, candidature)
    return found.resolution, found.told(candidature.configuration.solution.software.nil)


def resolved_as_it_stands(
    session: Session, candidature: Candidature, proofs: Collection[str] | None = None
) -> "Resolved":
    """A dossier resolved today while it is open, else as of its last day; changes nothing.

    Where `proofs` are named, for these alone.
    """
    if candidature.state in OPEN or candidature.closed_on is None:
        return Resolved.by_rules_in_force(session, candidature, proofs)
    last_day = candidature.closed_on
    then = one_on(session, candidature.software_id, last_day)
    return Resolved.under(session, candidature, candidature.rulebook_id, last_day, then, proofs)


def still_shown(session: Session, candidature: Candidature, grant: Grant) -> bool:
    """Whether a reuse is still one to confirm, by its facts and the rules in force today; changes nothing."""
    return Resolved.by_rules_in_force(session, candidature, {grant.proof_code}).still_shows(grant)


def target_of(candidature: Candidature) -> Target:
    configuration = candidature.configuration
    return Target(
        dsr=candidature.version.dsr.code,
        product=str(candidature.core_id),
        solution=configuration.solution.commercial_name,
        composition=configuration.composition,
        profiles=frozenset(candidature.profiles),
        deposited_on=candidature.deposited_on,
        fills=frozenset(configuration.solution.software.fills),
    )


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that is not stored yet, with all that `on_equivalence` tells of those that are: it stands on nothing."""

    id: UUID
    candidature_id: UUID
    expected_proof_id: UUID
    position: int
    code: str
    track: Track
    state: ItemState = ItemState.REQUIRED
    session_id: None = None
    Grant: None = None
    stood: None = None
    stood_on: None = None
    answered: None = None


Standing = sa.Row[UUID, UUID, UUID, int, ItemState, str, Grant, ItemState, UUID, Any] | NewItem


@dataclass(frozen=True, slots=True)
class Change:
    item: Standing
    state: ItemState
    answer: Answer


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the engine answers for a dossier under a rulebook, as of a day."""

    target: Target
    rulebook_id: UUID | None
    rules: rulebooks.KnownRules
    known: KnownFacts
    resolution: Resolution
    answers: dict[str, Answer]

    @classmethod
    def by_rules_in_force(
        cls, session: Session, candidature: Candidature, proofs: Collection[str] | None = None
    ) -> "Resolved":
        """Under the rules in force; where `proofs` are named, for these alone."""
        day = today(session)
        rulebook_id, latest = rulebooks.in_force_on(session, day)
        lists = rulebooks.lists_with(candidature.version, latest)
        rules = rulebooks.rules_of_lists(session, lists, rulebook_id, day)
        return cls._on_facts(session, candidature, rulebook_id, rules, proofs=proofs)

    @classmethod
    def under(
        cls,
        session: Session,
        candidature: Candidature,
        rulebook_id: UUID | None,
        day: date,
        softwares: Collection[UUID] | None = None,
        proofs: Collection[str] | None = None,
    ) -> "Resolved":
        """On the facts of its technical core, or of these softwares; of these alone that reach `proofs`, if named."""
        rules = rulebooks.rules_for(session, candidature.version, rulebook_id, day)
        return cls._on_facts(session, candidature, rulebook_id, rules, softwares, proofs)

    @classmethod
    def _on_facts(
        cls,
        session: Session,
        candidature: Candidature,
        rulebook_id: UUID | None,
        rules: rulebooks.KnownRules,
        softwares: Collection[UUID] | None = None,
        proofs: Collection[str] | None = None,
    ) -> "Resolved":
        reaching = None if proofs is None else rules.knowledge.reaching(proofs)
        day = rules.knowledge.day
        known = facts_of(session, candidature.core_id, rules.wordings, day, softwares, reaching)
        return cls.of(target_of(candidature), rulebook_id, rules, known, proofs)

    @classmethod
    def of(
        cls,
        target: Target,
        rulebook_id: UUID | None,
        rules: rulebooks.KnownRules,
        known: KnownFacts,
        proofs: Collection[str] | None = None,
    ) -> "Resolved":
        """On these facts; where `proofs` are named, of these alone."""
        target = known.counting(target, rules.knowledge.day)
        resolution = resolve(rules.knowledge, known.facts, target, proofs)
        answers = {answer.proof: answer for answer in resolution.items}
        return cls(target, rulebook_id, rules, known, resolution, answers)

    def told(self, nil: str) -> dict[str, Fact]:
        """The facts by id, as a person knows them: what the software holds is held by its NIL."""
        return {
            fact.id: fact._replace(holder=nil)
            if isinstance(fact, Certificate) and fact.holder == self.target.product
            else fact
            for fact in self.known.facts
        }

    def change(self, item: Standing, answer: Answer) -> Change | None:
        """What changes for an item, or None when it stands as it is."""
        grant: Grant | None = item.Grant
        if grant is not None and self._stands(grant, answer):
            return None
        state = ItemState(answer.status)
        if grant is None and item.state is state:
            return None
        return Change(item, state, answer)

    def answer(self, proof: str, refused: Sequence[frozenset[str]]) -> Answer:
        """What the engine answers; what a verifier refused is not proposed again on the same facts.

        `refused` are the facts of each refusal.
        """
        answer, facts = self.answers[proof], self.known.facts
        while answer.status is Status.TO_CONFIRM and any(those.issuperset(answer.facts) for those in refused):
            facts = tuple(fact for fact in facts if fact.id not in answer.facts)
            answer = self._from(facts, proof)
        return answer

    def _from(self, facts: Sequence[Fact], proof: str) -> Answer:
        """What the engine would answer if it knew these facts alone."""
        (answer,) = resolve(self.rules.knowledge, facts, self.target, {proof}).items
        return answer

    def still_shows(self, grant: Grant) -> bool:
        """A confirmation holds as long as the facts that the verifier looked at would still be shown."""
        return self._from_sources(grant) in {Status.COVERED, Status.TO_CONFIRM}

    def still_justifies(self, grant: Grant) -> bool:
        """Whether its facts would cover the proof today, or be confirmed as they were."""
        confirmed = grant.state is GrantState.CONFIRMED
        return self.still_shows(grant) if confirmed else self._from_sources(grant) is Status.COVERED

    def _from_sources(self, grant: Grant) -> Status:
        sources = sources_of(grant)
        return self._from([fact for fact in self.known.facts if fact.id in sources], grant.proof_code).status

    def helping(self, proof: str) -> tuple[str, ...]:
        """Every fact that helps a proof that is to be confirmed, those of its derivation included."""
        return helping(self.rules.knowledge, self.known.facts, self.target, {proof}).get(proof, ())

    def _stands(self, grant: Grant, answer: Answer) -> bool:
        sources = sources_of(grant)
        if grant.state is GrantState.CONFIRMED:
            return self.still_shows(grant)
        if grant.state is GrantState.REFUSED:
            return answer.status is Status.REQUIRED
        same_state = {
            GrantState.GRANTED: Status.COVERED,
            GrantState.PROPOSED: Status.TO_CONFIRM,
        }.get(grant.state)
        return (
            answer.status is same_state
            and sources == set(answer.facts)
            and answer.derivation is not None
            and grant.derivation == dump_derivation(answer.derivation)
        )


def sources_of(grant: Grant) -> frozenset[str]:
    """The ids, as the engine knows them, of the facts that a reuse stands on."""
    return frozenset(str(source.verification_id or source.certificate_id) for source in grant.sources)


def refusals(session: Session, dossiers: Collection[UUID]) -> dict[UUID, dict[str, list[frozenset[str]]]]:
    """The facts of each reuse that a verifier refused, by dossier and by proof."""
    refused = (
        sa.select(Grant)
        .where(Grant.candidature_id.in_(dossiers), Grant.state == GrantState.REFUSED)
        .options(selectinload(Grant.sources))
    )
    found: dict[UUID, dict[str, list[frozenset[str]]]] = {dossier: {} for dossier in dossiers}
    for grant in session.scalars(refused):
        found[grant.candidature_id].setdefault(grant.proof_code, []).append(sources_of(grant))
    return found


def on_equivalence(session: Session, *which: sa.ColumnElement[bool]) -> Sequence[Standing]:
    """The items of dossiers that stand on equivalence, each with its grant, if any; those of a dossier in order."""
    return session.execute(_on_equivalence().where(*which)).all()


@cache
def _on_equivalence() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Item.id,
            Item.candidature_id,
            Item.session_id,
            Item.position,
            Item.state,
            ExpectedProof.code,
            Grant,
            ItemStanding.state.label("stood"),
            ItemStanding.grant_id.label("stood_on"),
            ItemStanding.answer.label("answered"),
        )
        .join(Item.expected_proof)
        .outerjoin(Grant, Grant.id == Item.grant_id)
        .outerjoin(ItemStanding, sa.and_(ItemStanding.item_id == Item.id, ItemStanding.ended_at.is_(None)))
        .where(Item.state.in_(sorted(ON_EQUIVALENCE)))
        .options(selectinload(Grant.sources))
        .order_by(Item.candidature_id, Item.position)
    )

"""How the items of one dossier stand under two rulebooks. Reads only, and locks nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import PARIS
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolved import (
    Resolved,
    Standing,
    on_equivalence,
    refusals,
    target_of,
)
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.engine.explanation import explain
from referencing.equivalence.engine.facts import Fact
from referencing.equivalence.engine.formats import dump_derivation, read_derivation
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.models import GrantState
from referencing.equivalence.grants.queries import KnownFacts, facts_of
from referencing.equivalence.rulebooks.queries import KnownRules
from referencing.proofs.models import Proof, Verification
from referencing.solutions.models import Certificate


@dataclass(frozen=True, slots=True)
class Stand:
    """How an item stands, and on what; `confirmed` by a verifier, whatever the rules would ask."""

    answer: Answer
    confirmed: bool = False

    @property
    def derivation(self) -> dict[str, Any] | None:
        return dump_derivation(self.answer.derivation) if self.answer.derivation else None

    def told(self, facts: Mapping[str, Fact]) -> list[str]:
        confirmed = ["Un vérificateur a confirmé ce réemploi."] if self.confirmed else []
        return [*explain(self.answer, facts), *confirmed]


@dataclass(frozen=True, slots=True)
class Compared:
    item_id: UUID
    position: int
    code: str
    before: Stand
    after: Stand
    facts: Mapping[str, Fact]

    @property
    def changed(self) -> bool:
        if self.before.answer.status is not self.after.answer.status:
            return True
        return self.before.derivation != self.after.derivation


def compare_open(
    session: Session, candidature: Candidature, before: KnownRules, after: KnownRules
) -> Iterator[Compared]:
    """What stands on equivalence, resolved as the rules in force would, and as the others would once published."""
    items = on_equivalence(session, Item.candidature_id == candidature.id)
    refused = refusals(session, [candidature.id])[candidature.id]
    known = facts_of(session, candidature.core_id, before.wordings)
    first, second = _under(candidature, before, known), _under(candidature, after, known)
    facts = first.told(candidature.configuration.solution.software.nil)
    for item in items:
        those = refused.get(item.code, ())
        stands = _stand(first, item, those), _stand(second, item, those)
        yield Compared(item.id, item.position, item.code, *stands, facts)


def _under(candidature: Candidature, rules: KnownRules, known: KnownFacts) -> Resolved:
    return Resolved.of(target_of(candidature), None, rules, known)


def _stand(found: Resolved, item: Standing, refused: Sequence[frozenset[str]]) -> Stand:
    grant, answer = item.Grant, found.answer(item.code, refused)
    if grant is not None and grant.state is GrantState.CONFIRMED and found.change(item, answer) is None:
        derivation = read_derivation(grant.derivation)
        return Stand(Answer(item.code, Status.COVERED, derivation=derivation), confirmed=True)
    return Stand(answer)


def compare_decided(
    session: Session, candidature: Candidature, day: date, before: KnownRules, after: KnownRules
) -> Iterator[Compared]:
    """What would have been asked on the day of filing, under each rulebook, knowing what was known then of others.

    Neither the dossier's own proofs nor what was still under review count; what was declared not to apply is left out.
    """
    known = _known_on(session, candidature, day, facts_of(session, candidature.core_id, before.wordings, day))
    first, second = (_under(candidature, rules.seen_from(day), known) for rules in (before, after))
    facts = first.told(candidature.configuration.solution.software.nil)
    items = session.execute(
        sa.select(Item.id, Item.position, ExpectedProof.code)
        .join(Item.expected_proof)
        .where(Item.candidature_id == candidature.id, Item.state != ItemState.NOT_APPLICABLE)
        .order_by(Item.position)
    )
    for item_id, position, code in items:
        stands = Stand(first.answers[code]), Stand(second.answers[code])
        yield Compared(item_id, position, code, *stands, facts)


def _known_on(session: Session, candidature: Candidature, day: date, known: KnownFacts) -> KnownFacts:
    own = (
        sa.select(Verification.id)
        .join(Verification.proof)
        .join(Item, Item.id == Proof.item_id)
        .where(Item.candidature_id == candidature.id)
    )
    entered = sa.cast(sa.func.timezone(PARIS.key, Certificate.created_at), sa.Date())
    later = sa.select(Certificate.id).where(Certificate.core_id == candidature.core_id, entered > day)
    unknown = {str(one) for select in (own, later) for one in session.scalars(select)}
    facts = tuple(fact for fact in known.facts if fact.id not in unknown and known.rows[fact.id] is not Proof)
    return replace(known, facts=facts)

"""How the items of one dossier stand under two rulebooks. Reads only, and locks nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import PARIS, any_of
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
from referencing.equivalence.engine.facts import Fact, FactStatus
from referencing.equivalence.engine.facts import Verification as Found
from referencing.equivalence.engine.formats import dump_derivation, read_derivation
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.fact_queries import facts_of, read_facts
from referencing.equivalence.grants.known import KnownFacts
from referencing.equivalence.grants.models import GrantState
from referencing.proofs.models import Proof, Verification
from referencing.solutions.models import Certificate

from .trials import Pair


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an item stands under a rulebook, and on what; `confirmed` by a verifier, whatever the rules would ask."""

    answer: Answer
    confirmed: bool = False

    @property
    def derivation(self) -> dict[str, Any] | None:
        return dump_derivation(self.answer.derivation) if self.answer.derivation else None

    def explanation(self, facts: Mapping[str, Fact]) -> list[str]:
        """French sentences; `facts` are those that its reader may know, by id."""
        confirmed = ["Un vérificateur a confirmé ce réemploi."] if self.confirmed else []
        return [*explain(self.answer, facts), *confirmed]


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """An item as it stands before, under the rules in force, and after, under those that are tried."""

    item_id: UUID
    position: int
    code: str
    before: Outcome
    after: Outcome
    facts: Mapping[str, Fact]

    @property
    def changed(self) -> bool:
        if self.before.answer.status is not self.after.answer.status:
            return True
        return self.before.answer.derivation != self.after.answer.derivation


@dataclass(frozen=True, slots=True)
class Trial:
    """A dossier to be compared under the rules in force and under others, on the proofs that they treat otherwise."""

    candidature: Candidature
    rules: Pair

    @property
    def looked_at(self) -> sa.ColumnElement[bool]:
        """The condition that an item is to be compared."""
        of_dossier = Item.candidature_id == self.candidature.id
        differing = self.rules.differing
        return of_dossier if differing is None else of_dossier & any_of(ExpectedProof.code, sorted(differing))


def compare_open(session: Session, trials: Sequence[Trial]) -> Iterator[tuple[Trial, ComparedItem]]:
    """The items that stand on equivalence, resolved under the rules in force and under the others once published.

    Those that both treat alike are left out. The statements are as many as the technical cores, and a few.
    """
    trials = [trial for trial in trials if not trial.rules.alike]
    items: dict[UUID, list[Standing]] = defaultdict(list)
    for item in on_equivalence(session, sa.or_(sa.false(), *(trial.looked_at for trial in trials))):
        items[item.candidature_id].append(item)
    refused = refusals(session, items)
    read_once = cache(partial(read_facts, session))
    for trial in trials:
        candidature = trial.candidature
        of_dossier = items.get(candidature.id, ())
        if not of_dossier:
            continue
        core_facts = read_once(candidature.core_id).worded(trial.rules.before.wordings)
        codes = {item.code for item in of_dossier}
        first, second = (
            Resolved.of(target_of(candidature), None, rules, core_facts, codes)
            for rules in (trial.rules.before, trial.rules.after)
        )
        facts = first.told(candidature.configuration.solution.software.nil)
        for item in of_dossier:
            refused_grounds = refused[candidature.id].get(item.code, ())
            yield (
                trial,
                ComparedItem(
                    item_id=item.id,
                    position=item.position,
                    code=item.code,
                    before=_outcome(first, item, refused_grounds),
                    after=_outcome(second, item, refused_grounds),
                    facts=facts,
                ),
            )


def _outcome(resolved: Resolved, item: Standing, refused: Sequence[frozenset[str]]) -> Outcome:
    grant, answer = item.Grant, resolved.answer(item.code, refused)
    if grant is not None and grant.state is GrantState.CONFIRMED and resolved.change(item, answer) is None:
        derivation = read_derivation(grant.derivation)
        return Outcome(Answer(item.code, Status.COVERED, derivation=derivation), confirmed=True)
    return Outcome(answer)


def compare_decided(session: Session, trial: Trial, day: date) -> Iterator[ComparedItem]:
    """The items as they would have stood on the day of filing, under each rulebook, by the facts of then.

    Neither the dossier's own proofs nor what was still under review count; what was declared not to apply is left out,
    as is what both rulebooks treat alike.
    """
    if trial.rules.alike:
        return
    candidature, rules = trial.candidature, trial.rules
    core_facts = facts_of(session, candidature.core_id, rules.before.wordings, day)
    earlier_facts = _facts_before(session, candidature, day, core_facts)
    first, second = (
        Resolved.of(target_of(candidature), None, known.seen_from(day), earlier_facts, rules.differing)
        for known in (rules.before, rules.after)
    )
    facts = first.told(candidature.configuration.solution.software.nil)
    items = session.execute(
        sa.select(Item.id, Item.position, ExpectedProof.code)
        .join(Item.expected_proof)
        .where(trial.looked_at, Item.state != ItemState.NOT_APPLICABLE)
        .order_by(Item.position)
    )
    for item in items:
        yield ComparedItem(
            item_id=item.id,
            position=item.position,
            code=item.code,
            before=Outcome(first.answers[item.code]),
            after=Outcome(second.answers[item.code]),
            facts=facts,
        )


def _facts_before(
    session: Session, candidature: Candidature, day: date, core_facts: KnownFacts
) -> KnownFacts:
    """The facts that a dossier could stand on as it was filed: not its own, nor certificates entered later."""
    own = (
        sa.select(Verification.id)
        .join(Verification.proof)
        .join(Item, Item.id == Proof.item_id)
        .where(Item.candidature_id == candidature.id)
    )
    entered = sa.cast(sa.func.timezone(PARIS.key, Certificate.created_at), sa.Date())
    later = sa.select(Certificate.id).where(Certificate.core_id == candidature.core_id, entered > day)
    excluded = {str(id_) for select in (own, later) for id_ in session.scalars(select)}
    facts = tuple(
        fact
        for fact in core_facts.facts
        if fact.id not in excluded and not (isinstance(fact, Found) and fact.status is FactStatus.SUBMITTED)
    )
    return replace(core_facts, facts=facts)

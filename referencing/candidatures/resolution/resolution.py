"""Equivalence applied to a dossier: what the engine answers becomes grants, item states and tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from referencing.base.db import now, today
from referencing.base.permissions import Actor
from referencing.candidatures.record import queries
from referencing.candidatures.record.history import begin_standings, standing_row, unsettled
from referencing.candidatures.record.models import Candidature, Item, ItemStanding
from referencing.candidatures.record.states import (
    CANDIDATURE,
    ON_EQUIVALENCE,
    OPEN,
    Action,
    ItemState,
    State,
    settled,
)
from referencing.candidatures.tasks.holders import follow_ball
from referencing.candidatures.tasks.opening import follow_confirmations
from referencing.candidatures.tasks.tracks import leave_sessions
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.engine.facts import Certificate, Fact, Target
from referencing.equivalence.engine.formats import dump_derivation
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Resolution, Status, helping, resolve
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.grants.operations import end_grants, make_grants
from referencing.equivalence.grants.queries import KnownFacts, facts_of
from referencing.equivalence.rulebooks import queries as equivalence
from referencing.journal.operations import SYSTEM, Author, record
from referencing.solutions.cores import one_on
from referencing.solutions.queries import lock_core


def resolve_core(session: Session, core_id: UUID, author: Author = SYSTEM) -> None:
    """Facts of a technical core changed: every open dossier of it is resolved again."""
    lock_core(session, core_id)
    for candidature in queries.open_of_core(session, core_id):
        apply(session, candidature, _as_told(author, candidature))


def _as_told(author: Author, candidature: Candidature) -> Author:
    """In the timeline of an organisation nobody of another is named: their softwares may be one core."""
    stranger = isinstance(author, Actor) and author.own_organisation not in {
        None,
        candidature.organisation_id,
    }
    return SYSTEM if stranger else author


def apply(session: Session, candidature: Candidature, author: Author = SYSTEM) -> None:
    """Resolve the items that stand on equivalence; the core and the dossier are locked by the caller."""
    candidature.rulebook_id = _in_force(session)
    items = on_equivalence(session, candidature)
    if items:
        found = Resolved.under(session, candidature, candidature.rulebook_id, today(session))
        refused = refusals(session, candidature)
        answers = {item.code: found.answer(item.code, refused.get(item.code, ())) for item in items}
        changes = [change for item in items if (change := found.change(item, answers[item.code]))]
        stored: Stored = {}
        if changes:
            stored = _store(session, candidature, found, changes, author)
            leave_sessions(session, candidature, Item.state.in_([ItemState.COVERED, ItemState.TO_CONFIRM]))
        _keep_standings(session, items, answers, stored, found.rulebook_id)
    _instruct_again(session, candidature, author)
    follow_confirmations(session, candidature)
    settle(session, candidature, author)
    follow_ball(session, candidature)


def as_it_stands(session: Session, candidature: Candidature) -> tuple[Resolution, dict[str, Fact]]:
    """What the engine answers for a dossier, and the facts by id: today while it is open, else on its last day."""
    found = resolved_as_it_stands(session, candidature)
    return found.resolution, found.told(candidature.configuration.solution.software.nil)


def resolved_as_it_stands(session: Session, candidature: Candidature) -> "Resolved":
    """A dossier resolved today while it is open, else as of its last day; changes nothing."""
    if candidature.state in OPEN or candidature.closed_on is None:
        return Resolved.under(session, candidature, _in_force(session), today(session))
    last_day = candidature.closed_on
    then = one_on(session, candidature.software_id, last_day)
    return Resolved.under(session, candidature, candidature.rulebook_id, last_day, then)


def still_shown(session: Session, candidature: Candidature, grant: Grant) -> bool:
    """Whether a reuse is still one to confirm, by its facts and the rules in force today; changes nothing."""
    return Resolved.under(session, candidature, _in_force(session), today(session)).still_shows(grant)


def stand_in(session: Session, candidature: Candidature, codes: Collection[str]) -> dict[str, Grant]:
    """What covers these items of a decided dossier today, under the rules in force, by expected proof's code.

    Kept in the place of what covered them like this before, so that who leans on what stays known; the dossier and
    its items are left as they are.
    """
    found = Resolved.under(session, candidature, _in_force(session), today(session))
    before = sa.select(Grant.id).where(
        Grant.candidature_id == candidature.id,
        Grant.proof_code.in_(codes),
        Grant.state == GrantState.STANDS_IN,
    )
    end_grants(session, session.scalars(before).all())
    answers = [found.answers[code] for code in codes]
    return make_grants(
        session,
        candidature.id,
        candidature.core_id,
        found.rulebook_id,
        [answer for answer in answers if answer.status is Status.COVERED],
        found.known,
        covered=GrantState.STANDS_IN,
    )


def target_of(candidature: Candidature) -> Target:
    configuration = candidature.configuration
    return Target(
        dsr=candidature.version.dsr.code,
        product=str(candidature.core_id),
        solution=configuration.solution.commercial_name,
        composition=configuration.composition,
        profiles=frozenset(candidature.profiles),
        deposited_on=candidature.deposited_on,
    )


def settle(session: Session, candidature: Candidature, author: Author) -> None:
    """When nothing more is expected of anybody, the dossier goes to deliberation."""
    if candidature.state is State.IN_REVIEW and settled(queries.counts(session, candidature.id)):
        candidature.state = CANDIDATURE.follow("La candidature", candidature.state, Action.SETTLE)
        record(session, author, "candidature.settled", f"candidature:{candidature.id}", {})


def _instruct_again(session: Session, candidature: Candidature, author: Author) -> None:
    """An item that no longer stands takes its dossier back from deliberation."""
    if candidature.state is State.DELIBERATION and not settled(queries.counts(session, candidature.id)):
        candidature.state = CANDIDATURE.follow("La candidature", candidature.state, Action.SEND_BACK)
        record(session, author, "candidature.reopened", f"candidature:{candidature.id}", {})


def _in_force(session: Session) -> UUID | None:
    return equivalence.id_in_force(session)


Standing = sa.Row[UUID, int, ItemState, str, Grant, ItemState, UUID, Any]


@dataclass(frozen=True, slots=True)
class _Change:
    item: Standing
    state: ItemState
    answer: Answer


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the engine answers for a dossier under a rulebook, as of a day."""

    target: Target
    rulebook_id: UUID | None
    rules: equivalence.KnownRules
    known: KnownFacts
    resolution: Resolution
    answers: dict[str, Answer]

    @classmethod
    def under(
        cls,
        session: Session,
        candidature: Candidature,
        rulebook_id: UUID | None,
        day: date,
        softwares: Collection[UUID] | None = None,
    ) -> "Resolved":
        """On the facts of its technical core, or of these softwares."""
        rules = equivalence.rules_for(session, candidature.version, rulebook_id, day)
        known = facts_of(session, candidature.core_id, rules.wordings, day, softwares)
        return cls.of(target_of(candidature), rulebook_id, rules, known)

    @classmethod
    def of(
        cls,
        target: Target,
        rulebook_id: UUID | None,
        rules: equivalence.KnownRules,
        known: KnownFacts,
    ) -> "Resolved":
        resolution = resolve(rules.knowledge, known.facts, target)
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

    def change(self, item: Standing, answer: Answer) -> _Change | None:
        """What changes for an item, or None when it stands as it is."""
        grant: Grant | None = item.Grant
        if grant is not None and self._stands(grant, answer):
            return None
        state = ItemState(answer.status)
        if grant is None and item.state is state:
            return None
        return _Change(item, state, answer)

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
        alone = resolve(self.rules.knowledge, facts, self.target)
        return next(answer for answer in alone.items if answer.proof == proof)

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


def refusals(session: Session, candidature: Candidature) -> dict[str, list[frozenset[str]]]:
    """The facts of each reuse that a verifier refused for a dossier, by proof."""
    refused = (
        sa.select(Grant)
        .where(Grant.candidature_id == candidature.id, Grant.state == GrantState.REFUSED)
        .options(selectinload(Grant.sources))
    )
    found: dict[str, list[frozenset[str]]] = {}
    for grant in session.scalars(refused):
        found.setdefault(grant.proof_code, []).append(sources_of(grant))
    return found


def on_equivalence(session: Session, candidature: Candidature) -> Sequence[Standing]:
    """The items of a dossier that stand on equivalence, each with its grant, if any, in order."""
    return session.execute(
        sa.select(
            Item.id,
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
        .where(Item.candidature_id == candidature.id, Item.state.in_(sorted(ON_EQUIVALENCE)))
        .options(selectinload(Grant.sources))
        .order_by(Item.position)
    ).all()


Stored = Mapping[str, tuple[ItemState, UUID | None]]


def _store(
    session: Session, candidature: Candidature, found: Resolved, changes: Sequence[_Change], author: Author
) -> Stored:
    """How the items that changed stand now: their state, and the grant that they stand on, by code."""
    ended = [change.item.Grant.id for change in changes if change.item.Grant is not None]
    end_grants(session, ended)
    granted = [
        change.answer for change in changes if change.state in {ItemState.COVERED, ItemState.TO_CONFIRM}
    ]
    grants = make_grants(
        session, candidature.id, candidature.core_id, found.rulebook_id, granted, found.known
    )
    session.execute(
        sa.update(Item),
        [
            {
                "id": change.item.id,
                "state": change.state,
                "grant_id": grants[change.item.code].id if change.item.code in grants else None,
            }
            for change in changes
        ],
    )
    candidature.rulebook_id = found.rulebook_id
    record(
        session,
        author,
        "candidature.resolved",
        f"candidature:{candidature.id}",
        {
            "rulebook": str(found.rulebook_id) if found.rulebook_id else None,
            "items": {change.item.code: [change.item.state.value, change.state.value] for change in changes},
        },
    )
    return {
        change.item.code: (change.state, grants[change.item.code].id if change.item.code in grants else None)
        for change in changes
    }


def _keep_standings(
    session: Session,
    items: Sequence[Standing],
    answers: Mapping[str, Answer],
    stored: Stored,
    rulebook_id: UUID | None,
) -> None:
    """For later questions: also what changed in the nearest facts of items that are required as they were."""
    new = []
    for item in items:
        unchanged = (item.state, item.Grant and item.Grant.id)
        state, grant_id = stored.get(item.code, unchanged)
        answer = unsettled(state, answers[item.code])
        if (item.stood, item.stood_on, item.answered) != (state, grant_id, answer):
            new.append(standing_row(item.id, state, grant_id, answer=answer, rulebook_id=rulebook_id))
    begin_standings(session, new, now(session))

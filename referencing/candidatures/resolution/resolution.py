"""Equivalence applied to dossiers: what the engine answers becomes grants, item states and tasks.

All open dossiers of a technical core are resolved together, in as many statements as one; of each, what the changed
facts reach, and what other rules in force may answer otherwise, once all of it was resolved on that day by the same
lists.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, now, today
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.candidatures.record import queries
from referencing.candidatures.record.history import begin_first_standings, begin_standings
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.tasks.holders import begin_ball
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.fact_queries import read_facts
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.grants.operations import NewGrant, end_grants, new_grants, store_grants
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.equivalence.rulebooks.queries import KnownRules
from referencing.journal.operations import SYSTEM, Author

from .resolved import NewItem, Resolved, Standing, on_equivalence, refusals, target_of
from .settling import follow_items
from .storing import Answered, ToResolve, new_row, standings, store, store_reuse


def resolve_core(
    session: Session, core_id: UUID, author: Author = SYSTEM, changed: Changed | None = None
) -> None:
    """Facts of a technical core changed: what they reach in its open dossiers is resolved again.

    Where it is not said what `changed`, everything is. The core is locked by the caller.
    """
    _resolve(session, queries.open_of_core(session, core_id), author, changed)


def follow_findings(session: Session, candidature: Candidature, author: Author, *proofs: str) -> None:
    """What was found on proofs in a dossier changed: its core is resolved, and by jobs those that embed its component.

    The core is locked by the caller.
    """
    resolve_core(session, candidature.core_id, author, Changed.of(*proofs))
    if candidature.configuration.solution.software.fills:
        for proof in proofs:
            enqueue(session, "follow_component", software=str(candidature.software_id), proof=proof)


def apply(
    session: Session, candidature: Candidature, author: Author = SYSTEM, changed: Changed | None = None
) -> None:
    """Resolve the items of one dossier that stand on equivalence, as `resolve_core` does those of all.

    The core and the dossier are locked by the caller.
    """
    _resolve(session, [candidature], author, changed)


def apply_to_new(
    session: Session, candidature: Candidature, items: Sequence[NewItem], author: Author = SYSTEM
) -> None:
    """Store the items of a new dossier, each as it stands once it is resolved. The core is locked by the caller.

    There is nothing to look for of what was before: a standing, a refusal, who had the ball.
    """
    dossiers = _to_resolve(session, [candidature], author, None)
    answered = _answer(session, dossiers, items) if items else []
    stored = store_reuse(session, [answers for answers in answered if answers.changes])
    insert_rows(session, Item, [new_row(candidature, item, *stored.get(item.id, ())) for item in items])
    begin_first_standings(session, standings(answered, stored), now(session))
    begin_ball(session, candidature)


def stand_in(session: Session, candidature: Candidature, codes: Collection[str]) -> dict[str, NewGrant]:
    """What covers these items of a decided dossier today, under the rules in force, by expected proof's code.

    Kept in the place of what covered them like this before, so that who leans on what stays known; the dossier and
    its items are left as they are.
    """
    resolved = Resolved.by_rules_in_force(session, candidature, codes)
    before = sa.select(Grant.id).where(
        Grant.candidature_id == candidature.id,
        Grant.proof_code.in_(codes),
        Grant.state == GrantState.STANDS_IN,
    )
    end_grants(session, session.scalars(before).all())
    answers = [resolved.answers[code] for code in codes]
    grants = new_grants(
        candidature.id,
        candidature.core_id,
        resolved.rulebook_id,
        [answer for answer in answers if answer.status is Status.COVERED],
        resolved.known,
        resolved.rules.names,
        covered=GrantState.STANDS_IN,
    )
    store_grants(session, grants.values())
    return grants


def _resolve(
    session: Session, candidatures: Sequence[Candidature], author: Author, changed: Changed | None
) -> None:
    """The core and these dossiers of it are locked by the caller."""
    if not candidatures:
        return
    dossiers = _to_resolve(session, candidatures, author, changed)
    items = on_equivalence(session, _reached(dossiers))
    if items:
        answered = _answer(session, dossiers, items)
        stored = store(session, [answers for answers in answered if answers.changes])
        begin_standings(session, standings(answered, stored), now(session))
    follow_items(session, {dossier.candidature: dossier.author for dossier in dossiers})


def _to_resolve(
    session: Session, candidatures: Sequence[Candidature], author: Author, changed: Changed | None
) -> list[ToResolve]:
    """Each with what is to be looked at: all of it, unless all of it was already, on the same day by the same lists."""
    day = today(session)
    rulebook_id, latest = rulebooks.in_force_on(session, day)
    dossiers = []
    for candidature in candidatures:
        lists = rulebooks.lists_with(candidature.version, latest)
        rules = rulebooks.rules_of_lists(session, lists, rulebook_id, day)
        reached = None
        if changed is not None and candidature.resolved_on == basis_of(day, candidature.rulebook_id, lists):
            by_facts = rules.knowledge.reached_by(changed)
            by_rules = _by_rules(session, candidature, lists, rulebook_id, rules)
            reached = None if by_rules is None else frozenset(by_facts | by_rules)
        candidature.rulebook_id, candidature.resolved_on = rulebook_id, basis_of(day, rulebook_id, lists)
        known_as = _as_known_to(candidature, author)
        dossiers.append(ToResolve(candidature, known_as, rulebook_id, lists, rules, reached))
    return dossiers


def _by_rules(
    session: Session,
    candidature: Candidature,
    lists: tuple[UUID, ...],
    rulebook_id: UUID | None,
    rules: KnownRules,
) -> set[str] | None:
    """The proofs that may be answered otherwise than by the rules of the last resolution; None when any may."""
    if candidature.rulebook_id == rulebook_id:
        return set()
    earlier = rulebooks.rules_of_lists(session, lists, candidature.rulebook_id, rules.knowledge.day)
    return earlier.knowledge.differing(rules.knowledge)


def basis_of(day: date, rulebook_id: UUID | None, lists: Sequence[UUID]) -> str:
    """What the answers of the engine hang on besides the facts and the dossier, in short."""
    named = " ".join(map(str, (day, rulebook_id, *lists)))
    return hashlib.blake2b(named.encode(), digest_size=16).hexdigest()


def _as_known_to(candidature: Candidature, author: Author) -> Author:
    """The author as an organisation may know them: nobody of another, whose software may be of this core, is named."""
    stranger = isinstance(author, Actor) and author.own_organisation not in {
        None,
        candidature.organisation_id,
    }
    return SYSTEM if stranger else author


def _reached(dossiers: Sequence[ToResolve]) -> sa.ColumnElement[bool]:
    """The condition that an item is to be looked at."""
    whole = [dossier.candidature.id for dossier in dossiers if dossier.reached is None]
    others = [dossier.candidature.id for dossier in dossiers if dossier.reached is not None]
    codes = frozenset[str]().union(*(dossier.reached for dossier in dossiers if dossier.reached is not None))
    return sa.or_(
        Item.candidature_id.in_(whole),
        sa.and_(Item.candidature_id.in_(others), ExpectedProof.code.in_(sorted(codes))),
    )


def _answer(session: Session, dossiers: Sequence[ToResolve], items: Sequence[Standing]) -> list[Answered]:
    """What the engine answers for these items, and what a verifier refused is not proposed again."""
    by_dossier: dict[UUID, list[Standing]] = defaultdict(list)
    for item in items:
        by_dossier[item.candidature_id].append(item)
    looked_at = [dossier for dossier in dossiers if dossier.candidature.id in by_dossier]
    resolved = _resolved(session, looked_at, by_dossier)
    to_confirm = [
        dossier
        for dossier, answers in resolved.items()
        if not isinstance(by_dossier[dossier][0], NewItem)
        and any(answer.status is Status.TO_CONFIRM for answer in answers.resolution.items)
    ]
    refused = refusals(session, to_confirm) if to_confirm else {}
    answered = []
    for dossier in looked_at:
        dossier_id = dossier.candidature.id
        answers, of_dossier = resolved[dossier_id], refused.get(dossier_id, {})
        pairs = [
            (item, answers.answer(item.code, of_dossier.get(item.code, ())))
            for item in by_dossier[dossier_id]
        ]
        changes = [change for item, answer in pairs if (change := answers.change(item, answer))]
        answered.append(Answered(dossier, answers, pairs, changes))
    return answered


def _resolved(
    session: Session, dossiers: Sequence[ToResolve], items: Mapping[UUID, Sequence[Standing]]
) -> dict[UUID, Resolved]:
    """Each of these dossiers of one core, resolved for these items of it on the facts that can count for them."""
    codes = {
        dossier.candidature.id: {item.code for item in items[dossier.candidature.id]} for dossier in dossiers
    }
    if any(dossier.reached is None for dossier in dossiers):
        proofs = None
    else:
        reaching = (dossier.rules.knowledge.reaching(codes[dossier.candidature.id]) for dossier in dossiers)
        proofs = set[str]().union(*reaching)
    core_id, day = dossiers[0].candidature.core_id, dossiers[0].rules.knowledge.day
    facts = read_facts(session, core_id, day, proofs=proofs)
    worded = {dossier.lists: dossier.rules.wordings for dossier in dossiers}
    known = {lists: facts.worded(wordings) for lists, wordings in worded.items()}
    return {
        dossier.candidature.id: Resolved.of(
            target_of(dossier.candidature),
            dossier.rulebook_id,
            dossier.rules,
            known[dossier.lists],
            codes[dossier.candidature.id],
        )
        for dossier in dossiers
    }

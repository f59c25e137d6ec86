"""Equivalence applied to dossiers: what the engine answers becomes grants, item states and tasks.

All open dossiers of a technical core are resolved together, in as many statements as one; of each, what the changed
facts reach, once all of it was resolved on that day, by the same rules and lists.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now, today, update_rows
from referencing.base.permissions import Actor
from referencing.candidatures.record import queries
from referencing.candidatures.record.history import Row, begin_standings, standing_row, unsettled
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.tasks.tracks import leave_sessions
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.grants.operations import NewGrant, end_grants, new_grants, store_grants
from referencing.equivalence.grants.queries import read_facts
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.journal.operations import SYSTEM, Author, Line, record_all
from referencing.solutions.queries import lock_core

from .resolved import Change, Resolved, Standing, on_equivalence, refusals, target_of
from .settling import follow_items


def resolve_core(
    session: Session, core_id: UUID, author: Author = SYSTEM, changed: Changed | None = None
) -> None:
    """Facts of a technical core changed: what they reach in its open dossiers is resolved again.

    Where it is not said what `changed`, everything is.
    """
    lock_core(session, core_id)
    _resolve(session, queries.open_of_core(session, core_id), author, changed)


def apply(
    session: Session, candidature: Candidature, author: Author = SYSTEM, changed: Changed | None = None
) -> None:
    """Resolve the items of one dossier that stand on equivalence, as `resolve_core` does those of all.

    The core and the dossier are locked by the caller.
    """
    _resolve(session, [candidature], author, changed)


def stand_in(session: Session, candidature: Candidature, codes: Collection[str]) -> dict[str, NewGrant]:
    """What covers these items of a decided dossier today, under the rules in force, by expected proof's code.

    Kept in the place of what covered them like this before, so that who leans on what stays known; the dossier and
    its items are left as they are.
    """
    resolved = Resolved.under(session, candidature, rulebooks.id_in_force(session), today(session))
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
        covered=GrantState.STANDS_IN,
    )
    store_grants(session, grants.values())
    return grants


@dataclass(frozen=True, slots=True)
class _Dossier:
    """A dossier to resolve, and who did what makes it so; `reached` are the proofs to look at, None for all."""

    candidature: Candidature
    author: Author
    rulebook_id: UUID | None
    lists: tuple[UUID, ...]
    rules: rulebooks.KnownRules
    reached: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Answered:
    """The items of a dossier with what the engine answers for each, and what changes by it."""

    dossier: _Dossier
    resolved: Resolved
    items: Sequence[tuple[Standing, Answer]]
    changes: Sequence[Change]


#: How an item that changed stands: its state, and the grant that it stands on, by item.
_Stored = Mapping[UUID, tuple[ItemState, UUID | None]]


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
        stored = _store(session, [answers for answers in answered if answers.changes])
        _keep_standings(session, answered, stored)
    follow_items(session, {dossier.candidature: dossier.author for dossier in dossiers})


def _to_resolve(
    session: Session, candidatures: Sequence[Candidature], author: Author, changed: Changed | None
) -> list[_Dossier]:
    """Each with what is to be looked at: all of it, unless all of it was already, on the same day by the same rules."""
    day, rulebook_id = today(session), rulebooks.id_in_force(session)
    latest = rulebooks.latest_on(session, day)
    dossiers = []
    for candidature in candidatures:
        lists = rulebooks.lists_with(candidature.version, latest)
        rules = rulebooks.rules_of_lists(session, lists, rulebook_id, day)
        basis = _basis(day, rulebook_id, lists)
        reached = None
        if changed is not None and candidature.resolved_on == basis:
            reached = frozenset(rules.knowledge.reached_by(changed))
        candidature.rulebook_id, candidature.resolved_on = rulebook_id, basis
        known_as = _as_known_to(candidature, author)
        dossiers.append(_Dossier(candidature, known_as, rulebook_id, lists, rules, reached))
    return dossiers


def _basis(day: date, rulebook_id: UUID | None, lists: Sequence[UUID]) -> str:
    """What the answers of the engine hang on besides the facts and the dossier, in short."""
    named = " ".join(map(str, (day, rulebook_id, *lists)))
    return hashlib.blake2b(named.encode(), digest_size=16).hexdigest()


def _as_known_to(candidature: Candidature, author: Author) -> Author:
    """In the timeline of an organisation nobody of another is named: their softwares may be one core."""
    stranger = isinstance(author, Actor) and author.own_organisation not in {
        None,
        candidature.organisation_id,
    }
    return SYSTEM if stranger else author


def _reached(dossiers: Sequence[_Dossier]) -> sa.ColumnElement[bool]:
    """The condition that an item is to be looked at."""
    whole = [dossier.candidature.id for dossier in dossiers if dossier.reached is None]
    others = [dossier.candidature.id for dossier in dossiers if dossier.reached is not None]
    codes = frozenset[str]().union(*(dossier.reached for dossier in dossiers if dossier.reached is not None))
    return sa.or_(
        Item.candidature_id.in_(whole),
        sa.and_(Item.candidature_id.in_(others), ExpectedProof.code.in_(sorted(codes))),
    )


def _answer(session: Session, dossiers: Sequence[_Dossier], items: Sequence[Standing]) -> list[_Answered]:
    """What the engine answers for these items, and what a verifier refused is not proposed again."""
    by_dossier: dict[UUID, list[Standing]] = defaultdict(list)
    for item in items:
        by_dossier[item.candidature_id].append(item)
    looked_at = [dossier for dossier in dossiers if dossier.candidature.id in by_dossier]
    resolved = _resolved(session, looked_at, by_dossier)
    to_confirm = [
        dossier
        for dossier, answers in resolved.items()
        if any(answer.status is Status.TO_CONFIRM for answer in answers.resolution.items)
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
        answered.append(_Answered(dossier, answers, pairs, changes))
    return answered


def _resolved(
    session: Session, dossiers: Sequence[_Dossier], items: Mapping[UUID, Sequence[Standing]]
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


def _store(session: Session, answered: Sequence[_Answered]) -> _Stored:
    """How the items that changed stand now, told in the timeline of each dossier."""
    changes = [change for answers in answered for change in answers.changes]
    if not changes:
        return {}
    end_grants(session, [change.item.Grant.id for change in changes if change.item.Grant is not None])
    granted = {grant_of: grant for answers in answered for grant_of, grant in _granted(answers)}
    store_grants(session, granted.values())
    stored = {
        change.item.id: (
            change.state,
            granted[change.item.id].id if change.item.id in granted else None,
        )
        for change in changes
    }
    rows = [{"id": item, "state": state, "grant_id": grant} for item, (state, grant) in stored.items()]
    update_rows(session, Item, rows)
    record_all(session, [_told(answers) for answers in answered])
    for answers in answered:
        if any(change.item.session_id is not None for change in answers.changes):
            reused = Item.state.in_([ItemState.COVERED, ItemState.TO_CONFIRM])
            leave_sessions(session, answers.dossier.candidature, reused)
    return stored


def _granted(answers: _Answered) -> Iterator[tuple[UUID, NewGrant]]:
    """A grant, not stored yet, for each item that is reused from now on, or otherwise than before."""
    reused = {
        change.answer.proof: change
        for change in answers.changes
        if change.state in {ItemState.COVERED, ItemState.TO_CONFIRM}
    }
    candidature = answers.dossier.candidature
    grants = new_grants(
        candidature.id,
        candidature.core_id,
        answers.dossier.rulebook_id,
        [change.answer for change in reused.values()],
        answers.resolved.known,
    )
    for code, grant in grants.items():
        yield reused[code].item.id, grant


def _told(answers: _Answered) -> Line:
    rulebook_id = answers.dossier.rulebook_id
    return Line(
        answers.dossier.author,
        "candidature.resolved",
        f"candidature:{answers.dossier.candidature.id}",
        {
            "rulebook": str(rulebook_id) if rulebook_id else None,
            "items": {
                change.item.code: [change.item.state.value, change.state.value] for change in answers.changes
            },
        },
    )


def _keep_standings(session: Session, answered: Sequence[_Answered], stored: _Stored) -> None:
    """For later questions: also what changed in the nearest facts of items that are required as they were."""
    rows = [row for answers in answered for row in _standings(answers, stored)]
    begin_standings(session, rows, now(session))


def _standings(answers: _Answered, stored: _Stored) -> Iterator[Row]:
    """How the items stand that stand otherwise than is kept of them."""
    for item, answer in answers.items:
        unchanged = (item.state, item.Grant and item.Grant.id)
        state, grant_id = stored.get(item.id, unchanged)
        written = unsettled(state, answer)
        if (item.stood, item.stood_on, item.answered) != (state, grant_id, written):
            yield standing_row(
                item.id, state, grant_id, answer=written, rulebook_id=answers.dossier.rulebook_id
            )

"""The consequences for all that leaned on what ceased to count, dossier by dossier: once each, at once or by jobs.

The facts change in one transaction, which notes who leans on them. Nobody uses a revoked fact from then on: what is
resolved, confirmed or decided looks at the facts again. What becomes of each dossier is then written in a transaction
that holds that dossier, and may be tried as often as need be: what has a fate keeps it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_of, new_id, now, undone
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import LISTED, OPEN, ItemState
from referencing.candidatures.resolution.resolution import apply, stand_in
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.grants.models import Grant
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.journal.models import INTERNAL
from referencing.journal.operations import SYSTEM, Author, record
from referencing.proofs.models import Verification
from referencing.proofs.queries import proofs_found_in
from referencing.solutions.models import Certificate, Embedding, Software

from .models import Cause, Consequence, Fate, Flag, Revocation
from .queries import Leaning, facts_of_standing, owner_of

#: A thing that counts no more, and the items that leaned on it.
Noted = tuple[Revocation, Sequence[Leaning]]
#: So many dossiers are followed in the transaction that changes the facts; more are left to jobs.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Effect:
    """The fate of an item that leaned on what ceased to count: its `state` afterwards, and what now covers it.

    Without a fate when a job has yet to see to its dossier.
    """

    candidature: UUID
    item: UUID
    code: str
    fate: Fate | None
    state: ItemState | None
    derivation: dict[str, Any] | None

    @classmethod
    def of(cls, row: Consequence) -> "Effect":
        return cls(
            candidature=row.candidature_id,
            item=row.item_id,
            code=row.code,
            fate=row.fate,
            state=row.state,
            derivation=row.derivation,
        )


def dossiers_of(leaning: Sequence[Leaning]) -> list[UUID]:
    """The dossiers of these items, in the order of locking."""
    return list(dict.fromkeys(one.candidature_id for one in leaning))


def note_consequences(session: Session, revocation: Revocation, leaning: Sequence[Leaning]) -> None:
    """Keep a revocation with the items that lean on its cause, for `follow`."""
    session.add(revocation)
    session.flush()
    session.add_all(
        Consequence(
            id=new_id(),
            revocation_id=revocation.id,
            candidature_id=item.candidature_id,
            item_id=item.item_id,
            code=item.code,
        )
        for item in leaning
    )
    session.flush()


def follow_or_enqueue(
    session: Session, author: Author, revocation: Revocation, leaning: Sequence[Leaning]
) -> list[Effect]:
    """Follow a revocation in its dossiers where they are few; else enqueue a job for each dossier."""
    return follow_or_enqueue_all(session, author, [(revocation, leaning)])


def by_jobs(dossiers: Iterable[UUID]) -> bool:
    """Whether these dossiers are too many to be followed at once; one that is named several times is one."""
    return len(set(dossiers)) > AT_ONCE


def follow_or_enqueue_all(session: Session, author: Author, noted: Sequence[Noted]) -> list[Effect]:
    """Follow revocations that were made together; the dossiers of all of them count against AT_ONCE.

    What is not followed at once has its jobs, and no fate yet.
    """
    at_once = _at_once(session, author, {item.candidature_id for _, leaning in noted for item in leaning})
    effects: list[Effect] = []
    for revocation, leaning in noted:
        for dossier in dossiers_of(leaning):
            if dossier in at_once:
                effects += follow(session, revocation.id, dossier, author)
            else:
                enqueue(session, "follow_revocation", revocation=str(revocation.id), candidature=str(dossier))
        effects += [
            Effect(item.candidature_id, item.item_id, item.code, fate=None, state=None, derivation=None)
            for item in leaning
            if item.candidature_id not in at_once
        ]
    return effects


def _at_once(session: Session, author: Author, dossiers: Collection[UUID]) -> frozenset[UUID]:
    """The dossiers, of these, that are followed in this transaction: all where they are few.

    Else those that an organisation may read, where these are few: what becomes of them is not to tell of others.
    """
    if not by_jobs(dossiers):
        return frozenset(dossiers)
    if not isinstance(author, Actor) or author.of_agency:
        return frozenset()
    own = candidatures.readable_among(session, author, dossiers)
    return frozenset() if by_jobs(own) else frozenset(own)


def follow_all(
    session: Session, author: Author, revocation: Revocation, leaning: Sequence[Leaning]
) -> list[Effect]:
    """Follow a revocation in all its dossiers, which are locked together until the transaction ends."""
    return [effect for one in dossiers_of(leaning) for effect in follow(session, revocation.id, one, author)]


def foresee(
    session: Session, author: Author, revocation: Revocation, leaning: Sequence[Leaning]
) -> list[Effect]:
    """The effects that `follow_or_enqueue` and its jobs will have; a dossier is unlocked before the next is locked."""
    effects: list[Effect] = []
    for dossier in dossiers_of(leaning):
        with undone(session):
            effects += follow(session, revocation.id, dossier, author)
    return effects


def follow(
    session: Session, revocation_id: UUID, candidature_id: UUID, author: Author = SYSTEM
) -> list[Effect]:
    """Give each item of a dossier its fate, unless it has one already."""
    candidature = candidatures.held_still(session, candidature_id)
    rows = session.scalars(
        sa.select(Consequence)
        .where(
            Consequence.revocation_id == revocation_id,
            Consequence.candidature_id == candidature_id,
            Consequence.fate.is_(None),
        )
        .order_by(Consequence.code)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return []
    revocation = session.get_one(Revocation, revocation_id)
    fate = _fates(session, candidature, revocation, [row.code for row in rows], author)
    of_rows = sa.select(Item).where(any_of(Item.id, [row.item_id for row in rows]))
    items = {item.id: item for item in session.scalars(of_rows.execution_options(populate_existing=True))}
    for row in rows:
        row.fate, row.state, row.derivation = fate(items[row.item_id])
        if row.fate is Fate.FLAGGED:
            session.add(_flag(session, row))
    session.flush()
    _record_effects(session, author, revocation, candidature, rows)
    return [Effect.of(row) for row in rows]


Outcome = tuple[Fate, ItemState, dict[str, Any] | None]


def _fates(
    session: Session, candidature: Candidature, revocation: Revocation, codes: Sequence[str], author: Author
) -> Callable[[Item], Outcome]:
    if candidature.state in OPEN:
        return _of_open(session, candidature, revocation, author)
    return _of_listed(session, candidature, codes) if candidature.state in LISTED else _of_closed


def _of_open(
    session: Session, candidature: Candidature, revocation: Revocation, author: Author
) -> Callable[[Item], Outcome]:
    apply(session, candidature, author, _changed(session, revocation))
    session.flush()
    of_dossier = facts_of_standing(session, revocation.standing_id)

    def fate(item: Item) -> Outcome:
        grant = session.get(Grant, item.grant_id) if item.grant_id else None
        if item.state is ItemState.COVERED and grant is not None:
            same_facts = any(source.verification_id in of_dossier for source in grant.sources)
            return (
                (Fate.GAINED if same_facts else Fate.COVERED_OTHERWISE),
                item.state,
                grant.derivation,
            )
        return Fate.REOPENED, item.state, None

    return fate


def _changed(session: Session, revocation: Revocation) -> Changed | None:
    """The facts that count no more, or otherwise than before; None where it is the rules that changed, or the core."""
    if revocation.verification_id is not None:
        return Changed.of(session.get_one(Verification, revocation.verification_id).proof_code)
    if revocation.certificate_id is not None:
        return Changed(kinds=frozenset({session.get_one(Certificate, revocation.certificate_id).kind}))
    if revocation.standing_id is not None:
        dossier = session.get_one(DossierStanding, revocation.standing_id).candidature_id
        return Changed(proofs_found_in(session, dossier))
    return None


def _of_listed(session: Session, candidature: Candidature, codes: Sequence[str]) -> Callable[[Item], Outcome]:
    grants = stand_in(session, candidature, codes)

    def fate(item: Item) -> Outcome:
        grant = grants.get(item.expected_proof.code)
        if grant is not None:
            return Fate.COVERED_OTHERWISE, item.state, grant.row["derivation"]
        return Fate.FLAGGED, item.state, None

    return fate


def _of_closed(item: Item) -> Outcome:
    return Fate.CLOSED, item.state, None


def _flag(session: Session, row: Consequence) -> Flag:
    return Flag(
        id=new_id(),
        revocation_id=row.revocation_id,
        candidature_id=row.candidature_id,
        item_id=row.item_id,
        raised_at=now(session),
    )


def _record_effects(
    session: Session,
    author: Author,
    revocation: Revocation,
    candidature: Candidature,
    rows: Sequence[Consequence],
) -> None:
    """Write the effects once in the dossier's timeline, where something is otherwise than before."""
    flagged = candidature.state in LISTED
    changed = {
        row.code: row.fate.value
        for row in rows
        if row.fate and row.fate is not Fate.CLOSED and (row.fate is Fate.FLAGGED or not flagged)
    }
    if not changed:
        return
    detail: dict[str, Any] = {
        "cause": revocation.cause.value,
        "expired": revocation.expired,
        "items": changed,
    }
    internal = {"revocation": str(revocation.id), "reason": revocation.reason}
    if _may_know_reason(session, revocation, candidature):
        detail["reason"] = internal.pop("reason")
    action = "candidature.flagged" if flagged else "candidature.affected"
    stream = f"candidature:{candidature.id}"
    record(session, author, action, stream, {**detail, INTERNAL: internal})


def _may_know_reason(session: Session, revocation: Revocation, candidature: Candidature) -> bool:
    """Whether the editor may know the reason: not where the facts are another organisation's."""
    if revocation.cause in {Cause.RULE, Cause.ALIKE}:
        return True
    if revocation.cause is Cause.IDENTITY:
        return False
    if revocation.embedding_id is not None:
        embedder = session.get_one(Embedding, revocation.embedding_id).software
        return embedder.organisation_id == candidature.organisation_id
    if revocation.standing_id is not None:
        return candidature.organisation_id == owner_of(session, revocation.standing_id)
    owner = sa.select(Software.organisation_id)
    if revocation.verification_id is not None:
        owner = owner.join(Verification, Verification.software_id == Software.id).where(
            Verification.id == revocation.verification_id
        )
    else:
        owner = owner.join(Certificate, Certificate.software_id == Software.id).where(
            Certificate.id == revocation.certificate_id,
            sa.or_(Certificate.original_id.is_(None), sa.literal(revocation.expired)),
        )
    return session.scalar(owner) == candidature.organisation_id

"""Dossiers and items with all that a page about them shows, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Bundle, Session, selectinload

from referencing.accounts.visible_queries import readable
from referencing.base.db import after, any_given, before, now, today
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.clock.ledger import Holder
from referencing.candidatures.record.models import TO_SUPPLY, BallInterval, Candidature, Item, Verdict
from referencing.candidatures.record.queries import (
    _WHOLE,
    ALL,
    Among,
    _narrowed,
    progress_of,
)
from referencing.candidatures.record.states import OPEN, ItemState, State, nothing_to_supply
from referencing.candidatures.tasks.models import Opinion, Queue, Task
from referencing.candidatures.tasks.queries import OPINION_AWAITED, Awaited, awaited, is_unread
from referencing.catalogue.models import ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet
from referencing.certificates.declarations.models import EdcPscDeclaration
from referencing.certificates.declarations.queries import missing_step
from referencing.certificates.declarations.queries import standing as declarations_of
from referencing.equivalence.grants.queries import Reuse, reuses
from referencing.journal.models import Entry
from referencing.journal.queries import sealed_after
from referencing.proofs.models import Proof
from referencing.proofs.queries import Stale, stale, unchanged

#: The role that signs people in; a proof for the EDC PSC counter that names no role is about it.
PSC = "psc"
#: What is done to a dossier, or with it, and answered by a receipt.
ACTS = (
    "candidature.submitted",
    "candidature.taken_back",
    "candidature.withdrawn",
    "candidature.found_incomplete",
    "candidature.admitted",
    "candidature.decided",
    "proof.supplied",
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """With its items by state, and those that miss by guichet: none once it is closed."""

    candidature: Candidature
    counts: dict[ItemState, int]
    missing: dict[str, int]


def dossiers(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: State | None = None,
    among: Among = ALL,
    newest: bool = False,
) -> Sequence[Dossier]:
    """Dossiers in the order of drafting, or the newest first, so that a page never shifts while one reads."""
    authorise(actor, Right.READ_CANDIDATURES)
    visible = sa.select(Candidature).options(*_WHOLE).where(readable(session, actor, Candidature))
    select = _narrowed(visible, among)
    if state is not None:
        select = select.where(Candidature.state == state)
    ordered = before(select, Candidature.id, cursor) if newest else after(select, [Candidature.id], cursor)
    return counted(session, session.scalars(ordered.limit(limit)).all())


def latest_awaiting(session: Session, actor: Actor, most: int) -> Mapping[Holder, Sequence[Dossier]]:
    """The latest open dossiers, so many at the most by whom they wait for, the newest first.

    They wait for their editor also where it has something to supply while the agency or a third party has the ball.
    """
    authorise(actor, Right.READ_CANDIDATURES)
    ranked = _ranked_by_awaited(session, actor).subquery()
    latest = session.execute(
        sa.select(Candidature, ranked.c.awaited)
        .options(*_WHOLE)
        .join(ranked, ranked.c.id == Candidature.id)
        .where(ranked.c.place <= most)
        .order_by(Candidature.id.desc())
    ).all()
    awaiting: dict[Holder, list[Dossier]] = {holder: [] for holder in Holder}
    whole = counted(session, [candidature for candidature, _ in latest])
    for dossier, (_, awaited_holder) in zip(whole, latest, strict=True):
        awaiting[awaited_holder].append(dossier)
    return awaiting


def _ranked_by_awaited(session: Session, actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Open dossiers with whom they wait for and their place among these, the newest first.

    What is read of each is its row, its turn and at most one item, however many it holds and whatever is closed.
    """
    to_supply = (
        sa.select(sa.literal(Holder.EDITOR, BallInterval.holder.type))
        .where(Item.candidature_id == Candidature.id, TO_SUPPLY, Candidature.state == State.IN_REVIEW)
        .limit(1)  # a value is asked dossier by dossier; a condition may be answered for everybody's at once
        .scalar_subquery()
    )
    awaited_holder = sa.func.coalesce(to_supply, BallInterval.holder)
    newest_first = sa.func.row_number().over(partition_by=awaited_holder, order_by=Candidature.id.desc())
    turn = (BallInterval.candidature_id == Candidature.id) & BallInterval.ended_at.is_(None)
    return (
        sa.select(Candidature.id, awaited_holder.label("awaited"), newest_first.label("place"))
        .join(BallInterval, turn)
        .where(Candidature.state.in_(sorted(OPEN)), readable(session, actor, Candidature))
    )


def counted(session: Session, found: Sequence[Candidature]) -> Sequence[Dossier]:
    """One query, however many they are."""
    counts, gaps = progress_of(session, [one.id for one in found])
    return [Dossier(one, counts[one.id], gaps[one.id] if one.state in OPEN else {}) for one in found]


#: An item with what is asked: the attributes of `Item` that are shown, in a third of the time of the objects, which
#: could be changed.
_ITEM: Bundle[Any] = Bundle(
    "item",
    *(Item.id, Item.candidature_id, Item.position, Item.state, Item.track, Item.round, Item.reason),
    *(Item.external_reference, Item.grant_id, Item.session_id),
    Bundle(
        "expected_proof",
        *(ExpectedProof.id, ExpectedProof.version_id, ExpectedProof.code, ExpectedProof.text),
        *(ExpectedProof.scenario_text, ExpectedProof.guichet, ExpectedProof.kind, ExpectedProof.roles),
        Bundle("requirement", Requirement.code, Requirement.chapter, Requirement.profile, Requirement.text),
    ),
)
_ITEMS = sa.select(_ITEM).join(Item.expected_proof).join(ExpectedProof.requirement)


class ItemView(NamedTuple):
    """An item with what is asked (`_ITEM`, or an `Item`), the last version supplied (its files loaded), the reuse it
    stands on, and the last verdict that was not taken back. `expert_since` is since when an expert's opinion on it is
    awaited, `unread` whether it waits for a reader and nobody has begun to read it, `second_reading` whether it was
    read once and waits for another reader, `not_supplied_because` why no proof is taken for it now, in French, None
    while one is, `unchanged` the files of `proof` that were there when a complement was asked, `third_party` whose
    answer is; `declared` is what the EDC PSC was told of each component, where the item is about that.
    """

    item: Any
    dossier: Candidature
    proof: Proof | None
    grant: Reuse | None
    expert_since: datetime | None
    unread: bool
    second_reading: bool
    not_supplied_because: str | None
    third_party: Awaited | None
    verdict: Verdict | None
    stale: Stale
    today: date
    declared: Mapping[str, Sequence[EdcPscDeclaration]]
    unchanged: Sequence[str] = ()


def undeclared(view: ItemView) -> list[str]:
    """What Pro Santé Connect was not told of the components that an item is about, in French."""
    asked, configuration = view.item.expected_proof, view.dossier.configuration
    if asked.guichet is not Guichet.EDC_PSC:
        return []
    nil = configuration.solution.software.nil
    filling = {configuration.composition.get(role, nil) for role in asked.roles or (PSC,)}
    steps = (missing_step(component, view.declared) for component in sorted(filling))
    return [step for step in steps if step]


def items(
    session: Session,
    candidature_id: UUID,
    cursor: Sequence[Any] | None = None,
    limit: int | None = None,
    *,
    state: ItemState | None = None,
    chapter: str | None = None,
) -> Sequence[ItemView]:
    """The items of a dossier in the order of the requirements; a fixed number of queries, however many items."""
    select = _ITEMS.where(Item.candidature_id == candidature_id)
    if state is not None:
        select = select.where(Item.state == state)
    if chapter is not None:
        select = select.where(Requirement.chapter == chapter)
    return _views(session, session.scalars(after(select, [Item.position], cursor).limit(limit)).all())


def item_view(session: Session, found: Item) -> ItemView:
    return _views(session, [found])[0]


def _views(session: Session, found: Sequence[Any]) -> Sequence[ItemView]:
    """Views of items of one dossier, which who asks has read already."""
    if not found:
        return []
    dossier, ids = session.get_one(Candidature, found[0].candidature_id), [one.id for one in found]
    proofs = {proof.item_id: proof for proof in session.scalars(_last_proofs(), {"items": ids})}
    grants = reuses(session, [one.grant_id for one in found if one.grant_id])
    waiting = _waiting(session, ids)
    third_parties = {one.item_id: one for one in awaited(session, Task.item_id, ids)}
    verdicts = _standing(session, ids)
    reasons = stale(session, [proof.id for proof in proofs.values()]) if proofs else {}
    answers = [proof.id for proof in proofs.values() if proof.number > 1]
    repeated = unchanged(session, answers) if answers else {}
    about_psc = any(one.expected_proof.guichet is Guichet.EDC_PSC for one in found)
    declared = declarations_of(session, dossier.software_id) if about_psc else {}
    day = today(session)
    views = []
    for one in found:
        proof = proofs.get(one.id)
        expert_since, unread, second_reading = waiting.get(one.id, (None, False, False))
        in_session = one.session_id is not None
        views.append(
            ItemView(
                one,
                dossier,
                proof,
                grants.get(one.grant_id) if one.grant_id else None,
                expert_since,
                unread,
                second_reading,
                nothing_to_supply(dossier.state, one.state, in_session=in_session, unread=unread),
                third_parties.get(one.id),
                verdicts.get(one.id),
                reasons,
                day,
                declared,
                repeated.get(proof.id, ()) if proof else (),
            )
        )
    return views


@cache
def _last_proofs() -> sa.Select[Proof]:
    """The last version supplied for each of the `items`."""
    return (
        sa.select(Proof)
        .where(any_given(Proof.item_id, "items"))
        .ext(distinct_on(Proof.item_id))
        .order_by(Proof.item_id, Proof.number.desc())
        .options(selectinload(Proof.files), selectinload(Proof.verifications))
    )


def acts(session: Session, candidature_id: UUID, after: int, limit: int) -> Sequence[Entry]:
    """The entries of a dossier's acts after a number, oldest first."""
    return session.scalars(
        _acts(candidature_id).where(Entry.number > after).order_by(Entry.number).limit(limit)
    ).all()


def last_act(session: Session, candidature_id: UUID) -> Entry:
    """The entry of the last act on a dossier, which has just been done."""
    return session.scalars(_acts(candidature_id).order_by(Entry.number.desc()).limit(1)).one()


def act(session: Session, candidature_id: UUID, number: int) -> tuple[Entry, bool]:
    """The entry of an act, and whether the record still gives it the digest that it has. Raises NotFound."""
    entry = session.scalar(_acts(candidature_id).where(Entry.number == number))
    if entry is None:
        raise NotFound("Ce récépissé n'existe pas : voyez la liste de ceux de la candidature (.../receipts).")
    return entry, sealed_after(session, entry)


def _acts(candidature_id: UUID) -> sa.Select[Entry]:
    return sa.select(Entry).where(Entry.stream == f"candidature:{candidature_id}", Entry.action.in_(ACTS))


def _waiting(session: Session, items: Sequence[UUID]) -> dict[UUID, tuple[datetime | None, bool, bool]]:
    """By item with an open task, in one query: since when an expert is awaited, whether nobody has begun to read, and
    whether one reader has and another is awaited.
    """
    rows = session.execute(_open_tasks(), {"items": items, "moment": now(session)})
    return {row.item_id: (row.expert_since, row.unread, row.second_reading) for row in rows}


@cache
def _open_tasks() -> sa.Select[*tuple[Any, ...]]:
    """What is asked of the open tasks on `items`, by claims that last at the `moment`."""
    since = (
        sa.select(sa.func.min(Opinion.asked_at))
        .where(Opinion.task_id == Task.id, OPINION_AWAITED)
        .scalar_subquery()
    )
    return sa.select(
        Task.item_id,
        since.label("expert_since"),
        is_unread(sa.bindparam("moment")).label("unread"),
        (Task.queue == Queue.SECOND_READING).label("second_reading"),
    ).where(any_given(Task.item_id, "items"), Task.closed_at.is_(None))


def _standing(session: Session, items: Sequence[UUID]) -> dict[UUID, Verdict]:
    """The last verdict on each item that was not taken back, in one query."""
    return {verdict.item_id: verdict for verdict in session.scalars(_last_verdicts(), {"items": items})}


@cache
def _last_verdicts() -> sa.Select[Verdict]:
    return (
        sa.select(Verdict)
        .where(any_given(Verdict.item_id, "items"), Verdict.undone_at.is_(None))
        .ext(distinct_on(Verdict.item_id))
        .order_by(Verdict.item_id, Verdict.id.desc())
    )

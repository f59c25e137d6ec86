"""Reading dossiers and their items, each organisation its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from referencing.accounts.queries import may_enter_candidature, permitted
from referencing.base.db import after, today
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise, reveal
from referencing.catalogue.models import DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet
from referencing.certificates.declarations.declarations import standing as declarations_of
from referencing.certificates.declarations.models import EdcPscDeclaration
from referencing.equivalence.grants.models import Grant
from referencing.proofs.models import Proof
from referencing.proofs.staleness import Stale, stale
from referencing.solutions.models import Configuration, Solution
from referencing.solutions.queries import lock_core_of

from .models import Candidature, Item, Opinion, Task, Verdict
from .states import OPEN, ItemState, State, Track
from .veil import reused_of_others
from .waits import Awaited, awaited

NO_CANDIDATURE = "Cette candidature n'existe pas : vérifiez son identifiant."
NO_ITEM = "Cette candidature n'a pas cette preuve attendue : vérifiez son code ou son identifiant."
NO_REFERENCE = "Aucune preuve attendue de cette candidature ne porte cette référence : vérifiez-la."

#: Before the editor's own reference of an item, where an id or a code could stand: no code begins so.
REFERENCE = "ref:"

_WHOLE = (
    joinedload(Candidature.version).joinedload(DsrVersion.dsr),
    joinedload(Candidature.organisation),
    joinedload(Candidature.configuration).joinedload(Configuration.solution).joinedload(Solution.software),
)


def candidature(
    session: Session, actor: Actor, candidature_id: UUID, right: Right = Right.READ_CANDIDATURES
) -> Candidature:
    """Raises NotFound for another organisation's as for none, and for what no permission opens to an integration."""
    authorise(actor, right)
    found = session.scalar(sa.select(Candidature).where(Candidature.id == candidature_id).options(*_WHOLE))
    if found is None:
        raise NotFound(NO_CANDIDATURE)
    _reveal(session, actor, found.id, found.organisation_id)
    return found


def locked(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """The same, with its technical core's facts and the dossier itself kept still, always in that order."""
    owner = session.scalar(sa.select(Candidature.organisation_id).where(Candidature.id == candidature_id))
    if owner is None:
        raise NotFound(NO_CANDIDATURE)
    _reveal(session, actor, candidature_id, owner)
    found = held_still(session, candidature_id)
    if actor.by_permission:  # which may have been revoked while this waited; it cannot be from now on
        _reveal(session, actor, candidature_id, owner)
    return found


def _reveal(session: Session, actor: Actor, candidature_id: UUID, owner: UUID) -> None:
    allowed = may_enter_candidature(session, actor, candidature_id)
    reveal(actor, owner, NO_CANDIDATURE, permitted=allowed)


def held_still(session: Session, candidature_id: UUID) -> Candidature:
    """For what the application does of itself."""
    lock_core_of(session, sa.select(Candidature.core_id).where(Candidature.id == candidature_id))
    return session.scalars(
        sa.select(Candidature)
        .where(Candidature.id == candidature_id)
        .options(*_WHOLE)
        .with_for_update(of=Candidature)
        .execution_options(populate_existing=True)
    ).one()


def dossier_of(session: Session, candidature_id: UUID) -> Candidature:
    """For what the application only looks at: nothing is locked."""
    return session.scalars(
        sa.select(Candidature).where(Candidature.id == candidature_id).options(*_WHOLE)
    ).one()


def open_of_core(session: Session, core_id: UUID) -> Sequence[Candidature]:
    """Every open dossier of a technical core, kept still; the core must be locked before."""
    return session.scalars(
        sa.select(Candidature)
        .where(Candidature.core_id == core_id, Candidature.state.in_(sorted(OPEN)))
        .options(*_WHOLE)
        .order_by(Candidature.id)
        .with_for_update(of=Candidature)
        .execution_options(populate_existing=True)
    ).all()


@dataclass(frozen=True, slots=True)
class Dossier:
    """With its items by state, and those that miss by guichet."""

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
) -> Sequence[Dossier]:
    """In the order of filing, so that a page never shifts while one reads."""
    authorise(actor, Right.READ_CANDIDATURES)
    select = sa.select(Candidature).options(*_WHOLE)
    if actor.by_permission:
        select = select.where(Candidature.id.in_(permitted(actor)))
    elif actor.own_organisation:
        select = select.where(Candidature.organisation_id == actor.own_organisation)
    if state is not None:
        select = select.where(Candidature.state == state)
    return counted(session, session.scalars(after(select, [Candidature.id], cursor).limit(limit)).all())


def counted(session: Session, found: Sequence[Candidature]) -> Sequence[Dossier]:
    """Two queries, however many they are."""
    ids = [one.id for one in found]
    counts, gaps = _counts(session, ids), missing_by_guichet(session, ids)
    return [Dossier(one, counts.get(one.id, {}), gaps[one.id]) for one in found]


def counts(session: Session, candidature_id: UUID) -> dict[ItemState, int]:
    """How many items are in each state."""
    return _counts(session, [candidature_id]).get(candidature_id, {})


def _counts(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[ItemState, int]]:
    found: dict[UUID, dict[ItemState, int]] = {}
    rows = session.execute(
        sa.select(Item.candidature_id, Item.state, sa.func.count())
        .where(Item.candidature_id.in_(ids))
        .group_by(Item.candidature_id, Item.state)
    )
    for candidature_id, state, count in rows:
        found.setdefault(candidature_id, {})[state] = count
    return found


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with what is asked, the last version supplied (its files loaded), the reuse it stands on, and the
    last verdict that was not taken back. `expert_since` is since when an expert's opinion on it is awaited,
    `third_party` whose answer is; `of_others` are the facts of the reuse that are another organisation's, `declared`
    is what the EDC PSC was told of each component, where the item is about that.
    """

    item: Item
    dossier: Candidature
    proof: Proof | None
    grant: Grant | None
    expert_since: datetime | None
    third_party: Awaited | None
    verdict: Verdict | None
    stale: Stale
    today: date
    declared: Mapping[str, Sequence[EdcPscDeclaration]]
    of_others: frozenset[str] = frozenset()


def items(
    session: Session,
    candidature_id: UUID,
    cursor: Sequence[Any] | None = None,
    limit: int | None = None,
    *,
    state: ItemState | None = None,
) -> Sequence[ItemView]:
    """In the order of the requirements; a fixed number of queries, however many items."""
    select = _items().where(Item.candidature_id == candidature_id)
    if state is not None:
        select = select.where(Item.state == state)
    return _views(session, session.scalars(after(select, [Item.position], cursor).limit(limit)).all())


def item_view(session: Session, found: Item) -> ItemView:
    return _views(session, [found])[0]


def _items() -> sa.Select[Item]:
    return (
        sa.select(Item)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .options(contains_eager(Item.expected_proof).contains_eager(ExpectedProof.requirement))
    )


def _views(session: Session, found: Sequence[Item]) -> Sequence[ItemView]:
    """Of items of one dossier, which who asks has read already."""
    if not found:
        return []
    dossier = session.get_one(Candidature, found[0].candidature_id)
    last = (
        sa.select(Proof)
        .where(Proof.item_id.in_([one.id for one in found]))
        .ext(distinct_on(Proof.item_id))
        .order_by(Proof.item_id, Proof.number.desc())
        .options(selectinload(Proof.files), selectinload(Proof.verifications))
    )
    proofs = {proof.item_id: proof for proof in session.scalars(last)}
    granted = sa.select(Grant).where(Grant.id.in_([one.grant_id for one in found if one.grant_id]))
    grants = {grant.id: grant for grant in session.scalars(granted.options(selectinload(Grant.sources)))}
    experts = (
        sa.select(Task.item_id, sa.func.min(Opinion.asked_at))
        .join(Opinion, Opinion.task_id == Task.id)
        .where(Task.item_id.in_([one.id for one in found]), Task.closed_at.is_(None), Opinion.reply.is_(None))
        .group_by(Task.item_id)
    )
    since = {item_id: at for item_id, at in session.execute(experts)}  # noqa: C416 - rows, not pairs
    third_parties = {
        one.item_id: one for one in awaited(session, Task.item_id.in_([one.id for one in found]))
    }
    verdicts = _standing(session, [one.id for one in found])
    reasons = stale(session, [proof.id for proof in proofs.values()])
    others = reused_of_others(session, grants)
    about_psc = any(one.expected_proof.guichet is Guichet.EDC_PSC for one in found)
    declared = declarations_of(session, dossier.software_id) if about_psc else {}
    return [
        ItemView(
            one,
            dossier,
            proofs.get(one.id),
            grants.get(one.grant_id) if one.grant_id else None,
            since.get(one.id),
            third_parties.get(one.id),
            verdicts.get(one.id),
            reasons,
            today(session),
            declared,
            others,
        )
        for one in found
    ]


def _standing(session: Session, items: Sequence[UUID]) -> dict[UUID, Verdict]:
    """The last verdict on each item that was not taken back, in one query."""
    last = (
        sa.select(Verdict)
        .where(Verdict.item_id.in_(items), Verdict.undone_at.is_(None))
        .ext(distinct_on(Verdict.item_id))
        .order_by(Verdict.item_id, Verdict.id.desc())
    )
    return {one.item_id: one for one in session.scalars(last)}


def item(session: Session, candidature: Candidature, reference: str) -> Item:
    """By id, by its expected proof's code, or by `ref:` and the editor's own reference. Raises NotFound."""
    select = _items().where(Item.candidature_id == candidature.id)
    by_reference = reference.startswith(REFERENCE)
    if by_reference:
        select = select.where(Item.external_reference == reference.removeprefix(REFERENCE))
    else:
        try:
            select = select.where(Item.id == UUID(reference))
        except ValueError:
            select = select.where(ExpectedProof.code == reference)
    found = session.scalar(select.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(NO_REFERENCE if by_reference else NO_ITEM)
    return found


def missing(session: Session, candidature_id: UUID) -> Sequence[tuple[str, str]]:
    """Code and guichet of what nobody has supplied yet, in order; what is to be shown live is not supplied."""
    return [
        (code, guichet)
        for code, guichet in session.execute(
            sa.select(ExpectedProof.code, ExpectedProof.guichet)
            .join(Item, Item.expected_proof_id == ExpectedProof.id)
            .where(Item.candidature_id == candidature_id, Item.state == ItemState.REQUIRED)
            .where(Item.track != Track.DUO)
            .order_by(Item.position)
        )
    ]


def missing_by_guichet(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many items of each dossier nobody has supplied yet, by the guichet that checks them."""
    found: dict[UUID, dict[str, int]] = {one: {} for one in ids}
    rows = session.execute(
        sa.select(Item.candidature_id, ExpectedProof.guichet, sa.func.count())
        .join(Item.expected_proof)
        .where(Item.candidature_id.in_(ids), Item.state == ItemState.REQUIRED, Item.track != Track.DUO)
        .group_by(Item.candidature_id, ExpectedProof.guichet)
        .order_by(ExpectedProof.guichet)
    )
    for candidature_id, guichet, count in rows:
        found[candidature_id][guichet.value] = count
    return found


def asked(session: Session, version_id: UUID, profiles: Sequence[str]) -> Sequence[sa.Row[UUID, bool]]:
    """The expected proofs of a version that apply to these profiles: id and whether they can be shown live."""
    return session.execute(
        sa.select(ExpectedProof.id, ExpectedProof.duo)
        .join(ExpectedProof.requirement)
        .where(ExpectedProof.version_id == version_id, Requirement.profile.in_(profiles))
        .order_by(Requirement.position, ExpectedProof.position)
    ).all()

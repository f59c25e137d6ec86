"""Reading dossiers and their items, each organisation its own."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload

from referencing.accounts.models import Organisation
from referencing.accounts.name_queries import has_words
from referencing.accounts.visible_queries import IN_CONFLICT_TO_JUDGE, has_conflict, readable, refusal
from referencing.base.db import any_given, any_of
from referencing.base.errors import DomainError, Forbidden, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.clock.ledger import Holder
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.queries import cut_code
from referencing.proofs.models import Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Software, Solution
from referencing.solutions.queries import lock_core_of

from .models import BallInterval, Candidature, Item
from .states import OPEN, ItemState, State, Track

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
_CANDIDATURE = sa.select(Candidature).options(*_WHOLE)


def candidature(
    session: Session, actor: Actor, candidature_id: UUID, right: Right = Right.READ_CANDIDATURES
) -> Candidature:
    """A dossier to read.

    Raises NotFound for what is not the actor's to read (`readable`), Forbidden in a conflict of interest.
    """
    authorise(actor, right)
    visible = _CANDIDATURE.where(Candidature.id == candidature_id, readable(session, actor, Candidature))
    candidature = session.scalar(visible)
    if candidature is None:
        raise _refusal(session, actor, candidature_id)
    return candidature


def locked(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """A dossier to change: its technical core's facts and itself kept still, in that order. Raises as `candidature`."""
    require_impartial(session, actor, candidature_id)
    candidature = held_still(session, candidature_id)
    if candidature.state is State.GIVEN_UP:
        raise NotFound(NO_CANDIDATURE)
    if actor.by_permission:  # which may have been revoked while this waited; it cannot be from now on
        require_impartial(session, actor, candidature_id)
    return candidature


def require_impartial(session: Session, actor: Actor, candidature_id: UUID) -> None:
    """Raises as `candidature`, and Forbidden for who but reads in spite of a conflict of interest."""
    visible = sa.select(has_conflict(actor, Candidature.organisation_id)).where(
        Candidature.id == candidature_id, readable(session, actor, Candidature)
    )
    conflict = session.scalar(visible)
    if conflict is None:
        raise _refusal(session, actor, candidature_id)
    if conflict:
        raise Forbidden(IN_CONFLICT_TO_JUDGE)


def _refusal(session: Session, actor: Actor, candidature_id: UUID) -> DomainError:
    owner = sa.select(Candidature.organisation_id).where(Candidature.id == candidature_id)
    return refusal(session, actor, NO_CANDIDATURE, owner)


def held_still(session: Session, candidature_id: UUID) -> Candidature:
    """A dossier that the application changes of itself, its core and itself kept still."""
    lock_core_of(session, sa.select(Candidature.core_id).where(Candidature.id == candidature_id))
    return session.scalars(_held_still(Candidature.id), {"named": candidature_id}).one()


def dossiers_of(session: Session, candidatures: Collection[UUID]) -> dict[UUID, Candidature]:
    """Dossiers that the application only looks at, by id: nothing is locked."""
    dossiers = session.scalars(
        sa.select(Candidature).where(any_of(Candidature.id, candidatures)).options(*_WHOLE)
    )
    return {dossier.id: dossier for dossier in dossiers}


def readable_among(session: Session, actor: Actor, dossiers: Collection[UUID]) -> Sequence[UUID]:
    """The dossiers, of these, that the actor may read, in the order of their ids."""
    visible = readable(session, actor, Candidature)
    return session.scalars(
        sa.select(Candidature.id).where(any_of(Candidature.id, dossiers), visible).order_by(Candidature.id)
    ).all()


def open_dossiers(session: Session) -> Sequence[Candidature]:
    """Every open dossier, to be looked at alone: nothing is locked. Those on one list, then of one core, together."""
    return session.scalars(
        sa.select(Candidature)
        .where(Candidature.state.in_(sorted(OPEN)))
        .options(*_WHOLE)
        .order_by(Candidature.version_id, Candidature.core_id, Candidature.id)
    ).all()


def open_of_core(session: Session, core_id: UUID) -> Sequence[Candidature]:
    """Every open dossier of a technical core, kept still; the core must be locked before."""
    return session.scalars(_open_held_still(), {"named": core_id}).all()


@cache
def _held_still(by: InstrumentedAttribute[UUID]) -> sa.Select[Candidature]:
    """The dossiers of which this is what is `named`, each locked and read anew, in the order of their ids."""
    return (
        _CANDIDATURE.where(by == sa.bindparam("named"))
        .order_by(Candidature.id)
        .with_for_update(of=Candidature)
        .execution_options(populate_existing=True)
    )


@cache
def _open_held_still() -> sa.Select[Candidature]:
    return _held_still(Candidature.core_id).where(Candidature.state.in_(sorted(OPEN)))


@dataclass(frozen=True, slots=True)
class Among:
    """Which dossiers; what is None does not narrow them down.

    `holder` has to act next. `q` is found, whatever the case and the accents, in the names of the organisation and of
    the solution, in the NIL, or in the code of the DSR. `imported` says whether it was referenced before this service.
    """

    dsr: str | None = None
    couloir: str | None = None
    dispositif: str | None = None
    vague: int | None = None
    organisation: str | None = None
    holder: Holder | None = None
    q: str | None = None
    imported: bool | None = None


ALL = Among()


def _narrowed(select: sa.Select[Candidature], among: Among) -> sa.Select[Candidature]:
    of_version = sa.select(DsrVersion.id).join(DsrVersion.dsr)
    of_organisation = sa.select(Organisation.id)
    of_dsr = {
        Dsr.code: among.dsr,
        Dsr.couloir: among.couloir,
        Dsr.dispositif: among.dispositif,
        Dsr.vague: among.vague,
    }
    for column, value in of_dsr.items():
        if value is not None:
            select = select.where(Candidature.version_id.in_(of_version.where(column == value)))
    if among.imported is not None:
        select = select.where(Candidature.takeover_id.is_not(None) == among.imported)
    if among.organisation is not None:
        named = of_organisation.where(Organisation.name == among.organisation)
        select = select.where(Candidature.organisation_id.in_(named))
    if among.holder is not None:
        select = select.where(_held_by(among.holder))
    if among.q is not None:
        named = of_organisation.where(has_words(Organisation.name, among.q))
        configured = (
            sa.select(Configuration.id)
            .join(Configuration.solution)
            .join(Solution.software)
            .where(has_words(Solution.commercial_name, among.q) | has_words(Software.nil, among.q))
        )
        coded = of_version.where(has_words(Dsr.code, among.q))
        select = select.where(
            Candidature.organisation_id.in_(named)
            | Candidature.configuration_id.in_(configured)
            | Candidature.version_id.in_(coded)
        )
    return select


def _held_by(holder: Holder) -> sa.ColumnElement[bool]:
    turns = sa.select(BallInterval.candidature_id)
    return Candidature.id.in_(turns.where(BallInterval.ended_at.is_(None), BallInterval.holder == holder))


def counts_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[ItemState, int]]:
    """How many items of each of these dossiers are in each state."""
    by_dossier: dict[UUID, dict[ItemState, int]] = {one: {} for one in ids}
    rows = session.execute(
        sa.select(Item.candidature_id, Item.state, sa.func.count())
        .where(any_of(Item.candidature_id, ids))
        .group_by(Item.candidature_id, Item.state)
    )
    for candidature_id, state, count in rows:
        by_dossier[candidature_id][state] = count
    return by_dossier


#: Among the states of items, what is to be shown live: it is required, and not to be supplied.
TO_SHOW = "to_show"


def counts_by_chapter(session: Session, candidature_id: UUID) -> dict[str, dict[str, int]]:
    """How many items of each chapter are in each state, or TO_SHOW, in the order of the requirements."""
    to_show = (Item.state == ItemState.REQUIRED) & (Item.track == Track.DUO)
    state = sa.case((to_show, TO_SHOW), else_=sa.cast(Item.state, sa.Text()))
    rows = session.execute(
        sa.select(Requirement.chapter, state, sa.func.count(), sa.func.min(Item.position))
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .where(Item.candidature_id == candidature_id)
        .group_by(Requirement.chapter, state)
        .order_by(sa.func.min(sa.func.min(Item.position)).over(partition_by=Requirement.chapter))
    )
    found: dict[str, dict[str, int]] = {}
    for chapter, state_of_items, count, _ in rows:
        found.setdefault(chapter, {})[state_of_items] = count
    return found


def states_by_code(session: Session, candidature_id: UUID) -> dict[str, ItemState]:
    """How each item of a dossier stands, by its expected proof's code, in order."""
    rows = session.execute(
        sa.select(ExpectedProof.code, Item.state)
        .join(Item, Item.expected_proof_id == ExpectedProof.id)
        .where(Item.candidature_id == candidature_id)
        .order_by(Item.position)
    )
    return {row.code: row.state for row in rows}


def _items() -> sa.Select[Item]:
    return (
        sa.select(Item)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .options(contains_eager(Item.expected_proof).contains_eager(ExpectedProof.requirement))
    )


def item(session: Session, candidature: Candidature, reference: str) -> Item:
    """An item by its id, its expected proof's code, or `ref:` and the editor's own reference. Raises NotFound."""
    by_reference = reference.startswith(REFERENCE)
    by, name = _name_of_item(reference)
    named_item = session.scalar(_item_by(by), {"dossier": candidature.id, "name": name})
    if named_item is None:
        raise NotFound(
            NO_REFERENCE if by_reference else NO_ITEM + cut_code(session, candidature.version_id, reference)
        )
    return named_item


def _name_of_item(reference: str) -> tuple[InstrumentedAttribute[Any], UUID | str]:
    """What an item is named by, and its name."""
    if reference.startswith(REFERENCE):
        return Item.external_reference, reference.removeprefix(REFERENCE)
    try:
        return Item.id, UUID(reference)
    except ValueError:
        return ExpectedProof.code, reference


@cache
def _item_by(named_by: InstrumentedAttribute[Any]) -> sa.Select[Item]:
    return (
        _items()
        .where(Item.candidature_id == sa.bindparam("dossier"), named_by == sa.bindparam("name"))
        .execution_options(populate_existing=True)
    )


def missing(session: Session, candidature_id: UUID) -> Sequence[tuple[str, str]]:
    """Code and guichet of what nobody has supplied yet, in order; what is to be shown live is not supplied."""
    return [
        (code, guichet.value)
        for code, guichet in session.execute(
            sa.select(ExpectedProof.code, ExpectedProof.guichet)
            .join(Item, Item.expected_proof_id == ExpectedProof.id)
            .where(Item.candidature_id == candidature_id, Item.state == ItemState.REQUIRED)
            .where(Item.track != Track.DUO)
            .order_by(Item.position)
        )
    ]


def roles_of(session: Session, ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """The roles on which the expected proofs of these dossiers depend, of those that have any."""
    rows = session.execute(
        sa.select(Item.candidature_id, sa.func.unnest(ExpectedProof.roles).label("role"))
        .join(Item.expected_proof)
        .where(any_of(Item.candidature_id, ids))
        .distinct()
    )
    roles: dict[UUID, set[str]] = {}
    for row in rows:
        roles.setdefault(row.candidature_id, set()).add(row.role)
    return roles


def codes_by_guichet(missing: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The codes of `missing`, in order, by the guichet that checks them."""
    codes: dict[str, list[str]] = {}
    for code, guichet in missing:
        codes.setdefault(guichet, []).append(code)
    return codes


def progress_of(
    session: Session, ids: Sequence[UUID]
) -> tuple[dict[UUID, Counter[ItemState]], dict[UUID, dict[str, int]]]:
    """What `counts_of` answers, and how many items of each nobody has supplied yet, by the guichet that checks them."""
    counts: dict[UUID, Counter[ItemState]] = {candidature_id: Counter() for candidature_id in ids}
    missing: dict[UUID, dict[str, int]] = {candidature_id: {} for candidature_id in ids}
    for candidature_id, state, guichet, count in session.execute(_PROGRESS, {"dossiers": ids}):
        counts[candidature_id][state] += count
        if guichet is not None:
            missing[candidature_id][guichet.value] = count
    return counts, missing


_IS_MISSING = (Item.state == ItemState.REQUIRED) & (Item.track != Track.DUO)
_PROGRESS = (
    sa.select(Item.candidature_id, Item.state, ExpectedProof.guichet, sa.func.count())
    .outerjoin(ExpectedProof, (ExpectedProof.id == Item.expected_proof_id) & _IS_MISSING)
    .where(any_given(Item.candidature_id, "dossiers"))
    .group_by(Item.candidature_id, Item.state, ExpectedProof.guichet)
    .order_by(ExpectedProof.guichet)
)


def applicable_proofs(
    session: Session, version_id: UUID, profiles: Sequence[str], fills: Collection[str] = ()
) -> Sequence[sa.Row[UUID, str, bool]]:
    """The expected proofs of a version that apply to these profiles: id, code, whether they can be shown live.

    Of a component that `fills` roles, those alone that depend on some of these and on no other.
    """
    select = (
        sa.select(ExpectedProof.id, ExpectedProof.code, ExpectedProof.duo)
        .join(ExpectedProof.requirement)
        .where(ExpectedProof.version_id == version_id, Requirement.profile.in_(profiles))
        .order_by(Requirement.position, ExpectedProof.position)
    )
    if fills:
        select = select.where(
            sa.func.cardinality(ExpectedProof.roles) > 0,
            ExpectedProof.roles.op("<@", is_comparison=True)(sorted(fills)),
        )
    return session.execute(select).all()


def facts_of_others(session: Session, organisation_id: UUID, facts: Collection[str]) -> frozenset[str]:
    """The facts, among these, that are another organisation's; one query."""
    if not facts:
        return frozenset()
    ids = [UUID(fact) for fact in facts]
    kinds = (
        sa.select(kind.id)
        .join(Software, Software.id == kind.software_id)
        .where(any_of(kind.id, ids), Software.organisation_id != organisation_id)
        for kind in (Verification, Certificate, Proof)
    )
    return frozenset(map(str, session.scalars(sa.union_all(*kinds))))

"""Reading dossiers and their items, each organisation its own."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from referencing.accounts.queries import may_enter_candidature
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise, reveal
from referencing.catalogue.models import DsrVersion, ExpectedProof, Requirement
from referencing.equivalence.grants.models import Grant, GrantSource
from referencing.proofs.models import Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Software, Solution
from referencing.solutions.queries import lock_core_of

from .models import Candidature, Item
from .states import OPEN, ItemState, Track

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


def counts_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[ItemState, int]]:
    """How many items of each of these dossiers are in each state."""
    found: dict[UUID, dict[ItemState, int]] = {one: {} for one in ids}
    rows = session.execute(
        sa.select(Item.candidature_id, Item.state, sa.func.count())
        .where(Item.candidature_id.in_(ids))
        .group_by(Item.candidature_id, Item.state)
    )
    for candidature_id, state, count in rows:
        found[candidature_id][state] = count
    return found


def _items() -> sa.Select[Item]:
    return (
        sa.select(Item)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .options(contains_eager(Item.expected_proof).contains_eager(ExpectedProof.requirement))
    )


def _grants(session: Session, ids: Sequence[UUID]) -> dict[UUID, Grant]:
    """Each with its sources."""
    if not ids:
        return {}
    granted = sa.select(Grant).where(Grant.id.in_(ids)).options(selectinload(Grant.sources))
    return {grant.id: grant for grant in session.scalars(granted)}


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


def reused_of_others(session: Session, grants: Collection[UUID]) -> frozenset[str]:
    """The facts that these grants stand on and that are not of their dossier's organisation; one query."""
    found = (
        sa.select(sa.func.coalesce(GrantSource.verification_id, GrantSource.certificate_id))
        .join(Grant, Grant.id == GrantSource.grant_id)
        .join(Candidature, Candidature.id == Grant.candidature_id)
        .outerjoin(Verification, Verification.id == GrantSource.verification_id)
        .outerjoin(Certificate, Certificate.id == GrantSource.certificate_id)
        .join(Software, Software.id == sa.func.coalesce(Verification.software_id, Certificate.software_id))
        .where(Grant.id.in_(grants), Software.organisation_id != Candidature.organisation_id)
    )
    return frozenset(map(str, session.scalars(found))) if grants else frozenset()


def of_others(session: Session, organisation_id: UUID, facts: Collection[str]) -> frozenset[str]:
    """Of these facts, those of another organisation; one query."""
    ids = [UUID(fact) for fact in facts]
    kinds = (
        sa.select(kind.id)
        .join(Software, Software.id == kind.software_id)
        .where(kind.id.in_(ids), Software.organisation_id != organisation_id)
        for kind in (Verification, Certificate, Proof)
    )
    return frozenset(map(str, session.scalars(sa.union_all(*kinds))))

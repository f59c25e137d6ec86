"""Who leans on what is taken back, directly or by a reuse; what became of them; and what was flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ON_EQUIVALENCE, OPEN, ItemState, State
from referencing.catalogue.models import DsrVersion, ExpectedProof
from referencing.equivalence.grants.models import Grant, GrantSource, GrantState
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.proofs.models import Proof, ProofState, Verification
from referencing.solutions.models import Certificate, Configuration, Solution

from .models import Consequence, Flag, Revocation

#: Dossiers that are closed and whose solution is on the list: they are flagged, never silently changed.
LISTED = frozenset({State.REFERENCED, State.SUSPENDED})
_STANDING = (GrantState.PROPOSED, GrantState.GRANTED, GrantState.CONFIRMED)


@dataclass(frozen=True, slots=True, order=True)
class Leaning:
    """An item that stands on something: by its own proof, or by a reuse (`by_reuse`)."""

    core_id: UUID
    candidature_id: UUID
    code: str
    item_id: UUID
    state: State
    by_reuse: bool


def leaning(session: Session, fact: Verification | Certificate) -> Sequence[Leaning]:
    """One query, whatever the history: grants and proofs know their facts by key. In the order of locking."""
    if isinstance(fact, Verification):
        return _read(session, _on_verification(), {"fact": fact.id, "proof": fact.proof_id})
    return _read(session, _on_certificate(), {"fact": fact.id})


@cache
def _on_verification() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Made once, as the next one: to write it takes longer than to run it."""
    grants = sa.select(GrantSource.grant_id).where(GrantSource.verification_id == sa.bindparam("fact"))
    return sa.union(*_by_reuse(grants), _by_own_proof(sa.bindparam("proof", type_=sa.Uuid())))


@cache
def _on_certificate() -> sa.CompoundSelect[*tuple[Any, ...]]:
    grants = sa.select(GrantSource.grant_id).where(GrantSource.certificate_id == sa.bindparam("fact"))
    return sa.union(*_by_reuse(grants))


def _read(
    session: Session, who: sa.CompoundSelect[*tuple[Any, ...]], words: Mapping[str, UUID] | None = None
) -> Sequence[Leaning]:
    return sorted(Leaning(*row) for row in session.execute(who, words))


def leaning_on_clause(session: Session, code: str, core_id: UUID | None = None) -> Sequence[Leaning]:
    """Whose derivation goes through a correspondence: of all dossiers, or of those of one technical core."""
    through = sa.select(Grant.id).where(Grant.clauses.contains([code]), Grant.state != GrantState.ENDED)
    if core_id is not None:
        dossiers = sa.select(Candidature.id).where(Candidature.core_id == core_id)
        through = through.where(Grant.candidature_id.in_(dossiers))
    return _read(session, sa.union(*_by_reuse(through)))


def leaning_on_kind(session: Session, kind: str) -> Sequence[Leaning]:
    """Who stands on certificates of a kind."""
    grants = (
        sa.select(GrantSource.grant_id)
        .join(Certificate, Certificate.id == GrantSource.certificate_id)
        .where(Certificate.kind == kind)
    )
    return _read(session, sa.union(*_by_reuse(grants)))


def across(core_id: UUID, after_parting: Mapping[UUID, UUID]) -> sa.Select[UUID]:
    """The sources of a core whose fact and whose dossier will be of two cores; `after_parting` by software."""
    fact = sa.func.coalesce(Verification.software_id, Certificate.software_id)
    core_of = sa.values(sa.column("software", sa.Uuid()), sa.column("core", sa.Uuid()), name="parted").data(
        list(after_parting.items())
    )
    of_fact, of_dossier = core_of.alias("of_fact"), core_of.alias("of_dossier")
    return (
        sa.select(GrantSource.id)
        .join(Grant, Grant.id == GrantSource.grant_id)
        .join(Candidature, Candidature.id == Grant.candidature_id)
        .outerjoin(Verification, Verification.id == GrantSource.verification_id)
        .outerjoin(Certificate, Certificate.id == GrantSource.certificate_id)
        .join(of_fact, of_fact.c.software == fact)
        .join(of_dossier, of_dossier.c.software == Candidature.software_id)
        .where(
            Candidature.core_id == core_id,
            GrantSource.core_id == core_id,
            of_fact.c.core != of_dossier.c.core,
        )
    )


def leaning_on_dossier(session: Session, dossier: DossierStanding) -> Sequence[Leaning]:
    """Whose reuse of facts of a dossier ended when its standing changed, or stands and is of a listed solution.

    In the order of locking; the dossier itself is left out.
    """
    found = sa.select(Verification.id).where(Verification.candidature_id == dossier.candidature_id)
    grants = sa.select(GrantSource.grant_id).where(GrantSource.verification_id.in_(found))
    ended = (
        sa.select(*_WHO, sa.true())
        .join(Item.candidature)
        .join(Item.expected_proof)
        .join(Grant, (Grant.candidature_id == Candidature.id) & (Grant.proof_code == ExpectedProof.code))
        .where(Grant.id.in_(grants), Grant.state == GrantState.ENDED, Grant.ended_at >= dossier.began_at)
        .where(Candidature.state.in_(sorted(OPEN)), Item.state.in_(sorted(ON_EQUIVALENCE)))
    )
    listed = (one.where(Candidature.state.in_(sorted(LISTED))) for one in _by_reuse(grants))
    others = (one.where(Candidature.id != dossier.candidature_id) for one in (ended, *listed))
    return _read(session, sa.union(*others))


def found_in(session: Session, standing_id: UUID | None) -> frozenset[UUID]:
    """The facts of the dossier of a standing; none without one."""
    if standing_id is None:
        return frozenset()
    return frozenset(
        session.scalars(
            sa.select(Verification.id)
            .join(DossierStanding, DossierStanding.candidature_id == Verification.candidature_id)
            .where(DossierStanding.id == standing_id)
        )
    )


def owner_of(session: Session, standing_id: UUID) -> UUID | None:
    """The organisation whose dossier stands so."""
    return session.scalar(
        sa.select(Candidature.organisation_id)
        .join(DossierStanding, DossierStanding.candidature_id == Candidature.id)
        .where(DossierStanding.id == standing_id)
    )


def leaning_across(session: Session, core_id: UUID, after_parting: Mapping[UUID, UUID]) -> Sequence[Leaning]:
    """Who stands on a fact of a software that will not be of its core any more."""
    crossing = across(core_id, after_parting)
    grants = sa.select(GrantSource.grant_id).where(GrantSource.id.in_(crossing))
    return _read(session, sa.union(*_by_reuse(grants)))


_WHO = (Candidature.core_id, Item.candidature_id, ExpectedProof.code, Item.id, Candidature.state)
_Leaning = sa.Select[*tuple[Any, ...]]


def _by_reuse(grants: sa.Select[UUID]) -> tuple[_Leaning, _Leaning]:
    """Through the grant that an item stands on, or, once decided, the one that stands in for what fell."""
    who = sa.select(*_WHO, sa.true()).join(Item.candidature).join(Item.expected_proof)
    standing = (
        who.join(Grant, Grant.id == Item.grant_id)
        .where(Grant.id.in_(grants), Grant.state.in_(_STANDING))
        .where(Candidature.state.in_(sorted(OPEN | LISTED)))
    )
    standing_in = (
        who.join(Grant, (Grant.candidature_id == Candidature.id) & (Grant.proof_code == ExpectedProof.code))
        .where(Grant.id.in_(grants), Grant.state == GrantState.STANDS_IN)
        .where(Candidature.state.in_(sorted(LISTED)))
    )
    return standing, standing_in


def _by_own_proof(proof: sa.BindParameter[UUID]) -> _Leaning:
    """The item of the version that a finding is about, unless a later version was decided on."""
    later = sa.orm.aliased(Proof)
    return (
        sa.select(*_WHO, sa.false())
        .join(Item.candidature)
        .join(Item.expected_proof)
        .join(Proof, Proof.item_id == Item.id)
        .where(
            Proof.id == proof,
            Item.state.in_([ItemState.CONFORM, ItemState.NONCONFORM]),
            Candidature.state.in_(sorted(OPEN | LISTED)),
            ~sa.exists().where(
                later.item_id == Item.id, later.number > Proof.number, later.state == ProofState.DECIDED
            ),
        )
    )


def revocation(session: Session, actor: Actor, revocation_id: UUID) -> Revocation:
    """Raises NotFound."""
    authorise(actor, Right.READ_FLAGS)
    found = session.get(Revocation, revocation_id)
    if found is None:
        raise NotFound("Cette révocation n'existe pas : vérifiez son identifiant.")
    return found


def revocations(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Revocation]:
    """What was taken back and what expired, in that order of time."""
    authorise(actor, Right.READ_FLAGS)
    return session.scalars(after(sa.select(Revocation), [Revocation.id], cursor).limit(limit)).all()


def consequences(
    session: Session, actor: Actor, revocation_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Consequence]:
    """What became, or has yet to become, of each item that leaned on it."""
    about = revocation(session, actor, revocation_id)
    select = sa.select(Consequence).where(Consequence.revocation_id == about.id)
    return session.scalars(after(select, [Consequence.id], cursor).limit(limit)).all()


def summary(session: Session, revocation_id: UUID) -> dict[str, int]:
    """How many items met each fate; `pending` of those that a job has yet to see."""
    rows = session.execute(
        sa.select(Consequence.fate, sa.func.count())
        .where(Consequence.revocation_id == revocation_id)
        .group_by(Consequence.fate)
    )
    return {fate.value if fate else "pending": count for fate, count in rows}


def flags(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Flag]:
    """In the order of raising."""
    authorise(actor, Right.READ_FLAGS)
    select = sa.select(Flag).options(
        joinedload(Flag.revocation),
        joinedload(Flag.item).joinedload(Item.expected_proof),
        joinedload(Flag.candidature).options(
            joinedload(Candidature.version).joinedload(DsrVersion.dsr),
            joinedload(Candidature.organisation),
            joinedload(Candidature.configuration)
            .joinedload(Configuration.solution)
            .joinedload(Solution.software),
        ),
    )
    return session.scalars(after(select, [Flag.id], cursor).limit(limit)).all()

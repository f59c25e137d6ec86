"""Reading revocations: the items that lean on what is taken back, what became of them, and what was flagged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.visible_queries import impartial, readable, readable_id
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import LISTED, ON_EQUIVALENCE, OPEN, ItemState, State
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof
from referencing.equivalence.grants.models import Grant, GrantSource, GrantState
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.proofs.models import Proof, ProofState, Verification
from referencing.solutions.models import Certificate, Configuration, Embedding, Solution

from .models import Consequence, Fate, Flag, Revocation

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
    """The items that stand on a fact, in the order of locking; one query, whatever the history."""
    if isinstance(fact, Verification):
        return _leaning_items(session, _on_verification(), {"fact": fact.id, "proof": fact.proof_id})
    return _leaning_items(session, _on_certificate(), {"fact": fact.id})


@cache
def _on_verification() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """The query is made once: to write it takes longer than to run it."""
    grants = sa.select(GrantSource.grant_id).where(GrantSource.verification_id == sa.bindparam("fact"))
    return sa.union(*_by_reuse(grants), _by_own_proof(sa.bindparam("proof", type_=sa.Uuid())))


@cache
def _on_certificate() -> sa.CompoundSelect[*tuple[Any, ...]]:
    grants = sa.select(GrantSource.grant_id).where(GrantSource.certificate_id == sa.bindparam("fact"))
    return sa.union(*_by_reuse(grants))


def _leaning_items(
    session: Session, who: sa.CompoundSelect[*tuple[Any, ...]], words: Mapping[str, UUID] | None = None
) -> Sequence[Leaning]:
    return sorted(Leaning(**row._asdict()) for row in session.execute(who, words))


def leaning_on_clause(session: Session, code: str, core_id: UUID | None = None) -> Sequence[Leaning]:
    """The items whose derivation goes through a correspondence, of all dossiers or of those of one technical core."""
    through = sa.select(Grant.id).where(Grant.clauses.contains([code]), Grant.state != GrantState.ENDED)
    if core_id is not None:
        dossiers = sa.select(Candidature.id).where(Candidature.core_id == core_id)
        through = through.where(Grant.candidature_id.in_(dossiers))
    return _leaning_items(session, sa.union(*_by_reuse(through)))


def leaning_on_alike(session: Session, declaration: UUID) -> Sequence[Leaning]:
    """The items whose derivation rests on a declaration of alike versions, of all dossiers."""
    resting = sa.select(Grant.id).where(
        Grant.alike.contains([declaration]), Grant.alike != [], Grant.state != GrantState.ENDED
    )
    return _leaning_items(session, sa.union(*_by_reuse(resting)))


def leaning_on_embedding(session: Session, embedding: UUID) -> Sequence[Leaning]:
    """The items whose reuse stands on what was verified on an embedded component."""
    grants = sa.select(GrantSource.grant_id).where(GrantSource.embedding_id == embedding)
    return _leaning_items(session, sa.union(*_by_reuse(grants)))


def leaning_on_kind(session: Session, kind: str) -> Sequence[Leaning]:
    """The items that stand on certificates of a kind."""
    grants = (
        sa.select(GrantSource.grant_id)
        .join(Certificate, Certificate.id == GrantSource.certificate_id)
        .where(Certificate.kind == kind)
    )
    return _leaning_items(session, sa.union(*_by_reuse(grants)))


def across(core_id: UUID, after_parting: Mapping[UUID, UUID]) -> sa.Select[UUID]:
    """The sources of a core whose fact and dossier will be of two cores; `after_parting` is the core by software.

    What was found on a component is there with the software that embeds it.
    """
    fact = sa.func.coalesce(Embedding.software_id, Verification.software_id, Certificate.software_id)
    core_of = sa.values(sa.column("software", sa.Uuid()), sa.column("core", sa.Uuid()), name="parted").data(
        list(after_parting.items())
    )
    of_fact, of_dossier = core_of.alias("of_fact"), core_of.alias("of_dossier")
    return (
        sa.select(GrantSource.id)
        .join(Grant, Grant.id == GrantSource.grant_id)
        .join(Candidature, Candidature.id == Grant.candidature_id)
        .outerjoin(Embedding, Embedding.id == GrantSource.embedding_id)
        .outerjoin(Verification, Verification.id == GrantSource.verification_id)
        .outerjoin(Certificate, Certificate.id == GrantSource.certificate_id)
        .join(of_fact, of_fact.c.software == fact)
        .join(of_dossier, of_dossier.c.software == Candidature.software_id)
        .where(
            Candidature.core_id == core_id,
            sa.or_(GrantSource.core_id == core_id, GrantSource.embedding_id.is_not(None)),
            of_fact.c.core != of_dossier.c.core,
        )
    )


def leaning_on_dossier(session: Session, dossier: DossierStanding) -> Sequence[Leaning]:
    """The items whose reuse of a dossier's facts ended with its standing, or stands and is of a listed solution.

    In the order of locking; the dossier itself is left out.
    """
    facts = sa.select(Verification.id).where(Verification.candidature_id == dossier.candidature_id)
    grants = sa.select(GrantSource.grant_id).where(GrantSource.verification_id.in_(facts))
    ended = (
        _WITH_REUSE.join(
            Grant, (Grant.candidature_id == Candidature.id) & (Grant.proof_code == ExpectedProof.code)
        )
        .where(Grant.id.in_(grants), Grant.state == GrantState.ENDED, Grant.ended_at >= dossier.began_at)
        .where(Candidature.state.in_(sorted(OPEN)), Item.state.in_(sorted(ON_EQUIVALENCE)))
    )
    listed = (one.where(Candidature.state.in_(sorted(LISTED))) for one in _by_reuse(grants))
    others = (one.where(Candidature.id != dossier.candidature_id) for one in (ended, *listed))
    return _leaning_items(session, sa.union(*others))


def facts_of_standing(session: Session, standing_id: UUID | None) -> frozenset[UUID]:
    """The facts of the dossier of a standing, by id; none without a standing."""
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
    """The organisation whose dossier has this standing."""
    return session.scalar(
        sa.select(Candidature.organisation_id)
        .join(DossierStanding, DossierStanding.candidature_id == Candidature.id)
        .where(DossierStanding.id == standing_id)
    )


def leaning_across(session: Session, core_id: UUID, after_parting: Mapping[UUID, UUID]) -> Sequence[Leaning]:
    """The items that stand on a fact of a software that will not be of their core any more."""
    crossing = across(core_id, after_parting)
    grants = sa.select(GrantSource.grant_id).where(GrantSource.id.in_(crossing))
    return _leaning_items(session, sa.union(*_by_reuse(grants)))


_Leaning = sa.Select[*tuple[Any, ...]]


def _leaning(by_reuse: sa.ColumnElement[bool]) -> _Leaning:
    """Items as `Leaning` names them."""
    return (
        sa.select(
            Candidature.core_id,
            Item.candidature_id,
            ExpectedProof.code,
            Item.id.label("item_id"),
            Candidature.state,
            by_reuse.label("by_reuse"),
        )
        .join(Item.candidature)
        .join(Item.expected_proof)
    )


_WITH_REUSE = _leaning(by_reuse=sa.true())


def _by_reuse(grants: sa.Select[UUID]) -> tuple[_Leaning, _Leaning]:
    """The items that stand on one of the grants, and the decided ones for which a grant stands in."""
    standing = (
        _WITH_REUSE.join(Grant, Grant.id == Item.grant_id)
        .where(Grant.id.in_(grants), Grant.state.in_(_STANDING))
        .where(Candidature.state.in_(sorted(OPEN | LISTED)))
    )
    standing_in = (
        _WITH_REUSE.join(
            Grant, (Grant.candidature_id == Candidature.id) & (Grant.proof_code == ExpectedProof.code)
        )
        .where(Grant.id.in_(grants), Grant.state == GrantState.STANDS_IN)
        .where(Candidature.state.in_(sorted(LISTED)))
    )
    return standing, standing_in


def _by_own_proof(proof: sa.BindParameter[UUID]) -> _Leaning:
    """The item of the version that a finding is about, unless a later version was decided on."""
    later = sa.orm.aliased(Proof)
    return (
        _leaning(by_reuse=sa.false())
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
    existing = session.get(Revocation, revocation_id)
    if existing is None:
        raise NotFound("Cette révocation n'existe pas : vérifiez son identifiant.")
    return existing


def revocations(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Revocation]:
    """All that was taken back or expired, in the order of time."""
    authorise(actor, Right.READ_FLAGS)
    return session.scalars(after(sa.select(Revocation), [Revocation.id], cursor).limit(limit)).all()


def consequences(
    session: Session, actor: Actor, revocation_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Consequence]:
    """The items that leaned on what was revoked, each with its fate, if a job has seen to it; of drafts, none."""
    about = revocation(session, actor, revocation_id)
    select = sa.select(Consequence).where(
        Consequence.revocation_id == about.id, readable_id(session, actor, Consequence.candidature_id)
    )
    return session.scalars(after(select, [Consequence.id], cursor).limit(limit)).all()


def summary(session: Session, revocation_id: UUID) -> dict[str, int]:
    """The number of items by fate, in the order of fates; `pending` counts those that a job has yet to see."""
    rows = session.execute(
        sa.select(Consequence.fate, sa.func.count().label("items"))
        .where(Consequence.revocation_id == revocation_id)
        .group_by(Consequence.fate)
    )
    counts = {row.fate: row.items for row in rows}
    return {fate.value if fate else "pending": counts[fate] for fate in (*Fate, None) if fate in counts}


def flags(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Flag]:
    """The flags, in the order of raising."""
    authorise(actor, Right.READ_FLAGS)
    visible = sa.select(Flag).join(Flag.candidature)
    select = visible.where(impartial(session, actor, Candidature.organisation_id)).options(
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


def dossier_names(session: Session, actor: Actor, candidatures: Collection[UUID]) -> dict[UUID, str]:
    """The commercial name and the DSR of each candidature that the actor may read, in one query."""
    rows = session.execute(
        sa.select(Candidature.id, Solution.commercial_name, Dsr.code)
        .join(Candidature.configuration)
        .join(Configuration.solution)
        .join(Candidature.version)
        .join(DsrVersion.dsr)
        .where(Candidature.id.in_(candidatures), readable(session, actor, Candidature))
    )
    return {candidature: f"{name} – {dsr}" for candidature, name, dsr in rows}

"""What an audit verifies again: drawn by chance among what the reference rests on, or added by an auditor."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from referencing.audits.inquiries.life import AUDITS
from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Item
from referencing.candidatures.record.queries import item as find_item
from referencing.candidatures.record.states import ItemState
from referencing.catalogue.models import ExpectedProof, Requirement
from referencing.equivalence.grants.models import GrantSource
from referencing.proofs.models import Finding, Proof, Verification
from referencing.reviews.queues.models import Reading

from . import queries
from .life import UNDER_WAY, AuditState, Conformity
from .models import Audit, SampledFact, SampledItem
from .notices import tell
from .sampling import Entrant, Standing, draw, entrants, weight

#: What a reference rests on: found conform, reused, or accepted as not applicable.
RESTS_ON = (ItemState.CONFORM, ItemState.COVERED, ItemState.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Rested:
    """An item of a dossier with the facts that it stands on: verifications and certificates, by id."""

    item: UUID
    code: str
    requirement: str
    reused: bool
    verifications: frozenset[UUID]
    certificates: frozenset[UUID]


def rested(session: Session, candidature_id: UUID) -> list[Rested]:
    """In the order of the dossier; three queries, however many items."""
    items = session.execute(
        sa.select(Item.id, ExpectedProof.code, Requirement.code, Item.grant_id)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .where(Item.candidature_id == candidature_id, Item.state.in_(RESTS_ON))
        .order_by(Item.position)
    ).all()
    sources: dict[UUID, list[GrantSource]] = {}
    of_grants = sa.select(GrantSource).where(GrantSource.grant_id.in_([one[3] for one in items if one[3]]))
    for source in session.scalars(of_grants):
        sources.setdefault(source.grant_id, []).append(source)
    own = _own(session, candidature_id)
    found = []
    for item, code, requirement, grant in items:
        stood_on = sources.get(grant, []) if grant else []
        verified = {one.verification_id for one in stood_on if one.verification_id}
        if grant is None and item in own:
            verified = {own[item]}
        certified = frozenset(one.certificate_id for one in stood_on if one.certificate_id)
        found.append(Rested(item, code, requirement, grant is not None, frozenset(verified), certified))
    return found


def _own(session: Session, candidature_id: UUID) -> dict[UUID, UUID]:
    """By item that was found conform, the finding that stands."""
    last = (
        sa.select(Proof.item_id, Verification.id)
        .join(Verification.proof)
        .join(Item, Item.id == Proof.item_id)
        .where(
            Item.candidature_id == candidature_id,
            Item.state == ItemState.CONFORM,
            Verification.finding == Finding.VERIFIED,
            Verification.revoked_on.is_(None),
        )
        .ext(distinct_on(Proof.item_id))
        .order_by(Proof.item_id, Verification.id.desc())
    )
    return {item: verification for item, verification in session.execute(last)}  # noqa: C416 - rows, not pairs


def _verified_again(session: Session, those: Sequence[Rested]) -> frozenset[UUID]:
    """Of the facts on which these stand, those that somebody else looked at after the first: a reader, or an audit."""
    verifications = {one for rest in those for one in rest.verifications}
    certificates = {one for rest in those for one in rest.certificates}
    read = sa.select(Reading.verification_id).where(
        Reading.verification_id.in_(verifications), Reading.round > 1
    )
    audited = (
        sa.select(sa.func.coalesce(SampledFact.verification_id, SampledFact.certificate_id))
        .join(SampledItem, SampledItem.id == SampledFact.sampled_item_id)
        .where(
            SampledItem.finding == Conformity.CONFORM,
            SampledFact.verification_id.in_(verifications) | SampledFact.certificate_id.in_(certificates),
        )
    )
    return frozenset(session.scalars(sa.union(read, audited)))


def standings(session: Session, those: Sequence[Rested]) -> list[Standing]:
    known = _verified_again(session, those)
    return [
        Standing(one.requirement, one.reused, bool(facts) and facts <= known)
        for one in those
        for facts in [one.verifications | one.certificates]
    ]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What there was to draw from, and what was drawn; `chosen` in the order of drawing."""

    population: list[Entrant]
    chosen: list[str]


def drawing(session: Session, seed: str, size: int, those: Sequence[Rested]) -> Drawing:
    population = entrants(standings(session, those))
    return Drawing(population, draw(seed, population, size))


def keep_drawn(session: Session, audit: Audit, those: Sequence[Rested], drawn: Drawing) -> None:
    """All the proofs of the requirements that were drawn."""
    audit.population = [asdict(one) for one in drawn.population]
    weights = {one.requirement: one.weight for one in drawn.population}
    by_requirement: dict[str, list[Rested]] = {}
    for one in those:
        by_requirement.setdefault(one.requirement, []).append(one)
    chosen = [one for requirement in drawn.chosen for one in by_requirement[requirement]]
    session.add_all(
        _sampled(audit.id, position, one, weights[one.requirement], None)
        for position, one in enumerate(chosen, 1)
    )


def _sampled(audit_id: UUID, position: int, one: Rested, tickets: int, reason: str | None) -> SampledItem:
    verified: Iterable[SampledFact] = (
        SampledFact(id=new_id(), verification_id=fact) for fact in sorted(one.verifications)
    )
    certified: Iterable[SampledFact] = (
        SampledFact(id=new_id(), certificate_id=fact) for fact in sorted(one.certificates)
    )
    return SampledItem(
        id=new_id(),
        audit_id=audit_id,
        item_id=one.item,
        position=position,
        requirement=one.requirement,
        code=one.code,
        weight=tickets,
        reused=one.reused,
        added_reason=reason,
        facts=[*verified, *certified],
    )


def add(session: Session, actor: Actor, audit_id: UUID, reference: str, reason: str) -> SampledItem:
    """Verify again what was not drawn, and say why. Raises Conflict when it is there, or nothing rests on it."""
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    if audit.state not in UNDER_WAY | {AuditState.PLANNED}:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : rien ne s'y ajoute plus.")
    item = find_item(session, audit.candidature, reference)
    chosen = next((one for one in rested(session, audit.candidature_id) if one.item == item.id), None)
    if chosen is None:
        raise Conflict("La référence ne repose pas sur cette preuve : il n'y a rien à vérifier de nouveau.")
    known = session.execute(
        sa.select(SampledItem.position, SampledItem.item_id).where(SampledItem.audit_id == audit.id)
    ).all()
    if any(one.item_id == item.id for one in known):
        raise Conflict("Cette preuve est déjà dans l'échantillon.")
    position = 1 + max((one.position for one in known), default=0)
    (standing,) = standings(session, [chosen])
    added = _sampled(audit.id, position, chosen, weight(standing), reason)
    session.add(added)
    said = {"item": chosen.code, "reason": reason}
    tell(session, actor, audit, "audit.sample_extended", said, {"item": chosen.code})
    session.flush()
    return queries.sampled(session, audit, added.id)


def find(
    session: Session,
    actor: Actor,
    audit_id: UUID,
    sampled_id: UUID,
    *,
    finding: Conformity,
    comment: str,
    revision: int,
) -> SampledItem:
    """What was found on a proof that is verified again. Raises Stale when somebody has said otherwise meanwhile."""
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    if audit.state not in UNDER_WAY:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : aucun constat ne s'y fait.")
    one = queries.sampled(session, audit, sampled_id)
    if one.revision != revision:
        raise Stale("Un autre constat vient d'être fait sur cette preuve : relisez-le et recommencez.")
    one.finding, one.comment = finding, comment
    one.found_by, one.found_at = actor.account_id, now(session)
    one.revision += 1
    said = {"sampled": str(one.id), "item": one.code, "finding": finding.value, "comment": comment}
    tell(session, actor, audit, "audit.found", said)
    session.flush()
    return one

"""The sample that an audit verifies again: drawn by chance from what the reference rests on, or added by an auditor."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Item
from referencing.candidatures.record.queries import item as find_item
from referencing.candidatures.record.states import ItemState
from referencing.catalogue.models import ExpectedProof, Requirement
from referencing.equivalence.grants.models import Grant, GrantSource, Recheck
from referencing.equivalence.grants.operations import recheck
from referencing.equivalence.records.queries import doubts
from referencing.proofs.models import Finding, Proof, Verification
from referencing.reviews.queues.models import Reading

from . import queries
from .models import Audit, SampledFact, SampledItem
from .notices import record_event
from .sampling import Entrant, Standing, draw, entrants, weight
from .states import AUDITS, SAMPLED, UNDER_WAY, AuditState, Conformity, SampledAction

#: What a reference rests on: found conform, reused, or accepted as not applicable.
RESTS_ON = (ItemState.CONFORM, ItemState.COVERED, ItemState.NOT_APPLICABLE)
_RECHECKED = {Conformity.CONFORM: Recheck.UPHELD, Conformity.NONCONFORM: Recheck.FALSE_BY_AUDIT}


@dataclass(frozen=True, slots=True)
class Rested:
    """An item of a dossier with the facts that it stands on, by id, and the rules, by their lasting names."""

    item: UUID
    code: str
    requirement: str
    reused: bool
    verifications: frozenset[UUID]
    certificates: frozenset[UUID]
    rules: Sequence[str] = ()


def rested(session: Session, candidature_id: UUID) -> list[Rested]:
    """The items that the reference rests on, in the order of the dossier; three queries, however many items."""
    items = session.execute(
        sa.select(
            Item.id, ExpectedProof.code, Requirement.code.label("requirement"), Item.grant_id, Grant.rules
        )
        .join(Item.expected_proof)
        .outerjoin(Grant, Grant.id == Item.grant_id)
        .join(ExpectedProof.requirement)
        .where(Item.candidature_id == candidature_id, Item.state.in_(RESTS_ON))
        .order_by(Item.position)
    ).all()
    sources: dict[UUID, list[GrantSource]] = {}
    of_grants = sa.select(GrantSource).where(
        GrantSource.grant_id.in_([item.grant_id for item in items if item.grant_id])
    )
    for source in session.scalars(of_grants):
        sources.setdefault(source.grant_id, []).append(source)
    own = _own(session, candidature_id)
    rested_items = []
    for item in items:
        stood_on = sources.get(item.grant_id, []) if item.grant_id else []
        verified = {source.verification_id for source in stood_on if source.verification_id}
        if item.grant_id is None and item.id in own:
            verified = {own[item.id]}
        rested_items.append(
            Rested(
                item=item.id,
                code=item.code,
                requirement=item.requirement,
                reused=item.grant_id is not None,
                verifications=frozenset(verified),
                certificates=frozenset(source.certificate_id for source in stood_on if source.certificate_id),
                rules=item.rules or (),
            )
        )
    return rested_items


def _own(session: Session, candidature_id: UUID) -> dict[UUID, UUID]:
    """The finding that stands of each item that was found conform, by the item's id."""
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


def _verified_again(session: Session, rested_items: Sequence[Rested]) -> frozenset[UUID]:
    """The facts under these items that somebody looked at after the first reader: a second reader, or an audit."""
    verifications = {fact for item in rested_items for fact in item.verifications}
    certificates = {fact for item in rested_items for fact in item.certificates}
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


def standings(session: Session, rested_items: Sequence[Rested]) -> list[Standing]:
    verified_again = _verified_again(session, rested_items)
    doubted = doubts(session, {rule for rested_item in rested_items for rule in rested_item.rules})
    return [
        Standing(
            rested_item.requirement,
            rested_item.reused,
            bool(facts) and facts <= verified_again,
            max((doubted.get(rule, 1) for rule in rested_item.rules), default=1),
        )
        for rested_item in rested_items
        for facts in [rested_item.verifications | rested_item.certificates]
    ]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The requirements that there were to draw from, and those that were `chosen`, in the order of drawing."""

    population: list[Entrant]
    chosen: list[str]


def drawing(session: Session, seed: str, size: int, rested_items: Sequence[Rested]) -> Drawing:
    population = entrants(standings(session, rested_items))
    return Drawing(population, draw(seed, population, size))


def keep_drawn(session: Session, audit: Audit, rested_items: Sequence[Rested], drawn: Drawing) -> None:
    """Put all the proofs of the requirements that were drawn into the sample."""
    audit.population = [asdict(one) for one in drawn.population]
    weights = {one.requirement: one.weight for one in drawn.population}
    by_requirement: dict[str, list[Rested]] = {}
    for item in rested_items:
        by_requirement.setdefault(item.requirement, []).append(item)
    chosen = [one for requirement in drawn.chosen for one in by_requirement[requirement]]
    session.add_all(
        _sampled(audit.id, position, item, weights[item.requirement], None)
        for position, item in enumerate(chosen, 1)
    )


def _sampled(
    audit_id: UUID, position: int, rested_item: Rested, tickets: int, reason: str | None
) -> SampledItem:
    verified: Iterable[SampledFact] = (
        SampledFact(id=new_id(), verification_id=fact) for fact in sorted(rested_item.verifications)
    )
    certified: Iterable[SampledFact] = (
        SampledFact(id=new_id(), certificate_id=fact) for fact in sorted(rested_item.certificates)
    )
    return SampledItem(
        id=new_id(),
        audit_id=audit_id,
        item_id=rested_item.item,
        position=position,
        requirement=rested_item.requirement,
        code=rested_item.code,
        weight=tickets,
        reused=rested_item.reused,
        added_reason=reason,
        facts=[*verified, *certified],
    )


def add(session: Session, actor: Actor, audit_id: UUID, reference: str, reason: str) -> SampledItem:
    """Verify again a proof that was not drawn. Raises Conflict when it is there, or nothing rests on it."""
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    if audit.state not in UNDER_WAY | {AuditState.PLANNED}:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : rien ne s'y ajoute plus.")
    item = find_item(session, audit.candidature, reference)
    chosen = next((one for one in rested(session, audit.candidature_id) if one.item == item.id), None)
    if chosen is None:
        raise Conflict("La référence ne repose pas sur cette preuve : il n'y a rien à vérifier de nouveau.")
    sampled_items = session.execute(
        sa.select(SampledItem.position, SampledItem.item_id).where(SampledItem.audit_id == audit.id)
    ).all()
    if any(one.item_id == item.id for one in sampled_items):
        raise Conflict("Cette preuve est déjà dans l'échantillon.")
    position = 1 + max((one.position for one in sampled_items), default=0)
    (standing,) = standings(session, [chosen])
    added = _sampled(audit.id, position, chosen, weight(standing), reason)
    session.add(added)
    detail = {"code": chosen.code, "reason": reason}
    record_event(session, actor, audit, "audit.sample_extended", detail, {"code": chosen.code})
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
    """Record a finding on a proof of the sample. Raises Stale when somebody has recorded another meanwhile."""
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    if not SAMPLED.allows(audit.state, SampledAction.FIND):
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : aucun constat ne s'y fait.")
    sampled_item = queries.sampled(session, audit, sampled_id)
    if sampled_item.revision != revision:
        raise Stale("Un autre constat vient d'être fait sur cette preuve : relisez-le et recommencez.")
    sampled_item.finding, sampled_item.comment = finding, comment
    sampled_item.found_by, sampled_item.found_at = actor.account_id, now(session)
    sampled_item.revision += 1
    item_grant = sa.select(Item.grant_id).where(Item.id == sampled_item.item_id).scalar_subquery()
    recheck(session, Grant.id == item_grant, _RECHECKED[finding])
    detail = {
        "sampled": str(sampled_item.id),
        "code": sampled_item.code,
        "outcome": finding.value,
        "comment": comment,
    }
    record_event(session, actor, audit, "audit.found", detail)
    session.flush()
    return sampled_item

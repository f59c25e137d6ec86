"""Taking back what was found false, with all that leaned on it."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.visible_queries import readable_software, refusal
from referencing.base.db import new_id, now, today, undone
from referencing.base.errors import Conflict, NotFound, Unavailable
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.states import OPEN
from referencing.candidatures.verdicts.instruction import reopen
from referencing.certificates.embedding.queries import standing
from referencing.certificates.queries import certificate
from referencing.equivalence.grants.models import Recheck
from referencing.equivalence.grants.operations import recheck, standing_on
from referencing.journal.operations import record
from referencing.proofs.models import Verification
from referencing.solutions.cores import lock_softwares, lock_with_embedders
from referencing.solutions.models import Certificate, Software
from referencing.solutions.queries import lock_core_of, refuse_to_judge

from . import queries
from .consequences import Effect, Noted, follow_or_enqueue_all, foresee, note_consequences
from .impact import confirmed
from .models import Revocation
from .queries import Leaning

NO_FACT = "Ce fait n'existe pas : vérifiez son identifiant."


def revoke(
    session: Session,
    actor: Actor,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
    digest: str | None = None,
    *,
    audit_id: UUID | None = None,
) -> Sequence[Effect]:
    """Revoke a fact: nothing stands on it from now on. Answers the effects on each item that did.

    Raises NotFound, Forbidden in a conflict of interest, Conflict when it was revoked already, and Unconfirmed when
    items lose by it and `digest` does not name these effects.
    """
    _may_revoke(session, actor, kind, fact_id)
    noted = _take_back(session, actor, kind, fact_id, reason, "revoked")
    for revocation, _ in noted:
        revocation.audit_id = audit_id
    fallen = [fact for one, _ in noted if (fact := one.verification_id or one.certificate_id)]
    cause = Recheck.FALSE_BY_AUDIT if audit_id else Recheck.FALSE_BY_REVOCATION
    recheck(session, standing_on(fallen), cause)
    return confirmed(session, actor, follow_or_enqueue_all(session, actor, noted), digest)


def what_if_revoked(
    session: Session, actor: Actor, kind: type[Verification] | type[Certificate], fact_id: UUID, reason: str
) -> Sequence[Effect]:
    """The effects that `revoke` would have on all items, and its errors; nothing is changed."""
    _may_revoke(session, actor, kind, fact_id)
    with undone(session):
        return _foresee_all(session, actor, _take_back(session, actor, kind, fact_id, reason, "revoked"))


def _may_revoke(
    session: Session, actor: Actor, kind: type[Verification] | type[Certificate], fact_id: UUID
) -> None:
    authorise(actor, Right.REVOKE)
    owner = sa.select(Software.organisation_id, Software.id).where(
        Software.id == sa.select(kind.software_id).where(kind.id == fact_id).scalar_subquery()
    )
    owned = session.execute(owner.where(readable_software(session, actor, Software))).one_or_none()
    if owned is None:
        raise refusal(session, actor, NO_FACT, owner)
    refuse_to_judge(session, actor, owned.id)


def withdraw_certificate(
    session: Session, actor: Actor, certificate_id: UUID, reason: str, digest: str | None = None
) -> Sequence[Effect]:
    """Record that an issuer took a certificate back, for a lead or the integration that entered it.

    Raises as `revoke`.
    """
    _may_withdraw(session, actor, certificate_id)
    noted = _take_back(session, actor, Certificate, certificate_id, reason, "withdrawn")
    return confirmed(session, actor, follow_or_enqueue_all(session, actor, noted), digest)


def what_if_withdrawn(session: Session, actor: Actor, certificate_id: UUID, reason: str) -> Sequence[Effect]:
    """The effects that `withdraw_certificate` would have, and its errors; nothing is changed."""
    _may_withdraw(session, actor, certificate_id)
    with undone(session):
        noted = _take_back(session, actor, Certificate, certificate_id, reason, "withdrawn")
        return _foresee_all(session, actor, noted)


def _may_withdraw(session: Session, actor: Actor, certificate_id: UUID) -> None:
    authorise(actor, Right.ENTER_CERTIFICATES)
    refuse_to_judge(session, actor, certificate(session, actor, certificate_id).software.id)


def _foresee_all(session: Session, actor: Actor, noted: Sequence[Noted]) -> Sequence[Effect]:
    return [effect for one in noted for effect in foresee(session, actor, *one)]


def _take_back(
    session: Session,
    actor: Actor,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
    action: str,
) -> Sequence[Noted]:
    """Revoke a fact, then what repeats it for the softwares that embed what it is about."""
    fact = _locked(session, kind, fact_id)
    repeated = standing(session, fact.id) if isinstance(fact, Certificate) else ()
    return [_revoke_fact(session, actor, one, reason, action) for one in (fact, *repeated)]


def _revoke_fact(
    session: Session, actor: Actor, fact: Verification | Certificate, reason: str, action: str
) -> Noted:
    leaning = queries.leaning(session, fact)
    fact.revoked_on = today(session)
    revocation = Revocation(
        id=new_id(),
        core_id=fact.core_id,
        verification_id=fact.id if isinstance(fact, Verification) else None,
        certificate_id=fact.id if isinstance(fact, Certificate) else None,
        reason=reason,
        revoked_at=now(session),
        revoked_by=actor.account_id,
    )
    note_consequences(session, revocation, leaning)
    name = type(fact).__name__.lower()
    detail = {name: str(fact.id), "reason": reason, "items": [one.code for one in leaning]}
    event = f"certificate.{action}" if isinstance(fact, Certificate) else "verification.revoked"
    record(session, actor, event, f"software:{fact.software_id}", detail)
    _reopen(session, leaning)
    _resolve_waiting(session, fact)
    return revocation, leaning


def _resolve_waiting(session: Session, fact: Verification | Certificate) -> None:
    """What waits for the fact, leaning on nothing yet, does so no more."""
    core_id = str(fact.core_id)
    if isinstance(fact, Verification):
        enqueue(session, "resolve_software", core_id=core_id, proof=fact.proof_code)
        if session.get_one(Software, fact.software_id).fills:
            enqueue(session, "follow_component", software=str(fact.software_id), proof=fact.proof_code)
    else:
        enqueue(session, "resolve_software", core_id=core_id, kind=fact.kind)


def _locked(
    session: Session, kind: type[Verification] | type[Certificate], fact_id: UUID
) -> Verification | Certificate:
    """A fact, locked with its core and those of the softwares that embed it. Raises NotFound, Conflict, Unavailable."""
    repeated = standing(session, fact_id)
    if kind is Verification and (software := session.scalar(_software_of(fact_id))) is not None:
        lock_with_embedders(session, software)
    elif repeated:
        softwares = [session.get_one(Certificate, fact_id).software_id]
        lock_softwares(session, [*softwares, *(one.software_id for one in repeated)])
    elif lock_core_of(session, sa.select(kind.core_id).where(kind.id == fact_id)) is None:
        raise NotFound(NO_FACT)
    if [one.id for one in standing(session, fact_id)] != [one.id for one in repeated]:
        raise Unavailable(
            "Ce certificat vient d'être rattaché à un autre logiciel : réessayez dans un instant."
        )
    fact = cast("Verification | Certificate", session.get_one(kind, fact_id, populate_existing=True))
    if fact.revoked_on is not None:
        raise Conflict(
            f"Ce fait ne compte plus depuis le {fact.revoked_on:%d/%m/%Y} : il n'y a rien à révoquer."
        )
    return fact


def _software_of(verification_id: UUID) -> sa.Select[UUID]:
    return sa.select(Verification.software_id).where(Verification.id == verification_id)


def _reopen(session: Session, leaning: Sequence[Leaning]) -> None:
    """Put items whose own proof was verified back before the agency, where their dossier is still open."""
    for item in leaning:
        if not item.by_reuse and item.state in OPEN:
            candidature = candidatures.held_still(session, item.candidature_id)
            reopen(session, candidature, [str(item.item_id)])

"""Expiries: a certificate or a correspondence ends on its day in Paris, a finding when it is made anew.

Nothing is used from then on, noticed or not. What is noticed is told, and flagged on referenced solutions, once.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.jobs import enqueue
from referencing.equivalence.engine import facts
from referencing.equivalence.grants.models import GrantSource
from referencing.equivalence.rulebooks.models import Correspondence
from referencing.equivalence.rulebooks.queries import correspondence_of, in_force
from referencing.equivalence.rulebooks.removals import alone
from referencing.equivalence.rulebooks.rulebooks import digest, plain_correspondence
from referencing.journal.operations import SYSTEM
from referencing.proofs.models import Verification
from referencing.solutions.cores import lock_with_embedders
from referencing.solutions.models import Certificate
from referencing.solutions.queries import lock_core_of

from . import queries
from .consequences import Noted, follow_or_enqueue, note_consequences
from .models import Revocation
from .queries import Leaning


def notice_expiries(session: Session) -> None:
    """Enqueue a job for each thing that has expired, that something leaned on, and that nobody has noticed yet."""
    for certificate in session.scalars(expired_certificates(session)):
        enqueue(session, "notice_expired_certificate", certificate=str(certificate))
    for code in expired_rules(session):
        enqueue(session, "notice_expired_rule", code=code)


def expired_certificates(session: Session) -> sa.Select[UUID]:
    """Expired certificates that something leaned on and that nobody has noticed yet, in the order of locking."""
    noticed = sa.exists().where(Revocation.certificate_id == Certificate.id, Revocation.revoked_by.is_(None))
    leaned_on = sa.exists().where(GrantSource.certificate_id == Certificate.id)
    return (
        sa.select(Certificate.id)
        .where(Certificate.valid_until <= today(session), Certificate.revoked_on.is_(None))
        .where(leaned_on, ~noticed)
        .order_by(Certificate.core_id, Certificate.id)
    )


def notice_expired_certificate(session: Session, certificate: str) -> None:
    noted = note_certificate(session, UUID(certificate))
    if noted is not None:
        follow_or_enqueue(session, SYSTEM, *noted)


def note_certificate(session: Session, certificate_id: UUID) -> Noted | None:
    """Note the items that lean on an expired certificate; None when that was done, or it has not expired."""
    lock_core_of(session, sa.select(Certificate.core_id).where(Certificate.id == certificate_id))
    certificate = session.get_one(Certificate, certificate_id, populate_existing=True)
    noticed = sa.exists().where(Revocation.certificate_id == certificate.id, Revocation.revoked_by.is_(None))
    if (
        certificate.valid_until is None
        or certificate.valid_until > today(session)
        or session.scalar(sa.select(noticed))
    ):
        return None
    revocation = Revocation(
        id=new_id(),
        core_id=certificate.core_id,
        certificate_id=certificate.id,
        reason=certificate_reason(certificate),
        revoked_at=now(session),
    )
    leaning = queries.leaning(session, certificate)
    note_consequences(session, revocation, leaning)
    return revocation, leaning


def certificate_reason(ended: Certificate) -> str:
    return f"Le certificat {ended.kind} n° {ended.number} n'est plus valable depuis le {ended.valid_until:%d/%m/%Y}."


def notice_replaced_finding(session: Session, verification: str) -> None:
    """Follow a replaced finding: open dossiers were resolved with the new one, others may stand on this one."""
    lock_with_embedders(session, session.get_one(Verification, UUID(verification)).software_id)
    finding = session.get_one(Verification, UUID(verification), populate_existing=True)
    noticed = sa.exists().where(Revocation.verification_id == finding.id)
    leaning = [one for one in queries.leaning(session, finding) if one.by_reuse]
    if finding.revoked_on is None or not leaning or session.scalar(sa.select(noticed)):
        return
    revocation = Revocation(
        id=new_id(),
        core_id=finding.core_id,
        verification_id=finding.id,
        reason=f"La preuve de {finding.proof_code} a été relue depuis le {finding.revoked_on:%d/%m/%Y}.",
        revoked_at=now(session),
    )
    note_consequences(session, revocation, leaning)
    follow_or_enqueue(session, SYSTEM, revocation, leaning)


def notice_expired_rule(session: Session, code: str) -> None:
    """Follow an expired correspondence of the rules in force, which are locked meanwhile."""
    current = in_force(session, lock=True)
    rule = expired_rules(session).get(code)
    if current is not None and rule is not None:
        follow_or_enqueue(
            session, SYSTEM, *note_rule(session, current.id, rule, queries.leaning_on_clause(session, code))
        )


def note_rule(
    session: Session, rulebook_id: UUID, rule: facts.Correspondence, leaning: Sequence[Leaning]
) -> Noted:
    """Note the items that lean on a correspondence of `expired_rules`."""
    revocation = Revocation(
        id=new_id(),
        rulebook_id=rulebook_id,
        rule=plain_correspondence(rule),
        rule_digest=digest(alone(rule)),
        reason=f"La correspondance « {rule.id} » ne vaut plus depuis le {rule.valid_until:%d/%m/%Y}.",
        revoked_at=now(session),
    )
    note_consequences(session, revocation, leaning)
    return revocation, leaning


def expired_rules(session: Session) -> dict[str, facts.Correspondence]:
    """The rules in force that have expired and that nobody has noticed yet, by code."""
    current = in_force(session)
    rows = session.scalars(
        sa.select(Correspondence)
        .where(
            Correspondence.rulebook_id == (current.id if current else None),
            Correspondence.valid_until <= today(session),
        )
        .order_by(Correspondence.position)
    )
    expired = {digest(alone(rule)): rule for rule in map(correspondence_of, rows)}
    noticed = sa.select(Revocation.rule_digest).where(
        Revocation.rule_digest.in_(expired), Revocation.revoked_by.is_(None)
    )
    for noticed_digest in session.scalars(noticed):
        expired.pop(str(noticed_digest), None)
    return {rule.id: rule for rule in expired.values()}

"""Taking back what was found false, with all that leaned on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.permissions import Actor, Right, authorise
from referencing.accounts.queries import permitted
from referencing.candidatures import queries as candidatures
from referencing.candidatures.instruction import reopen
from referencing.candidatures.states import OPEN
from referencing.certificates.queries import to_change
from referencing.db import new_id, now, today
from referencing.errors import Conflict, NotFound
from referencing.jobs import enqueue
from referencing.journal.operations import record
from referencing.proofs.models import Verification
from referencing.solutions.models import Certificate
from referencing.solutions.queries import lock_core_of

from . import queries
from .consequences import Effect, foresee, note, see_to, undone
from .models import Revocation
from .queries import Leaning


def revoke(
    session: Session,
    actor: Actor,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
    *,
    audit_id: UUID | None = None,
) -> Sequence[Effect]:
    """Nothing stands on this fact from now on; answers what that does to each item that did.

    Raises NotFound, Conflict when it was revoked already.
    """
    authorise(actor, Right.REVOKE)
    revocation, leaning = _taken_back(session, actor, kind, fact_id, reason, "revoked")
    revocation.audit_id = audit_id
    return see_to(session, actor, revocation, leaning)


def what_if_revoked(
    session: Session, actor: Actor, kind: type[Verification] | type[Certificate], fact_id: UUID, reason: str
) -> Sequence[Effect]:
    """The same without doing it, of all items however many. Raises the same."""
    authorise(actor, Right.REVOKE)
    with undone(session):
        return foresee(session, actor, *_taken_back(session, actor, kind, fact_id, reason, "revoked"))


def withdraw_certificate(
    session: Session, actor: Actor, certificate_id: UUID, reason: str
) -> Sequence[Effect]:
    """Its issuer takes a certificate back: said by a lead, or by the integration that entered it. Raises the same.

    An integration is told of the dossiers that it is allowed on, and not of what covers an item instead.
    """
    found = to_change(session, actor, certificate_id).certificate
    done = _taken_back(session, actor, Certificate, found.id, reason, "withdrawn")
    return _told(session, actor, see_to(session, actor, *done))


def what_if_withdrawn(session: Session, actor: Actor, certificate_id: UUID, reason: str) -> Sequence[Effect]:
    """The same without doing it. Raises the same."""
    found = to_change(session, actor, certificate_id).certificate
    with undone(session):
        done = _taken_back(session, actor, Certificate, found.id, reason, "withdrawn")
        effects = foresee(session, actor, *done)
    return _told(session, actor, effects)


def _told(session: Session, actor: Actor, effects: Sequence[Effect]) -> Sequence[Effect]:
    if not actor.by_permission:
        return effects
    known = {*session.scalars(permitted(actor))}
    return [replace(one, derivation=None) for one in effects if one.candidature in known]


def _taken_back(
    session: Session,
    actor: Actor,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
    done: str,
) -> tuple[Revocation, Sequence[Leaning]]:
    fact = _locked(session, kind, fact_id)
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
    note(session, revocation, leaning)
    name = kind.__name__.lower()
    detail = {name: str(fact.id), "reason": reason, "items": [one.code for one in leaning]}
    record(session, actor, f"{name}.{done}", f"software:{fact.software_id}", detail)
    _reopen(session, leaning)
    enqueue(session, "resolve_software", core_id=str(fact.core_id))  # what waits for it does so no more
    return revocation, leaning


def _locked(
    session: Session, kind: type[Verification] | type[Certificate], fact_id: UUID
) -> Verification | Certificate:
    if lock_core_of(session, sa.select(kind.core_id).where(kind.id == fact_id)) is None:
        raise NotFound("Ce fait n'existe pas : vérifiez son identifiant.")
    fact = cast("Verification | Certificate", session.get_one(kind, fact_id, populate_existing=True))
    if fact.revoked_on is not None:
        raise Conflict(f"Il ne compte plus depuis le {fact.revoked_on:%d/%m/%Y} : il n'y a rien à révoquer.")
    return fact


def _reopen(session: Session, leaning: Sequence[Leaning]) -> None:
    """The item whose own proof was verified goes back before the agency, where its dossier is still open."""
    for one in leaning:
        if not one.by_reuse and one.state in OPEN:
            candidature = candidatures.held_still(session, one.candidature_id)
            reopen(session, candidature, [str(one.item_id)])

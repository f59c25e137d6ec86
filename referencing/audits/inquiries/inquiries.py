"""An audit from its planning to its closing. Every change locks the audit first, before any dossier or stream."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict
from referencing.base.french import counted
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.states import LISTED, STATES, State
from referencing.journal.operations import record
from referencing.proofs.models import Verification
from referencing.revocations.consequences import Effect
from referencing.revocations.operations import revoke, what_if_revoked
from referencing.signals.operations import follow_up as follow_signals
from referencing.solutions.models import Certificate

from . import queries, samples
from .models import ActionPlan, Audit, Nonconformity, SampledItem, Sanction
from .notices import day_of, record_event
from .states import (
    AGREED_PLANS,
    AUDITS,
    PENDING,
    STANDING,
    UNDER_WAY,
    AuditAction,
    AuditState,
    NonconformityState,
)

#: Working days that an editor has to answer, unless told otherwise.
TO_ANSWER = 15


def plan(
    session: Session, actor: Actor, *, candidature: UUID, reason: str, size: int, signals: Sequence[UUID]
) -> Audit:
    """An audit of a referenced solution, with `size` requirements drawn by a seed that nobody chooses.

    Raises Conflict when the solution is not referenced, or another audit of it is not over.
    """
    authorise(actor, Right.AUDIT)
    audited = candidatures.candidature(session, actor, candidature)
    audited = candidatures.held_still(session, audited.id)
    if audited.state not in LISTED:
        raise Conflict(
            f"La candidature est {STATES[audited.state]} : on n'audite qu'une solution référencée ou suspendue."
        )
    standing = sa.select(Audit.id).where(Audit.candidature_id == audited.id, Audit.state.in_(STANDING))
    if session.scalar(standing) is not None:
        raise Conflict("Un audit de cette solution est déjà en cours : complétez-le ou attendez sa clôture.")
    audit = Audit(
        id=new_id(),
        candidature_id=audited.id,
        organisation_id=audited.organisation_id,
        state=AuditState.PLANNED,
        reason=reason,
        seed=secrets.token_hex(16),
        size=size,
        created_by=actor.account_id,
    )
    rested_items = samples.rested(session, audited.id)
    drawn = samples.drawing(session, audit.seed, size, rested_items)
    session.add(audit)
    samples.keep_drawn(session, audit, rested_items, drawn)
    session.flush()
    follow_signals(session, actor, list(signals), audit.id)
    detail = {"candidature": str(audited.id), "reason": reason, "seed": audit.seed, "size": size}
    drawn_detail = {"requirements": drawn.chosen, "signals": sorted(map(str, signals))}
    record_event(session, actor, audit, "audit.planned", detail | drawn_detail)
    return queries.audit(session, actor, audit.id)


def _moved(session: Session, actor: Actor, audit_id: UUID, action: AuditAction) -> Audit:
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    audit.state = AUDITS.follow("Cet audit", audit.state, action, actor)
    return audit


def open_(session: Session, actor: Actor, audit_id: UUID) -> Audit:
    """Announce an audit to the editor, who reads from then on why, and what is verified again."""
    audit = _moved(session, actor, audit_id, AuditAction.OPEN)
    audit.opened_at = now(session)
    record_event(session, actor, audit, "audit.opened", {}, {"reason": audit.reason})
    session.flush()
    return audit


def notify(
    session: Session, actor: Actor, audit_id: UUID, *, due_on: date | None, working_days: int | None
) -> Audit:
    """Let the editor read what was found, and say until when it may answer and propose plans.

    Raises Conflict while something of the sample was not verified again.
    """
    audit = _moved(session, actor, audit_id, AuditAction.NOTIFY)
    _refuse_unfound(session, audit)
    audit.notified_at = now(session)
    audit.answer_by = day_of(session, due_on, working_days or TO_ANSWER)
    open_numbers = session.scalars(_open(audit)).all()
    detail = {"answer_by": audit.answer_by.isoformat(), "nonconformities": len(open_numbers)}
    record_event(session, actor, audit, "audit.notified", detail, detail)
    session.flush()
    return audit


def follow_plans(session: Session, actor: Actor, audit_id: UUID) -> Audit:
    """Go on to carrying out plans. Raises Conflict while a non-conformité has no accepted plan."""
    audit = _moved(session, actor, audit_id, AuditAction.FOLLOW)
    agreed = sa.exists().where(
        ActionPlan.nonconformity_id == Nonconformity.id, ActionPlan.state.in_(AGREED_PLANS)
    )
    bare = session.scalars(_open(audit).where(~agreed)).all()
    if bare:
        raise Conflict(
            f"{_named(bare)} sans plan d'actions accepté : acceptez-en un, levez-la ou retirez-la."
        )
    record_event(session, actor, audit, "audit.followed", {}, {})
    session.flush()
    return audit


def close(session: Session, actor: Actor, audit_id: UUID, conclusions: str) -> Audit:
    """End an audit, with conclusions that the editor reads.

    Raises Conflict while the sample is not done, a measure is announced and not decided, the solution is suspended, or
    a non-conformité stands on a solution that is still on the list.
    """
    audit = _moved(session, actor, audit_id, AuditAction.CLOSE)
    _refuse_unfound(session, audit)
    _refuse_undecided(session, audit)
    left = session.scalars(_open(audit)).all()
    if left and audit.candidature.state is not State.DELISTED:
        raise Conflict(
            f"{_named(left)} ni levée, ni retirée, et la solution n'est pas déréférencée : l'audit reste ouvert."
        )
    audit.closed_at, audit.conclusions = now(session), conclusions
    record_event(
        session, actor, audit, "audit.closed", {"conclusions": conclusions}, {"conclusions": conclusions}
    )
    session.flush()
    return audit


def abandon(session: Session, actor: Actor, audit_id: UUID, reason: str) -> Audit:
    """Give an audit up before anything was notified, with a reason. Raises Conflict when a measure is under way."""
    audit = _moved(session, actor, audit_id, AuditAction.ABANDON)
    if audit.opened_at is not None:
        _refuse_undecided(session, audit)
    audit.closed_at, audit.conclusions = now(session), reason
    record_event(session, actor, audit, "audit.abandoned", {"reason": reason}, {"reason": reason})
    session.flush()
    return audit


def _open(audit: Audit) -> sa.Select[int]:
    return (
        sa.select(Nonconformity.number)
        .where(Nonconformity.audit_id == audit.id, Nonconformity.state == NonconformityState.OPEN)
        .order_by(Nonconformity.number)
    )


def _named(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers))
    if len(numbers) == 1:
        return f"La non-conformité n° {listed} est"
    return f"Les non-conformités n° {listed} sont"


def _refuse_unfound(session: Session, audit: Audit) -> None:
    left = session.scalars(
        sa.select(sa.func.count()).where(SampledItem.audit_id == audit.id, SampledItem.finding.is_(None))
    ).one()
    if left:
        raise Conflict(f"{counted(left, 'preuve')} de l'échantillon sans constat : faites-le d'abord.")


def _refuse_undecided(session: Session, audit: Audit) -> None:
    """Raises Conflict: no solution stays suspended without an audit that may end the suspension."""
    if audit.candidature.state is State.SUSPENDED:
        raise Conflict("La solution est suspendue : un lead la rétablit ou la déréférence d'abord.")
    pending = sa.select(Sanction.id).where(Sanction.audit_id == audit.id, Sanction.state.in_(PENDING))
    if session.scalar(pending) is not None:
        raise Conflict("Une mesure est annoncée et n'est pas décidée : décidez-en d'abord.")


def take_back(
    session: Session,
    actor: Actor,
    audit_id: UUID | None,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
    digest: str | None = None,
) -> Sequence[Effect]:
    """Revoke a fact, for itself or because of what an audit found.

    Raises as `revoke`, and Conflict for another software's fact.
    """
    if audit_id is None:
        return revoke(session, actor, kind, fact_id, reason, digest)
    audit = _concerned(session, actor, audit_id, kind, fact_id)
    effects = revoke(session, actor, kind, fact_id, reason, digest, audit_id=audit.id)
    detail: dict[str, Any] = {kind.__name__.lower(): str(fact_id), "reason": reason}
    record(session, actor, "audit.revoked", f"audit:{audit.id}", detail | {"effects": len(effects)})
    return effects


def what_if_taken_back(
    session: Session,
    actor: Actor,
    audit_id: UUID | None,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
) -> Sequence[Effect]:
    """The effects that `take_back` would have, and its errors; nothing is changed."""
    if audit_id is not None:
        _concerned(session, actor, audit_id, kind, fact_id)
    return what_if_revoked(session, actor, kind, fact_id, reason)


def _concerned(
    session: Session,
    actor: Actor,
    audit_id: UUID,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
) -> Audit:
    """The audit under way, of the fact's software."""
    authorise(actor, Right.REVOKE)
    audit = queries.held(session, actor, audit_id)
    if audit.state not in UNDER_WAY:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : révoquez sans le nommer, ou ouvrez-le.")
    core = session.scalar(sa.select(kind.core_id).where(kind.id == fact_id))
    if core is not None and core != audit.candidature.core_id:
        raise Conflict("Cet audit porte sur un autre logiciel : vérifiez l'audit et le fait.")
    return audit

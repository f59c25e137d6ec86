"""Non-conformités: an audit raises them against a requirement, corrects them, and ends them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.models import Audit, Nonconformity
from referencing.audits.inquiries.notices import record_event
from referencing.audits.inquiries.states import (
    AUDITS,
    NONCONFORMITIES,
    UNDER_WAY,
    NonconformityAction,
    NonconformityState,
    Severity,
)
from referencing.base.db import new_id, now, today
from referencing.base.deadlines import level_on
from referencing.base.errors import Conflict, FieldError, Invalid, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.models import Requirement


def raise_(
    session: Session,
    actor: Actor,
    audit_id: UUID,
    *,
    requirement: str,
    severity: Severity,
    description: str,
    sampled: UUID | None = None,
) -> Nonconformity:
    """Raise a non-conformité with a requirement.

    Raises Conflict unless the audit is under way, Invalid for a requirement that the DSR does not have.
    """
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    _refuse_over(audit)
    _refuse_unknown(session, audit, requirement)
    if sampled is not None and queries.sampled(session, audit, sampled).requirement != requirement:
        raise Invalid(
            "Cette preuve est d'une autre exigence.",
            [FieldError("/sampled", "Donnez une preuve de cette exigence, ou retirez ce champ.")],
        )
    last = sa.select(sa.func.max(Nonconformity.number)).where(Nonconformity.audit_id == audit.id)
    nonconformity = Nonconformity(
        id=new_id(),
        audit_id=audit.id,
        number=1 + (session.scalar(last) or 0),
        requirement=requirement,
        severity=severity,
        description=description,
        sampled_item_id=sampled,
        state=NonconformityState.OPEN,
        raised_by=actor.account_id,
        raised_at=now(session),
        reminded=_nothing_new(session, audit),
    )
    session.add(nonconformity)
    session.flush()
    _record(session, actor, audit, nonconformity, "raised", {"description": description})
    return queries.nonconformity(session, actor, nonconformity.id)


def _nothing_new(session: Session, audit: Audit) -> int | None:
    """The reminder that is reached already: a short time, when it is announced, is no news."""
    return level_on(today(session), audit.answer_by)


def _refuse_over(audit: Audit) -> None:
    if audit.state not in UNDER_WAY:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : rien ne s'y constate.")


def _refuse_unknown(session: Session, audit: Audit, requirement: str) -> None:
    in_version = sa.exists().where(
        Requirement.version_id == audit.candidature.version_id, Requirement.code == requirement
    )
    if not session.scalar(sa.select(in_version)):
        raise Invalid(
            f"L'exigence « {requirement} » n'est pas dans la version du DSR de cette candidature.",
            [FieldError("/requirement", "Donnez le code d'une exigence de ce DSR.")],
        )


def held(session: Session, actor: Actor, nonconformity_id: UUID) -> tuple[Audit, Nonconformity]:
    """A non-conformité after its audit, which is locked. Raises Conflict once it has ended or its audit is over."""
    audit = queries.held(session, actor, queries.nonconformity(session, actor, nonconformity_id).audit_id)
    nonconformity = queries.nonconformity(session, actor, nonconformity_id)
    _refuse_over(audit)
    if nonconformity.state is not NonconformityState.OPEN:
        raise Conflict(
            f"La non-conformité n° {nonconformity.number} est {NONCONFORMITIES.states[nonconformity.state]} : "
            "il n'y a plus rien à faire."
        )
    return audit, nonconformity


def correct(
    session: Session,
    actor: Actor,
    nonconformity_id: UUID,
    *,
    severity: Severity,
    description: str,
    revision: int,
) -> Nonconformity:
    """Say a non-conformité otherwise, or as more or less severe. Raises Stale when somebody did meanwhile."""
    authorise(actor, Right.AUDIT)
    audit, nonconformity = held(session, actor, nonconformity_id)
    if nonconformity.revision != revision:
        raise Stale("Cette non-conformité vient d'être modifiée : relisez-la et recommencez.")
    before = {"severity": nonconformity.severity.value, "description": nonconformity.description}
    nonconformity.severity, nonconformity.description = severity, description
    nonconformity.revision += 1
    _record(
        session, actor, audit, nonconformity, "corrected", {"description": description}, {"before": before}
    )
    session.flush()
    return nonconformity


def end(
    session: Session, actor: Actor, nonconformity_id: UUID, action: NonconformityAction, outcome: str
) -> Nonconformity:
    """Lift a non-conformité that was put right, or withdraw one that was none; `outcome` is the reason."""
    authorise(actor, NONCONFORMITIES.rights[action])
    audit, nonconformity = held(session, actor, nonconformity_id)
    end_held(session, actor, audit, nonconformity, action, outcome)
    return nonconformity


def end_held(
    session: Session,
    actor: Actor,
    audit: Audit,
    nonconformity: Nonconformity,
    action: NonconformityAction,
    outcome: str,
) -> None:
    """End a non-conformité whose audit is locked."""
    subject = f"La non-conformité n° {nonconformity.number}"
    nonconformity.state = NONCONFORMITIES.follow(subject, nonconformity.state, action, actor)
    nonconformity.outcome, nonconformity.ended_at = outcome, now(session)
    _record(session, actor, audit, nonconformity, nonconformity.state.value, {"outcome": outcome})
    session.flush()


def _record(
    session: Session,
    actor: Actor,
    audit: Audit,
    nonconformity: Nonconformity,
    event: str,
    detail: dict[str, Any],
    apart: dict[str, Any] | None = None,
) -> None:
    """Write an event of a non-conformité. The editor is told of it once it was notified of the findings."""
    identified = {
        "nonconformity": str(nonconformity.id),
        "number": nonconformity.number,
        "requirement": nonconformity.requirement,
        "severity": nonconformity.severity.value,
    }
    to_editor = identified | detail if audit.notified_at is not None else None
    record_event(
        session, actor, audit, f"nonconformity.{event}", identified | detail | (apart or {}), to_editor
    )

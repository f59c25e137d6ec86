"""What an audit finds against a requirement, and how that ends."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.life import (
    AUDITS,
    NONCONFORMITIES,
    UNDER_WAY,
    NonconformityAction,
    NonconformityState,
    Severity,
)
from referencing.audits.inquiries.models import Audit, Nonconformity
from referencing.audits.inquiries.notices import tell
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
    """Raises Conflict unless the audit is under way, Invalid for a requirement that the DSR does not have."""
    authorise(actor, Right.AUDIT)
    audit = queries.held(session, actor, audit_id)
    _under_way(audit)
    _known(session, audit, requirement)
    if sampled is not None and queries.sampled(session, audit, sampled).requirement != requirement:
        raise Invalid(
            "Cette preuve est d'une autre exigence.",
            [FieldError("/sampled", "Donnez une preuve de cette exigence, ou retirez ce champ.")],
        )
    last = sa.select(sa.func.max(Nonconformity.number)).where(Nonconformity.audit_id == audit.id)
    found = Nonconformity(
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
    session.add(found)
    session.flush()
    _tell(session, actor, audit, found, "raised", {"description": description})
    return queries.nonconformity(session, actor, found.id)


def _nothing_new(session: Session, audit: Audit) -> int | None:
    """A short time is no news: what is reached when it is told of is not reminded of."""
    return level_on(today(session), audit.answer_by)


def _under_way(audit: Audit) -> None:
    if audit.state not in UNDER_WAY:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : rien ne s'y constate.")


def _known(session: Session, audit: Audit, requirement: str) -> None:
    asked = sa.exists().where(
        Requirement.version_id == audit.candidature.version_id, Requirement.code == requirement
    )
    if not session.scalar(sa.select(asked)):
        raise Invalid(
            f"L'exigence « {requirement} » n'est pas dans la version du DSR de cette candidature.",
            [FieldError("/requirement", "Donnez le code d'une exigence de ce DSR.")],
        )


def held(session: Session, actor: Actor, nonconformity_id: UUID) -> tuple[Audit, Nonconformity]:
    """With its audit, which is kept still; as it then is. Raises Conflict once it has ended or its audit is over."""
    audit = queries.held(session, actor, queries.nonconformity(session, actor, nonconformity_id).audit_id)
    found = queries.nonconformity(session, actor, nonconformity_id)
    _under_way(audit)
    if found.state is not NonconformityState.OPEN:
        raise Conflict(
            f"La non-conformité n° {found.number} est {NONCONFORMITIES.states[found.state]} : "
            "il n'y a plus rien à faire."
        )
    return audit, found


def correct(
    session: Session,
    actor: Actor,
    nonconformity_id: UUID,
    *,
    severity: Severity,
    description: str,
    revision: int,
) -> Nonconformity:
    """Say it otherwise, or as more or less severe. Raises Stale when somebody did meanwhile."""
    authorise(actor, Right.AUDIT)
    audit, found = held(session, actor, nonconformity_id)
    if found.revision != revision:
        raise Stale("Cette non-conformité vient d'être modifiée : relisez-la et recommencez.")
    before = {"severity": found.severity.value, "description": found.description}
    found.severity, found.description = severity, description
    found.revision += 1
    _tell(session, actor, audit, found, "corrected", {"description": description}, {"before": before})
    session.flush()
    return found


def end(
    session: Session, actor: Actor, nonconformity_id: UUID, action: NonconformityAction, outcome: str
) -> Nonconformity:
    """Lift it, as put right, or withdraw it, as there was none; with the reason."""
    authorise(actor, NONCONFORMITIES.rights[action])
    audit, found = held(session, actor, nonconformity_id)
    ended(session, actor, audit, found, action, outcome)
    return found


def ended(
    session: Session,
    actor: Actor,
    audit: Audit,
    found: Nonconformity,
    action: NonconformityAction,
    outcome: str,
) -> None:
    """The same for one whose audit is held."""
    what = f"La non-conformité n° {found.number}"
    found.state = NONCONFORMITIES.follow(what, found.state, action)
    found.outcome, found.ended_at = outcome, now(session)
    _tell(session, actor, audit, found, found.state.value, {"outcome": outcome})
    session.flush()


def _tell(
    session: Session,
    actor: Actor,
    audit: Audit,
    found: Nonconformity,
    how: str,
    said: dict[str, Any],
    apart: dict[str, Any] | None = None,
) -> None:
    """The editor is told once it may read what was found."""
    of_it = {
        "nonconformity": str(found.id),
        "number": found.number,
        "requirement": found.requirement,
        "severity": found.severity.value,
    }
    shown = of_it | said if audit.notified_at is not None else None
    tell(session, actor, audit, f"nonconformity.{how}", of_it | said | (apart or {}), shown)

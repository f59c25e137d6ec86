"""Suspending, delisting and reinstating what was audited.

An auditor announces a measure, the editor gives its observations, a lead decides: who accuses does not judge. Before
the editor has answered, or the time for it is over, only an urgent measure is decided, with the reason of the urgency.
"""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.models import Audit, Sanction
from referencing.audits.inquiries.notices import day_of, record_event
from referencing.audits.inquiries.states import (
    AUDITS,
    PENDING,
    SANCTIONS,
    UNDER_WAY,
    Measure,
    SanctionAction,
    SanctionState,
)
from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.filing.operations import move
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.standings import judge_facts_again, keep_dossier_standing
from referencing.candidatures.record.states import CANDIDATURE, STATES, Action
from referencing.journal.operations import record

#: Working days that an editor has for its observations, unless told otherwise.
TO_ANSWER = 15

_ACTIONS = {
    Measure.SUSPENSION: Action.SUSPEND,
    Measure.DELISTING: Action.DELIST,
    Measure.REINSTATEMENT: Action.REINSTATE,
}


def announce(
    session: Session,
    actor: Actor,
    audit_id: UUID,
    *,
    measure: Measure,
    grounds: str,
    urgent_reason: str | None,
    due_on: date | None,
    working_days: int | None,
) -> Sanction:
    """Announce a measure to the editor: its grounds, and until when the editor may answer.

    Raises Conflict when another measure is not decided, or the solution's state does not allow this one.
    """
    authorise(actor, Right.AUDIT)
    audit = _held(session, actor, audit_id)
    _refuse_impossible(audit.candidature, measure)
    pending = sa.select(Sanction.id).where(Sanction.audit_id == audit.id, Sanction.state.in_(PENDING))
    if session.scalar(pending) is not None:
        raise Conflict("Une mesure est déjà annoncée dans cet audit : attendez qu'elle soit décidée.")
    sanction = _new(actor, audit, session, measure, grounds)
    sanction.urgent_reason = urgent_reason
    sanction.answer_by = day_of(session, due_on, working_days or TO_ANSWER, "/due_on")
    session.add(sanction)
    session.flush()
    detail = {"grounds": grounds, "urgent_reason": urgent_reason, "answer_by": sanction.answer_by.isoformat()}
    _record(session, actor, audit, sanction, detail)
    return sanction


def _held(session: Session, actor: Actor, audit_id: UUID) -> Audit:
    audit = queries.held(session, actor, audit_id)
    if audit.state not in UNDER_WAY:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : aucune mesure ne s'y prend.")
    return audit


def _refuse_impossible(candidature: Candidature, measure: Measure) -> None:
    """Raises Conflict: a delisting follows a suspension; nothing is suspended twice."""
    if not CANDIDATURE.allows(candidature.state, _ACTIONS[measure]):
        first = " Suspendez-la d'abord." if measure is Measure.DELISTING else ""
        raise Conflict(
            f"La solution est {STATES[candidature.state]} : cette mesure n'est pas possible.{first}"
        )


def _new(actor: Actor, audit: Audit, session: Session, measure: Measure, grounds: str) -> Sanction:
    return Sanction(
        id=new_id(),
        audit_id=audit.id,
        measure=measure,
        state=SanctionState.ANNOUNCED,
        grounds=grounds,
        announced_by=actor.account_id,
        announced_at=now(session),
    )


def answer(session: Session, actor: Actor, sanction_id: UUID, observations: str) -> Sanction:
    """Record the editor's observations, once; files go with them as evidence. Raises Conflict when it was decided."""
    audit, sanction = _step(session, actor, sanction_id, SanctionAction.ANSWER)
    sanction.answer, sanction.answered_by, sanction.answered_at = observations, actor.account_id, now(session)
    _record(session, actor, audit, sanction, {"answer": observations})
    session.flush()
    return sanction


def decide(
    session: Session, actor: Actor, sanction_id: UUID, action: SanctionAction, decision: str
) -> Sanction:
    """Apply the measure or drop it, with the reasons.

    Raises Conflict while the editor may still answer, unless it is urgent.
    """
    audit, sanction = _step(session, actor, sanction_id, action)
    if action is SanctionAction.APPLY:
        if sanction.answered_at is None and sanction.urgent_reason is None:
            _refuse_early(sanction, today(session))
        _apply(session, actor, audit, sanction.measure, decision)
    sanction.decision, sanction.decided_by, sanction.decided_at = decision, actor.account_id, now(session)
    _record(session, actor, audit, sanction, {"decision": decision})
    session.flush()
    return sanction


def _refuse_early(sanction: Sanction, day: date) -> None:
    if sanction.answer_by is not None and day <= sanction.answer_by:
        raise Conflict(
            f"L'éditeur peut répondre jusqu'au {sanction.answer_by:%d/%m/%Y} : attendez sa réponse ou cette date."
        )


def reinstate(session: Session, actor: Actor, audit_id: UUID, grounds: str) -> Sanction:
    """Put a suspended solution back on the list. Raises Conflict while another measure is not decided."""
    authorise(actor, Right.SANCTION)
    audit = _held(session, actor, audit_id)
    _refuse_impossible(audit.candidature, Measure.REINSTATEMENT)
    pending = sa.select(Sanction.id).where(Sanction.audit_id == audit.id, Sanction.state.in_(PENDING))
    if session.scalar(pending) is not None:
        raise Conflict("Une mesure est annoncée et n'est pas décidée : décidez-en d'abord.")
    sanction = _new(actor, audit, session, Measure.REINSTATEMENT, grounds)
    sanction.state = SanctionState.APPLIED
    sanction.decision, sanction.decided_by, sanction.decided_at = grounds, actor.account_id, now(session)
    session.add(sanction)
    session.flush()
    _apply(session, actor, audit, Measure.REINSTATEMENT, grounds)
    _record(session, actor, audit, sanction, {"decision": grounds})
    return sanction


def _apply(session: Session, actor: Actor, audit: Audit, measure: Measure, decision: str) -> None:
    """Change the solution's state. The dossier is locked after its audit, always in that order."""
    candidature = candidatures.held_still(session, audit.candidature_id)
    move(actor, candidature, _ACTIONS[measure])
    detail = {"audit": str(audit.id), "decision": decision}
    record(session, actor, f"candidature.{candidature.state.value}", f"candidature:{candidature.id}", detail)
    judge_facts_again(session, keep_dossier_standing(session, actor, candidature))


def _step(
    session: Session, actor: Actor, sanction_id: UUID, action: SanctionAction
) -> tuple[Audit, Sanction]:
    authorise(actor, SANCTIONS.rights[action])
    audit = _held(session, actor, queries.sanction(session, actor, sanction_id).audit_id)
    sanction = queries.sanction(session, actor, sanction_id)
    sanction.state = SANCTIONS.follow("Cette mesure", sanction.state, action, actor)
    return audit, sanction


def _record(
    session: Session, actor: Actor, audit: Audit, sanction: Sanction, detail: dict[str, str | None]
) -> None:
    identified = {"sanction": str(sanction.id), "measure": sanction.measure.value}
    record_event(
        session, actor, audit, f"sanction.{sanction.state.value}", identified | detail, identified | detail
    )

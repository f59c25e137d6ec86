"""Action plans: an editor proposes and carries out, an auditor accepts and verifies; both are told what is due."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.models import ActionPlan, Audit, Nonconformity
from referencing.audits.inquiries.notices import day_of, record_event
from referencing.audits.inquiries.states import (
    PLANS,
    STANDING_PLANS,
    UNDER_WAY,
    AuditState,
    NonconformityAction,
    NonconformityState,
    PlanAction,
    PlanState,
)
from referencing.base.db import after, new_id, now, today
from referencing.base.deadlines import (
    OVERDUE,
    Due,
    days_left_to_remind_of,
    latest_last_day,
    level_on,
    reached_level,
)
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import SYSTEM

from .nonconformities import end_held, held


def propose(
    session: Session,
    actor: Actor,
    nonconformity_id: UUID,
    *,
    description: str,
    due_on: date | None,
    working_days: int | None,
) -> ActionPlan:
    """Propose what the editor will do, by a day or within so many working days of the acceptance.

    Raises Conflict while another plan for the non-conformité is proposed or accepted.
    """
    authorise(actor, Right.ANSWER_AUDITS)
    audit, nonconformity = held(session, actor, nonconformity_id)
    if due_on is not None:
        day_of(session, due_on, None)
    standing = next((one for one in nonconformity.plans if one.state in STANDING_PLANS), None)
    if standing is not None:
        raise Conflict(
            f"Le plan n° {standing.number} est {PLANS.states[standing.state]} : retirez-le avant d'en proposer un."
        )
    plan = ActionPlan(
        id=new_id(),
        nonconformity=nonconformity,
        number=1 + len(nonconformity.plans),
        description=description,
        state=PlanState.PROPOSED,
        asked_on=due_on,
        asked_days=working_days,
        proposed_by=actor.account_id,
        proposed_at=now(session),
    )
    session.add(plan)
    session.flush()
    deadline = {"due_on": due_on.isoformat()} if due_on else {"working_days": working_days}
    _record(session, actor, audit, plan, {"description": description, **deadline})
    return plan


def _step(
    session: Session, actor: Actor, plan_id: UUID, action: PlanAction
) -> tuple[Audit, Nonconformity, ActionPlan]:
    """The plan after an action, behind its audit, which is locked, and its non-conformité."""
    authorise(actor, PLANS.rights[action])
    audit, nonconformity = held(session, actor, queries.plan(session, actor, plan_id).nonconformity_id)
    plan = queries.plan(session, actor, plan_id)
    plan.state = PLANS.follow(f"Le plan n° {plan.number}", plan.state, action, actor)
    return audit, nonconformity, plan


def accept(
    session: Session,
    actor: Actor,
    plan_id: UUID,
    *,
    comment: str,
    due_on: date | None = None,
    working_days: int | None = None,
) -> ActionPlan:
    """Agree to a plan, for the day that the editor asked for unless another is given."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.ACCEPT)
    if due_on is None and working_days is None:
        due_on, working_days = plan.asked_on, plan.asked_days
    _set_due(session, plan, day_of(session, due_on, working_days))
    return _comment(session, actor, audit, plan, comment)


def _set_due(session: Session, plan: ActionPlan, day: date) -> None:
    plan.due_on = day
    plan.reminded = level_on(today(session), day)  # a short time is no news


def refuse(session: Session, actor: Actor, plan_id: UUID, comment: str) -> ActionPlan:
    """Say why a plan will not do; the editor proposes another."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.REFUSE)
    return _comment(session, actor, audit, plan, comment)


def withdraw(session: Session, actor: Actor, plan_id: UUID) -> ActionPlan:
    """Take a plan back before anybody has agreed to it."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.WITHDRAW)
    _record(session, actor, audit, plan, {})
    session.flush()
    return plan


def carry_out(session: Session, actor: Actor, plan_id: UUID, report: str) -> ActionPlan:
    """Say what was done; the files that show it are supplied as evidence."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.CARRY_OUT)
    plan.report, plan.carried_out_at = report, now(session)
    _record(session, actor, audit, plan, {"report": report})
    session.flush()
    return plan


def verify(session: Session, actor: Actor, plan_id: UUID, comment: str) -> ActionPlan:
    """Say that a plan was carried out: the non-conformité is lifted."""
    audit, nonconformity, plan = _step(session, actor, plan_id, PlanAction.VERIFY)
    _comment(session, actor, audit, plan, comment)
    end_held(session, actor, audit, nonconformity, NonconformityAction.LIFT, comment)
    return plan


def send_back(
    session: Session,
    actor: Actor,
    plan_id: UUID,
    *,
    comment: str,
    due_on: date | None = None,
    working_days: int | None = None,
) -> ActionPlan:
    """Say what is missing of a plan; its day stays unless another is given."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.SEND_BACK)
    if due_on is not None or working_days is not None:
        _set_due(session, plan, day_of(session, due_on, working_days))
    return _comment(session, actor, audit, plan, comment, event="sent_back")


def _comment(
    session: Session, actor: Actor, audit: Audit, plan: ActionPlan, comment: str, event: str | None = None
) -> ActionPlan:
    plan.comment, plan.commented_at = comment, now(session)
    _record(session, actor, audit, plan, {"comment": comment}, event)
    session.flush()
    return plan


def _record(
    session: Session,
    actor: Actor,
    audit: Audit,
    plan: ActionPlan,
    detail: dict[str, Any],
    event: str | None = None,
) -> None:
    identified = {
        "plan": str(plan.id),
        "number": plan.number,
        "nonconformity": plan.nonconformity.number,
        "due_on": plan.due_on and plan.due_on.isoformat(),
    }
    record_event(
        session, actor, audit, f"plan.{event or plan.state.value}", identified | detail, identified | detail
    )


def plans(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: PlanState | None,
    due_by: date | None,
) -> Sequence[ActionPlan]:
    """The plans that the actor may know of, in the order of proposing; with `due_by`, those to carry out by then."""
    authorise(actor, Right.READ_AUDITS)
    select = (
        sa.select(ActionPlan)
        .join(ActionPlan.nonconformity)
        .join(Nonconformity.audit)
        .where(queries.shown_to(session, actor))
        .options(joinedload(ActionPlan.nonconformity).joinedload(Nonconformity.audit))
    )
    if state is not None:
        select = select.where(ActionPlan.state == state)
    if due_by is not None:
        select = select.where(ActionPlan.state == PlanState.ACCEPTED, ActionPlan.due_on <= due_by)
    return session.scalars(after(select, [ActionPlan.id], cursor).limit(limit)).all()


def remind_all_audited(session: Session) -> None:
    """Enqueue a job for each audit in which an editor is to be reminded of something."""
    near = latest_last_day(Due.IN_5, today(session))
    due = {plan.nonconformity.audit_id for plan in _accepted(session, ActionPlan.due_on <= near)}
    due |= {bare.audit_id for bare in _unplanned(session, Audit.answer_by <= near)}
    for audit_id in sorted(due):
        enqueue(session, "remind_audited", audit_id=str(audit_id))


def remind_audited(session: Session, audit_id: str) -> None:
    """Remind in the timeline of what is to be carried out, and of what awaits a plan; once at each level."""
    audit = session.scalars(
        sa.select(Audit)
        .where(Audit.id == UUID(audit_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    for plan in _accepted(session, Audit.id == audit.id):
        nonconformity = plan.nonconformity
        detail = {"nonconformity": nonconformity.number, "plan": plan.number}
        _remind(session, audit, plan, "plan.reminder", plan.due_on, detail)
    for nonconformity in _unplanned(session, Audit.id == audit.id):
        detail = {"nonconformity": nonconformity.number}
        _remind(session, audit, nonconformity, "nonconformity.reminder", audit.answer_by, detail)
    session.flush()


def _remind(
    session: Session,
    audit: Audit,
    reminded_thing: ActionPlan | Nonconformity,
    action: str,
    day: date | None,
    detail: dict[str, Any],
) -> None:
    left = _days_to_say(session, day, reminded_thing.reminded)
    if left is not None:
        reminded_thing.reminded = reached_level(left)
        reminder = {**detail, "due_on": str(day), "working_days_left": left}
        record_event(session, SYSTEM, audit, action, reminder, reminder)


def _days_to_say(session: Session, day: date | None, reminded: int | None) -> int | None:
    """The working days left until a day, when it is time to say so."""
    return days_left_to_remind_of(day, reminded, today(session))


def _accepted(session: Session, *conditions: sa.ColumnElement[bool]) -> Iterable[ActionPlan]:
    """Accepted plans of which an editor is to be reminded now."""
    accepted = session.scalars(
        sa.select(ActionPlan)
        .join(ActionPlan.nonconformity)
        .join(Nonconformity.audit)
        .where(
            Audit.state.in_(UNDER_WAY),
            Nonconformity.state == NonconformityState.OPEN,
            ActionPlan.state == PlanState.ACCEPTED,
            ActionPlan.reminded.is_distinct_from(OVERDUE),
            *conditions,
        )
        .options(joinedload(ActionPlan.nonconformity))
        .order_by(Nonconformity.number)
    ).all()
    return [one for one in accepted if _days_to_say(session, one.due_on, one.reminded) is not None]


def _unplanned(session: Session, *conditions: sa.ColumnElement[bool]) -> Iterable[Nonconformity]:
    """Notified non-conformités without a plan of which an editor is to be reminded now."""
    planned = sa.exists().where(
        ActionPlan.nonconformity_id == Nonconformity.id, ActionPlan.state.in_(STANDING_PLANS)
    )
    unplanned = session.scalars(
        sa.select(Nonconformity)
        .join(Nonconformity.audit)
        .where(
            Audit.state == AuditState.CONTRADICTORY,
            Nonconformity.state == NonconformityState.OPEN,
            Nonconformity.reminded.is_distinct_from(OVERDUE),
            ~planned,
            *conditions,
        )
        .options(joinedload(Nonconformity.audit))
        .order_by(Nonconformity.number)
    ).all()
    return [one for one in unplanned if _days_to_say(session, one.audit.answer_by, one.reminded) is not None]

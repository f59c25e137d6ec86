"""Action plans: an editor proposes and carries out, an auditor accepts and verifies; both are told what is due."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.life import (
    PLANS,
    STANDING_PLANS,
    UNDER_WAY,
    AuditState,
    NonconformityAction,
    NonconformityState,
    PlanAction,
    PlanState,
)
from referencing.audits.inquiries.models import ActionPlan, Audit, Nonconformity
from referencing.audits.inquiries.notices import day_of, tell
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

from .nonconformities import ended, held


def propose(
    session: Session,
    actor: Actor,
    nonconformity_id: UUID,
    *,
    description: str,
    due_on: date | None,
    working_days: int | None,
) -> ActionPlan:
    """What the editor will do, by a day or within so many working days of the acceptance.

    Raises Conflict while another plan for it is proposed or accepted.
    """
    authorise(actor, Right.ANSWER_AUDITS)
    audit, found = held(session, actor, nonconformity_id)
    if due_on is not None:
        day_of(session, due_on, None)
    standing = next((one for one in found.plans if one.state in STANDING_PLANS), None)
    if standing is not None:
        raise Conflict(
            f"Le plan n° {standing.number} est {PLANS.states[standing.state]} : retirez-le avant d'en proposer un."
        )
    plan = ActionPlan(
        id=new_id(),
        nonconformity=found,
        number=1 + len(found.plans),
        description=description,
        state=PlanState.PROPOSED,
        asked_on=due_on,
        asked_days=working_days,
        proposed_by=actor.account_id,
        proposed_at=now(session),
    )
    session.add(plan)
    session.flush()
    asked = {"due_on": due_on.isoformat()} if due_on else {"working_days": working_days}
    _tell(session, actor, audit, plan, {"description": description, **asked})
    return plan


def _step(
    session: Session, actor: Actor, plan_id: UUID, action: PlanAction
) -> tuple[Audit, Nonconformity, ActionPlan]:
    """The plan after an action, with its audit kept still."""
    authorise(actor, PLANS.rights[action])
    audit, found = held(session, actor, queries.plan(session, actor, plan_id).nonconformity_id)
    plan = queries.plan(session, actor, plan_id)
    plan.state = PLANS.follow(f"Le plan n° {plan.number}", plan.state, action)
    return audit, found, plan


def accept(
    session: Session,
    actor: Actor,
    plan_id: UUID,
    *,
    comment: str,
    due_on: date | None = None,
    working_days: int | None = None,
) -> ActionPlan:
    """Agree to it, for the day that the editor asked for unless another is given."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.ACCEPT)
    if due_on is None and working_days is None:
        due_on, working_days = plan.asked_on, plan.asked_days
    _due(session, plan, day_of(session, due_on, working_days))
    return _said(session, actor, audit, plan, comment)


def _due(session: Session, plan: ActionPlan, day: date) -> None:
    plan.due_on = day
    plan.reminded = level_on(today(session), day)  # a short time is no news


def refuse(session: Session, actor: Actor, plan_id: UUID, comment: str) -> ActionPlan:
    """Say why it will not do; the editor proposes another."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.REFUSE)
    return _said(session, actor, audit, plan, comment)


def withdraw(session: Session, actor: Actor, plan_id: UUID) -> ActionPlan:
    """Take it back before anybody has agreed."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.WITHDRAW)
    _tell(session, actor, audit, plan, {})
    session.flush()
    return plan


def carry_out(session: Session, actor: Actor, plan_id: UUID, report: str) -> ActionPlan:
    """Say what was done; the files that show it are supplied as evidence."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.CARRY_OUT)
    plan.report, plan.carried_out_at = report, now(session)
    _tell(session, actor, audit, plan, {"report": report})
    session.flush()
    return plan


def verify(session: Session, actor: Actor, plan_id: UUID, comment: str) -> ActionPlan:
    """It was done: the non-conformité is lifted."""
    audit, found, plan = _step(session, actor, plan_id, PlanAction.VERIFY)
    _said(session, actor, audit, plan, comment)
    ended(session, actor, audit, found, NonconformityAction.LIFT, comment)
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
    """It was not done, or not all of it: say what is missing; the day stays unless another is given."""
    audit, _, plan = _step(session, actor, plan_id, PlanAction.SEND_BACK)
    if due_on is not None or working_days is not None:
        _due(session, plan, day_of(session, due_on, working_days))
    return _said(session, actor, audit, plan, comment, how="sent_back")


def _said(
    session: Session, actor: Actor, audit: Audit, plan: ActionPlan, comment: str, how: str | None = None
) -> ActionPlan:
    plan.comment, plan.commented_at = comment, now(session)
    _tell(session, actor, audit, plan, {"comment": comment}, how)
    session.flush()
    return plan


def _tell(
    session: Session,
    actor: Actor,
    audit: Audit,
    plan: ActionPlan,
    said: dict[str, Any],
    how: str | None = None,
) -> None:
    of_it = {
        "plan": str(plan.id),
        "number": plan.number,
        "nonconformity": plan.nonconformity.number,
        "due_on": plan.due_on and plan.due_on.isoformat(),
    }
    tell(session, actor, audit, f"plan.{how or plan.state.value}", of_it | said, of_it | said)


def plans(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: PlanState | None,
    due_by: date | None,
) -> Sequence[ActionPlan]:
    """Those that the actor may know of, in the order of proposing; with `due_by`, what is to be done by that day."""
    authorise(actor, Right.READ_AUDITS)
    select = (
        sa.select(ActionPlan)
        .join(ActionPlan.nonconformity)
        .join(Nonconformity.audit)
        .where(queries.shown_to(actor))
        .options(joinedload(ActionPlan.nonconformity))
    )
    if state is not None:
        select = select.where(ActionPlan.state == state)
    if due_by is not None:
        select = select.where(ActionPlan.state == PlanState.ACCEPTED, ActionPlan.due_on <= due_by)
    return session.scalars(after(select, [ActionPlan.id], cursor).limit(limit)).all()


def remind_all_audited(session: Session) -> None:
    """One job for each audit in which an editor is to be reminded of something."""
    near = latest_last_day(Due.IN_5, today(session))
    due = {plan.nonconformity.audit_id for plan in _awaited(session, ActionPlan.due_on <= near)}
    due |= {found.audit_id for found in _bare(session, Audit.answer_by <= near)}
    for audit_id in sorted(due):
        enqueue(session, "remind_audited", audit_id=str(audit_id))


def remind_audited(session: Session, audit_id: str) -> None:
    """Say in the timeline what is to be carried out, and what awaits a plan; once at each level."""
    audit = session.scalars(
        sa.select(Audit)
        .where(Audit.id == UUID(audit_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    for plan in _awaited(session, Audit.id == audit.id):
        found = plan.nonconformity
        detail = {"nonconformity": found.number, "plan": plan.number}
        _remind(session, audit, plan, "plan.reminder", plan.due_on, detail)
    for found in _bare(session, Audit.id == audit.id):
        _remind(
            session, audit, found, "nonconformity.reminder", audit.answer_by, {"nonconformity": found.number}
        )
    session.flush()


def _remind(
    session: Session,
    audit: Audit,
    one: ActionPlan | Nonconformity,
    action: str,
    day: date | None,
    detail: dict[str, Any],
) -> None:
    left = _left(session, day, one.reminded)
    if left is not None:
        one.reminded = reached_level(left)
        said = {**detail, "due_on": str(day), "working_days_left": left}
        tell(session, SYSTEM, audit, action, said, said)


def _left(session: Session, day: date | None, told: int | None) -> int | None:
    """The working days left until a day, when it is time to say so."""
    return days_left_to_remind_of(day, told, today(session))


def _awaited(session: Session, *which: sa.ColumnElement[bool]) -> Iterable[ActionPlan]:
    """Accepted plans of which something is to be said."""
    found = session.scalars(
        sa.select(ActionPlan)
        .join(ActionPlan.nonconformity)
        .join(Nonconformity.audit)
        .where(
            Audit.state.in_(UNDER_WAY),
            Nonconformity.state == NonconformityState.OPEN,
            ActionPlan.state == PlanState.ACCEPTED,
            ActionPlan.reminded.is_distinct_from(OVERDUE),
            *which,
        )
        .options(joinedload(ActionPlan.nonconformity))
        .order_by(Nonconformity.number)
    ).all()
    return [one for one in found if _left(session, one.due_on, one.reminded) is not None]


def _bare(session: Session, *which: sa.ColumnElement[bool]) -> Iterable[Nonconformity]:
    """What was notified and awaits a plan, of which something is to be said."""
    planned = sa.exists().where(
        ActionPlan.nonconformity_id == Nonconformity.id, ActionPlan.state.in_(STANDING_PLANS)
    )
    found = session.scalars(
        sa.select(Nonconformity)
        .join(Nonconformity.audit)
        .where(
            Audit.state == AuditState.CONTRADICTORY,
            Nonconformity.state == NonconformityState.OPEN,
            Nonconformity.reminded.is_distinct_from(OVERDUE),
            ~planned,
            *which,
        )
        .options(joinedload(Nonconformity.audit))
        .order_by(Nonconformity.number)
    ).all()
    return [one for one in found if _left(session, one.audit.answer_by, one.reminded) is not None]

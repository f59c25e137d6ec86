"""What third parties have to answer, as the API shows it."""

from datetime import date
from typing import Any
from uuid import UUID

from referencing.base.deadlines import warning
from referencing.base.permissions import Actor
from referencing.base.workdays import days_until

from .queries import WaitState, WaitView, may_know_why


def wait_view(view: WaitView, actor: Actor, today: date, holder: UUID | None = None) -> dict[str, Any]:
    """`holder` is who has the task in hand."""
    awaited = view.state is WaitState.AWAITED
    told = may_know_why(actor, view, holder)
    return {
        "id": view.id,
        "task": view.task_id,
        "queue": view.queue,
        "candidature": view.candidature_id,
        "dsr": view.dsr,
        "organisation": view.organisation,
        "commercial_name": view.commercial_name,
        "item": view.item_id,
        "code": view.code,
        "party": view.party,
        "reason": view.reason if told else None,
        "asked_by": view.asker,
        "since": view.started_at,
        "expected_on": view.expected_on,
        "rescheduled": [
            {
                "previously": one.previously,
                "expected_on": one.expected_on,
                "reason": one.reason if told else None,
                "decided_by": one.decider.name,
                "decided_at": one.decided_at,
            }
            for one in view.rescheduled
        ],
        "warning": warning(days_until(view.expected_on, today)) if awaited else None,
        "state": view.state,
        "ended_at": view.ended_at,
        "answer": view.answer if told else None,
    }

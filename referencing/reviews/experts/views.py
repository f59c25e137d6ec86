"""What experts are asked, as the API shows it."""

from datetime import date
from typing import Any

from referencing.base.deadlines import warning
from referencing.base.workdays import days_until

from .queries import OpinionState, OpinionView


def opinion_view(view: OpinionView, today: date) -> dict[str, Any]:
    awaited = view.state is OpinionState.ASKED
    return {
        "id": view.id,
        "task": view.task_id,
        "candidature": view.candidature_id,
        "dsr": view.dsr,
        "organisation": view.organisation,
        "commercial_name": view.commercial_name,
        "item": view.item_id,
        "code": view.code,
        "expert": view.expert_id,
        "name": view.expert,
        "asked_by": view.asker,
        "question": view.question,
        "asked_at": view.asked_at,
        "due_on": view.due_on,
        "warning": warning(days_until(view.due_on, today)) if awaited else None,
        "reminded_at": view.reminded_at,
        "state": view.state,
        "answered_at": view.answered_at,
        "declined_at": view.declined_at,
        "reply": view.reply,
    }

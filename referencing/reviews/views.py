"""Tasks as the API shows them: plain values, made in one pass."""

from typing import Any

from referencing.accounts.permissions import Actor
from referencing.candidatures.models import Boost

from .models import Absence, CommentTemplate, ConflictOfInterest
from .order import days_left, explain, warning
from .queries import WORK_OF, Reading, TaskView


def task_view(view: TaskView, actor: Actor, reading: Reading) -> dict[str, Any]:
    """The clock is the task's while it is open: closed, the ball is elsewhere and nothing is due of the agency."""
    is_open = view.closed_at is None
    left = days_left(view.last_day, reading.today) if is_open else None
    priority = reading.boosts.get(view.boost_id) if view.boost_id else None
    return {
        "id": view.id,
        "queue": view.queue,
        "candidature": view.candidature_id,
        "dsr": view.dsr,
        "organisation": view.organisation,
        "commercial_name": view.commercial_name,
        "item": view.item_id,
        "code": view.code,
        "chapter": view.chapter,
        "guichet": view.guichet,
        "opened_at": view.opened_at,
        "due_on": view.due_on if is_open else None,
        "working_days_left": left,
        "warning": warning(left) if left is not None else None,
        "order": explain(left, priority) if left is not None else None,
        "closed_at": view.closed_at,
        "outcome": view.outcome,
        "claimed_by": view.verifier,
        "claimed_at": view.claimed_at,
        "claim_expires_at": view.expires_at,
        "claimable": is_open
        and view.verifier_id in {None, actor.account_id}
        and WORK_OF[view.queue] is actor.role
        and view.organisation_id not in reading.conflicts,
    }


def template_view(template: CommentTemplate) -> dict[str, Any]:
    return {
        "id": template.id,
        "title": template.title,
        "text": template.text,
        "outcome": template.outcome,
        "chapter": template.chapter,
        "revision": template.revision,
    }


def boost_view(boost: Boost) -> dict[str, Any]:
    return {
        "id": boost.id,
        "queue": boost.queue,
        "chapter": boost.chapter,
        "dispositif": boost.dispositif,
        "vague": boost.vague,
        "candidature": boost.candidature_id,
        "weight": boost.weight,
        "reason": boost.reason,
        "ends_on": boost.ends_on,
        "created_at": boost.created_at,
    }


def conflict_view(declared: ConflictOfInterest) -> dict[str, Any]:
    return {
        "id": declared.id,
        "verifier": declared.verifier_id,
        "name": declared.verifier.name,
        "organisation": declared.organisation.name,
        "reason": declared.reason,
        "declared_at": declared.declared_at,
    }


def absence_view(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.id,
        "verifier": absence.verifier_id,
        "name": absence.verifier.name,
        "starts_on": absence.starts_on,
        "ends_on": absence.ends_on,
    }

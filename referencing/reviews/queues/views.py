"""Tasks as the API shows them."""

from typing import Any

from referencing.base.deadlines import warning
from referencing.base.permissions import Actor
from referencing.base.workdays import days_until, paris_day

from .order import explain
from .queries import WORK_OF, TaskView
from .queries import Reading as Known


def task_view(view: TaskView, actor: Actor, reading: Known) -> dict[str, Any]:
    """The clock is the task's while it is open: closed, the ball is elsewhere and nothing is due of the agency.

    While a third party has it, the clock stands: nothing is due, and so many days are left as when it began.
    """
    is_open, since = view.closed_at is None, view.third_party_since
    left = days_until(view.last_day, paris_day(since) if since else reading.today) if is_open else None
    runs = left is not None and since is None
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
        "third_party_since": since if is_open else None,
        "due_on": view.due_on if runs else None,
        "working_days_left": left,
        "warning": warning(left) if left is not None and runs else None,
        "order": explain(left, priority) if left is not None and runs else None,
        "closed_at": view.closed_at,
        "outcome": view.outcome,
        "claimed_by": view.verifier,
        "claimed_at": view.claimed_at,
        "claim_expires_at": view.expires_at,
        "claimable": runs
        and view.verifier_id in {None, actor.account_id}
        and WORK_OF[view.queue] is actor.role
        and view.organisation_id not in reading.conflicts
        and view.id not in reading.closed,
    }

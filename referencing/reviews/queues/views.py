"""Tasks as the API shows them to a reader."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.deadlines import warning
from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.base.workdays import days_until, paris_day
from referencing.candidatures.tasks.models import WORK_OF
from referencing.web.pages import Page

from .actions import task_state
from .order import explain
from .outcomes import READ
from .queries import TaskContext, TaskView, task_context
from .schemas import TaskActsOut, TaskLine


def cursor_of_all(page: Page) -> tuple[Any, ...] | None:
    """The keys of the cursor's task in the order of all queues together. Raises Malformed."""
    return page.keys(date.fromisoformat, datetime.fromisoformat, UUID)


def tasks_for(session: Session, reader: Actor, views: Sequence[TaskView]) -> list[dict[str, Any]]:
    """Tasks as this reader sees them, in the order of `views`; the statements do not grow with their number."""
    context = task_context(session, reader, views)
    return [_task_for(reader, view, context) for view in views]


def _task_for(reader: Actor, view: TaskView, context: TaskContext) -> dict[str, Any]:
    """The clock is the task's while it is open: closed, the ball is elsewhere and nothing is due of the agency.

    While a third party has it, the clock stands: nothing is due, and so many days are left as when it began.
    """
    is_open, since = view.closed_at is None, view.third_party_since
    left = days_until(view.last_day, paris_day(since) if since else context.today) if is_open else None
    runs = left is not None and since is None
    claimable = (
        runs
        and view.verifier_id in {None, reader.account_id}
        and WORK_OF[view.queue] is reader.role
        and view.id not in context.closed
    )
    held, own = view.verifier_id is not None, view.verifier_id == reader.account_id
    # Who reviews no task of that queue has read no version of it: what is closed to them is a lead's.
    to_arbitrate = view.id in context.closed and WORK_OF[view.queue] is not reader.role
    state = task_state(
        view.closed_at, since, held=held, own=own, claimable=claimable, to_arbitrate=to_arbitrate
    )
    priority = context.boosts.get(view.boost_id) if view.boost_id else None
    return {
        **shape(TaskLine)(view),
        "third_party_since": since if is_open else None,
        "due_on": view.due_on if runs else None,
        "working_days_left": left,
        "warning": warning(left) if left is not None and runs else None,
        "order": explain(left, priority) if left is not None and runs else None,
        "awaits_second_reading": view.outcome == READ,
        "claimable": claimable,
        **shape(TaskActsOut)(state, reader),
    }

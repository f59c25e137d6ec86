"""Opening and closing the pieces of review work that a dossier asks for."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.base.db import any_of, insert_rows, new_id, now, today
from referencing.base.permissions import Actor
from referencing.base.workdays import days_until, paris_day
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState, State, Track
from referencing.catalogue.models import ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet
from referencing.journal.operations import SYSTEM, record

from .models import Queue, Task
from .position import place
from .queries import UNANSWERED


def open_dossier_task(session: Session, candidature: Candidature) -> None:
    """Open the task of saying whether the dossier is complete."""
    insert_rows(session, Task, [_task(session, Queue.ADMISSIBILITY, candidature)])
    place(session, candidature)


def open_item_tasks(session: Session, candidature: Candidature, queue: Queue, items: Iterable[UUID]) -> None:
    """Open a task of the queue on each item, in the order of the dossier; an item that has its task keeps it.

    An item is never in a session and in a queue: those of the track `duo` leave it, and their proofs wait in the
    queue of what follows the sessions. The database refuses a task on an item that is on a session's agenda.
    """
    items = list(items)
    left = _leave_duo(session, candidature, items)
    if left and queue is Queue.PROOF_REVIEW:
        _open(session, candidature, Queue.DUO_FOLLOW_UP, left)
        items = [item for item in items if item not in left]
    _open(session, candidature, queue, items)
    place(session, candidature)


def _leave_duo(session: Session, candidature: Candidature, items: Sequence[UUID]) -> Sequence[UUID]:
    """Move items from the track `duo` to the other; the timeline says so. Answers the items that moved."""
    left = session.execute(
        sa.update(Item)
        .where(any_of(Item.id, items), Item.track == Track.DUO, Item.expected_proof_id == ExpectedProof.id)
        .values(track=Track.ASYNC)
        .returning(Item.id, ExpectedProof.code)
    ).all()
    if left:
        detail = {"items": sorted(row.code for row in left), "to": Track.ASYNC.value}
        record(session, SYSTEM, "item.moved", f"candidature:{candidature.id}", detail)
    return [row.id for row in left]


def _open(session: Session, candidature: Candidature, queue: Queue, items: Sequence[UUID]) -> None:
    if not items:
        return
    rows = session.execute(
        sa.select(Item.id.label("item_id"), ExpectedProof.code, Requirement.chapter, ExpectedProof.guichet)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .where(any_of(Item.id, items), ~sa.exists().where(Task.item_id == Item.id, Task.closed_at.is_(None)))
        .order_by(Item.position)
    )
    insert_rows(session, Task, [_task(session, queue, candidature, **row._asdict()) for row in rows])


def close_tasks(session: Session, candidature: Candidature, outcome: str) -> None:
    """Close what is open of a dossier: nothing of it is to be looked at any more."""
    session.execute(
        sa.update(Task)
        .where(Task.candidature_id == candidature.id, Task.closed_at.is_(None))
        .values(closed_at=now(session), outcome=outcome)
    )


def close_task(session: Session, task: Task, outcome: str, by: Actor | None = None) -> None:
    """Close a task. `by` is who answered it, None when there is nothing to look at any more."""
    task.closed_at = now(session)
    task.outcome = outcome
    if by is not None:
        task.closed_by = by.account_id
        day = paris_day(task.third_party_since) if task.third_party_since else today(session)
        task.days_used = task.budget - days_until(task.last_day, day)
        if task.item_id is not None:
            task.verdicts = _answers_before(task) + 1


#: An earlier task about an item; made once, since every answer counts them.
_BEFORE = aliased(Task)


def _answers_before(task: Task) -> sa.ColumnElement[int]:
    """How often the item of a task was answered in its queue before."""
    return (
        sa.select(sa.func.count())
        .select_from(_BEFORE)
        .where(
            _BEFORE.candidature_id == task.candidature_id,
            _BEFORE.item_id == task.item_id,
            _BEFORE.queue == task.queue,
            _BEFORE.closed_at.is_not(None),
            _BEFORE.outcome.not_in(UNANSWERED),
        )
        .scalar_subquery()
    )


def open_task_of(session: Session, candidature: Candidature, item: Item | None) -> Task | None:
    """The open task about an item, or about the dossier itself when there is no item."""
    return session.scalar(
        sa.select(Task).where(
            Task.candidature_id == candidature.id,
            Task.item_id.is_not_distinct_from(item.id if item else None),
            Task.closed_at.is_(None),
        )
    )


def follow_confirmations(session: Session, candidature: Candidature) -> None:
    """Open and close tasks: in review every item to confirm has one, and no other item has one in that queue."""
    follow_all_confirmations(session, [candidature])


def follow_all_confirmations(session: Session, candidatures: Iterable[Candidature]) -> None:
    """What `follow_confirmations` sees to, for each of these dossiers that is in review."""
    in_review = {one.id: one for one in candidatures if one.state is State.IN_REVIEW}
    if not in_review:
        return
    to_confirm = Item.state == ItemState.TO_CONFIRM
    in_queue = Task.queue == Queue.EQUIVALENCE
    open_task = (Task.item_id == Item.id) & any_of(Task.candidature_id, in_review) & Task.closed_at.is_(None)
    unfit = (
        sa.select(Item.candidature_id, Item.id, Item.state, Task.id)
        .outerjoin(Task, open_task)
        .where(
            any_of(Item.candidature_id, in_review),
            (to_confirm & Task.id.is_(None)) | (~to_confirm & in_queue),
        )
        .order_by(Item.candidature_id, Item.position)
    )
    new: dict[UUID, list[UUID]] = {}
    needless: list[UUID] = []
    for candidature_id, item_id, state, task_id in session.execute(unfit):
        if state is ItemState.TO_CONFIRM:
            new.setdefault(candidature_id, []).append(item_id)
        else:
            needless.append(task_id)
    if needless:
        session.execute(
            sa.update(Task)
            .where(any_of(Task.id, needless))
            .values(closed_at=now(session), outcome="needless")
            .execution_options(synchronize_session=False)
        )
    for candidature_id, items in new.items():
        open_item_tasks(session, in_review[candidature_id], Queue.EQUIVALENCE, items)


def _task(
    session: Session,
    queue: Queue,
    candidature: Candidature,
    item_id: UUID | None = None,
    code: str | None = None,
    chapter: str | None = None,
    guichet: Guichet | None = None,
) -> dict[str, Any]:
    """The row of a task without a budget yet: `place` gives it one."""
    day = today(session)
    return {
        "id": new_id(),
        "queue": queue,
        "candidature_id": candidature.id,
        "item_id": item_id,
        "organisation_id": candidature.organisation_id,
        "code": code,
        "chapter": chapter,
        "guichet": guichet,
        "budget": 0,
        "due_on": day,
        "last_day": day,
        "rank": 0,
        "opened_at": now(session),
    }

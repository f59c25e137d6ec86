"""Reading which third parties are awaited; why is the agency's affair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_of
from referencing.candidatures.record.models import Candidature

from .models import Queue, Task, Wait

#: How a task is closed whose item is to be read in a live session.
TO_SESSION = "to_session"
#: How tasks end without an answer: there was nothing to look at any more, or not there.
UNANSWERED = ("withdrawn", "needless", "quarantined", TO_SESSION)


@dataclass(frozen=True, slots=True)
class Awaited:
    """An answer of a third party that is awaited: on an item, or on the dossier itself when there is no item."""

    candidature_id: UUID
    item_id: UUID | None
    code: str | None
    party: str
    since: datetime
    expected_on: date


def awaited(session: Session, *which: sa.ColumnElement[bool]) -> Sequence[Awaited]:
    """The answers awaited on the tasks that `which` chooses, in one query; the first expected comes first."""
    rows = session.execute(
        sa.select(
            Task.candidature_id,
            Task.item_id,
            Task.code,
            Wait.party,
            Wait.started_at.label("since"),
            Wait.expected_on,
        )
        .join(Wait, Wait.task_id == Task.id)
        .where(Wait.ended_at.is_(None), Task.closed_at.is_(None), *which)
        .order_by(Wait.expected_on, Wait.id)
    )
    return [Awaited(**row._asdict()) for row in rows]


def awaited_of(session: Session, dossiers: Sequence[UUID]) -> dict[UUID, list[Awaited]]:
    """The answers awaited on each of these dossiers; a dossier without any has no key."""
    by_dossier: dict[UUID, list[Awaited]] = {}
    for answer in awaited(session, any_of(Task.candidature_id, dossiers)):
        by_dossier.setdefault(answer.candidature_id, []).append(answer)
    return by_dossier


def was_judged(session: Session, candidature: Candidature) -> bool:
    """Whether a lead has ever found the dossier complete or not."""
    judged = sa.select(Task.id).where(
        Task.candidature_id == candidature.id, Task.queue == Queue.ADMISSIBILITY, Task.closed_by.is_not(None)
    )
    return bool(session.scalar(sa.select(judged.exists())))

"""Which tasks wait for third parties, and what became of it; why, and what was answered, is not for every reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account, Organisation
from referencing.accounts.visible_queries import impartial
from referencing.base.db import after, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Queue, Rescheduling, Task, Wait
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.reviews.queues import queries
from referencing.solutions.models import Configuration, Solution


class WaitState(StrEnum):
    AWAITED = "awaited"
    ANSWERED = "answered"
    TAKEN_BACK = "taken_back"
    NEEDLESS = "needless"  # the task was closed before an answer came


IN_STATE = {
    WaitState.AWAITED: Wait.ended_at.is_(None) & Task.closed_at.is_(None),
    WaitState.ANSWERED: Wait.answer.is_not(None),
    WaitState.TAKEN_BACK: Wait.ended_at.is_not(None) & Wait.answer.is_(None),
    WaitState.NEEDLESS: Wait.ended_at.is_(None) & Task.closed_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class WaitView:
    """A task that waits, or waited, on one line."""

    id: UUID
    task_id: UUID
    queue: Queue
    candidature_id: UUID
    item_id: UUID | None
    code: str | None
    dsr: str
    organisation: str
    commercial_name: str
    party: str
    reason: str
    expected_on: date
    asked_by: UUID
    asker: str
    started_at: datetime
    ended_at: datetime | None
    answer: str | None
    closed_at: datetime | None
    rescheduled: Sequence[Rescheduling]

    @property
    def state(self) -> WaitState:
        if self.ended_at is not None:
            return WaitState.TAKEN_BACK if self.answer is None else WaitState.ANSWERED
        return WaitState.AWAITED if self.closed_at is None else WaitState.NEEDLESS


def waits(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: WaitState | None = None,
    due: Due | None = None,
    queue: Queue | None = None,
    asked_by: UUID | None = None,
) -> Sequence[WaitView]:
    """The waits, who is expected first coming first.

    `due` narrows them down to what is awaited, by the day on which it is expected.
    """
    authorise(actor, Right.READ_QUEUES)
    selected = _views().where(impartial(session, actor, Task.organisation_id))
    if state is not None:
        selected = selected.where(IN_STATE[state])
    if due is not None:
        selected = selected.where(
            IN_STATE[WaitState.AWAITED], Wait.expected_on <= latest_last_day(due, today(session))
        )
    if queue is not None:
        selected = selected.where(Task.queue == queue)
    if asked_by is not None:
        selected = selected.where(Wait.asked_by == asked_by)
    return _read_waits(session, after(selected, [Wait.expected_on, Wait.id], cursor).limit(limit))


def waits_of(session: Session, task_id: UUID) -> Sequence[WaitView]:
    """The waits of a task, oldest first."""
    return _read_waits(session, _views().where(Wait.task_id == task_id).order_by(Wait.started_at, Wait.id))


def may_know_why(actor: Actor, wait: WaitView, holder: UUID | None = None) -> bool:
    """Whether this reader may read the reason and the answer: a lead, who asked, and `holder`, who has the task.

    Another reader of the same version is to judge without.
    """
    return actor.role is Role.LEAD or actor.account_id in {wait.asked_by, holder}


def _read_waits(session: Session, selected: queries.Views) -> Sequence[WaitView]:
    rows = session.execute(selected).all()
    if not rows:
        return []
    changes: dict[UUID, list[Rescheduling]] = {row.id: [] for row in rows}
    chosen = sa.select(Rescheduling).where(Rescheduling.wait_id.in_(changes)).order_by(Rescheduling.id)
    for change in session.scalars(chosen.options(joinedload(Rescheduling.decider))):
        changes[change.wait_id].append(change)
    return [WaitView(**row._asdict(), rescheduled=changes[row.id]) for row in rows]


def _views() -> queries.Views:
    selected: queries.Views = (
        sa.select(
            Wait.id,
            Wait.task_id,
            Task.queue,
            Task.candidature_id,
            Task.item_id,
            Task.code,
            Dsr.code.label("dsr"),
            Organisation.name.label("organisation"),
            Solution.commercial_name,
            Wait.party,
            Wait.reason,
            Wait.expected_on,
            Wait.asked_by,
            Account.name.label("asker"),
            Wait.started_at,
            Wait.ended_at,
            Wait.answer,
            Task.closed_at,
        )
        .join(Wait.task)
        .join(Wait.asker)
        .join(Candidature, Candidature.id == Task.candidature_id)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == Task.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
    )
    return selected

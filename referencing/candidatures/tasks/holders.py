"""Who had to move next, and since when: a ledger for each dossier, from which its due date is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.candidatures.clock.ledger import Holder, Interval, due_on, used
from referencing.candidatures.record.models import BallInterval, Candidature
from referencing.candidatures.record.queries import counts
from referencing.candidatures.record.states import holder

from .models import Task

#: Working days that the agency gives itself, all its turns taken together.
BUDGET = 15


@dataclass(frozen=True, slots=True)
class Clock:
    """Who has the ball, None once the dossier is closed; working days used by the agency so far, and the day on
    which the budget ends if the ball stays with it.
    """

    holder: Holder | None
    used: int
    due_on: date | None


def follow_ball(session: Session, candidature: Candidature) -> None:
    """Note when the ball has passed; called after whatever may have moved it."""
    held = holder(candidature.state, counts(session, candidature.id), _waiting_tasks(session, candidature.id))
    turn = session.scalar(
        sa.select(BallInterval).where(
            BallInterval.candidature_id == candidature.id, BallInterval.ended_at.is_(None)
        )
    )
    if turn is not None and turn.holder is held:
        return
    if turn is not None:
        turn.ended_at = now(session)
        session.flush()
    if held is not None:
        session.add(BallInterval(candidature_id=candidature.id, holder=held, started_at=now(session)))
        session.flush()


def _waiting_tasks(session: Session, candidature_id: UUID) -> int:
    """How many tasks of a dossier wait for a third party."""
    waiting = sa.select(sa.func.count()).where(
        Task.candidature_id == candidature_id,
        Task.closed_at.is_(None),
        Task.third_party_since.is_not(None),
    )
    return session.scalars(waiting).one()


def clocks(session: Session, ids: Sequence[UUID], moment: datetime) -> dict[UUID, Clock]:
    """The clock of each of these dossiers, in one query."""
    ledgers: dict[UUID, list[Interval]] = {candidature_id: [] for candidature_id in ids}
    rows = session.scalars(
        sa.select(BallInterval)
        .where(BallInterval.candidature_id.in_(ids))
        .order_by(BallInterval.candidature_id, BallInterval.id)
    )
    for row in rows:
        ledgers[row.candidature_id].append(Interval(row.holder, row.started_at, row.ended_at))
    return {
        candidature_id: Clock(_holder(ledger), used(ledger, moment), due_on(BUDGET, ledger, moment))
        for candidature_id, ledger in ledgers.items()
    }


def _holder(ledger: Sequence[Interval]) -> Holder | None:
    return ledger[-1].holder if ledger and ledger[-1].end is None else None

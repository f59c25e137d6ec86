"""Who had to move next, and since when: a ledger for each dossier, from which its due date is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_given, any_of, now
from referencing.candidatures.clock.ledger import Holder, Interval, due_on, used
from referencing.candidatures.record.models import BallInterval, Candidature
from referencing.candidatures.record.queries import counts_of
from referencing.candidatures.record.states import ItemState, holder

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


def begin_ball(session: Session, candidature: Candidature) -> None:
    """Note who has the ball of a new dossier."""
    held = holder(candidature.state, {})
    session.add(BallInterval(candidature_id=candidature.id, holder=held, started_at=now(session)))
    session.flush()


def follow_ball(session: Session, candidature: Candidature) -> None:
    """Note when the ball has passed; called after whatever may have moved it."""
    follow_balls(session, [candidature], counts_of(session, [candidature.id]))


def follow_balls(
    session: Session,
    candidatures: Sequence[Candidature],
    counted: Mapping[UUID, Mapping[ItemState, int]],
) -> None:
    """Note of which of these dossiers the ball has passed; `counted` is how many of its items are in each state."""
    ids = [candidature.id for candidature in candidatures]
    turns = _open_turns(session, ids)
    begun = []
    for candidature in candidatures:
        turn, awaited = turns[candidature.id]
        held = holder(candidature.state, counted[candidature.id], awaited)
        if (turn and turn.holder) is held:
            continue
        if turn is not None:
            turn.ended_at = now(session)
        if held is not None:
            begun.append(BallInterval(candidature_id=candidature.id, holder=held, started_at=now(session)))
    session.flush()
    session.add_all(begun)
    session.flush()


def _open_turns(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[BallInterval | None, int]]:
    """The turn that is open of each of these dossiers, and how many of its tasks wait for a third party."""
    awaited = (
        sa.select(sa.func.count())
        .where(
            Task.candidature_id == Candidature.id,
            Task.closed_at.is_(None),
            Task.third_party_since.is_not(None),
        )
        .scalar_subquery()
    )
    is_open = (BallInterval.candidature_id == Candidature.id) & BallInterval.ended_at.is_(None)
    turns = (
        sa.select(Candidature.id, BallInterval, awaited)
        .outerjoin(BallInterval, is_open)
        .where(any_of(Candidature.id, ids))
    )
    return {dossier: (turn, tasks) for dossier, turn, tasks in session.execute(turns)}


def clocks(session: Session, ids: Sequence[UUID], moment: datetime) -> dict[UUID, Clock]:
    """The clock of each of these dossiers, in one query."""
    ledgers: dict[UUID, list[Interval]] = {candidature_id: [] for candidature_id in ids}
    for row in session.execute(_TURNS, {"dossiers": ids}):
        ledgers[row.candidature_id].append(Interval(row.holder, row.started_at, row.ended_at))
    return {
        candidature_id: Clock(_holder(ledger), used(ledger, moment), due_on(BUDGET, ledger, moment))
        for candidature_id, ledger in ledgers.items()
    }


_TURNS = (
    sa.select(
        BallInterval.candidature_id, BallInterval.holder, BallInterval.started_at, BallInterval.ended_at
    )
    .where(any_given(BallInterval.candidature_id, "dossiers"))
    .order_by(BallInterval.candidature_id, BallInterval.id)
)


def _holder(ledger: Sequence[Interval]) -> Holder | None:
    return ledger[-1].holder if ledger and ledger[-1].end is None else None

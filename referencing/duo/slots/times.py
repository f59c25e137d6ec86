"""Taking people's time: a quarter of an hour is taken once, by a session or by a hold that has not expired."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict

from .models import Hold, Quarter
from .offers import quarters

TAKEN = "Ce créneau vient d'être pris : choisissez-en un autre dans la liste (/api/v1/duo/slots)."


def take(
    session: Session,
    people: Sequence[UUID],
    starts_at: datetime,
    ends_at: datetime,
    *,
    session_id: UUID | None = None,
    hold_id: UUID | None = None,
) -> None:
    """Take the time of these people for a session or for a hold, whole or not at all. Raises Conflict.

    Who asks at once for the same time waits. The quarters are taken in one order, so that two requests for the same
    ones never wait for each other.
    """
    when = quarters(starts_at, ends_at)
    _let_expired_go(session, people, when)
    rows = [
        {"account_id": account_id, "starts_at": moment, "session_id": session_id, "hold_id": hold_id}
        for account_id in sorted(people)
        for moment in when
    ]
    taken = insert(Quarter).values(rows).on_conflict_do_nothing().returning(Quarter.starts_at)
    if len(session.execute(taken).all()) < len(rows):
        raise Conflict(TAKEN)


def _let_expired_go(session: Session, people: Sequence[UUID], when: Sequence[datetime]) -> None:
    expired = (
        sa.select(Hold.id)
        .join(Quarter, Quarter.hold_id == Hold.id)
        .where(Quarter.account_id.in_(people), Quarter.starts_at.in_(when), Hold.expires_at <= now(session))
    )
    session.execute(sa.delete(Hold).where(Hold.id.in_(expired)).execution_options(synchronize_session=False))


def free(session: Session, *which: sa.ColumnElement[bool]) -> None:
    """Give time back; the quarters that are over stay with who had them."""
    over = Quarter.starts_at <= now(session)
    session.execute(sa.delete(Quarter).where(~over, *which).execution_options(synchronize_session=False))

"""What everybody in a session sees happen, numbered without a gap: told in the transaction that makes it happen."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.journal.events.table import LIVE_SESSION, refuse_undeclared

from .models import Event, LiveSession

#: PostgreSQL's channel on which the id of a session is sent when an event of it was committed.
CHANNEL = "duo"


def add_event(session: Session, live: LiveSession, action: str, detail: Mapping[str, Any]) -> int:
    """Append an event; answers its number. Whoever tells of the same session waits for this transaction.

    Numbers are taken under the lock of the session's row, so they are committed in their order: who has read up to
    a number misses nothing below it. Raises Undeclared like the journal's own `record`.
    """
    refuse_undeclared(LIVE_SESSION, action, detail)
    session.flush()
    counted = sa.update(LiveSession).where(LiveSession.id == live.id)
    number = session.scalars(
        counted.values(last_event=LiveSession.last_event + 1)
        .returning(LiveSession.last_event)
        .execution_options(synchronize_session=False)
    ).one()
    happened = Event(session_id=live.id, number=number, action=action, detail=dict(detail), at=now(session))
    session.add(happened)
    session.execute(sa.select(sa.func.pg_notify(CHANNEL, str(live.id))))
    session.flush()
    return number


def told(event: Event) -> dict[str, Any]:
    """The detail of an event, with the name of whom it tells of."""
    return event.detail if event.name is None else {**event.detail, "name": event.name}


def events_after(session: Session, session_id: UUID, after: int, limit: int | None = None) -> Sequence[Event]:
    """Events after a number, oldest first, all of them without a limit; the caller checks who may read."""
    return session.scalars(
        sa.select(Event)
        .where(Event.session_id == session_id, Event.number > after)
        .order_by(Event.number)
        .limit(limit)
    ).all()

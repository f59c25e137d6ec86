"""What everybody in a session sees happen, numbered without a gap: told in the transaction that makes it happen."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now

from .models import Event, LiveSession

#: PostgreSQL's channel on which the id of a session is sent when an event of it was committed.
CHANNEL = "duo"


def add_event(session: Session, live: LiveSession, kind: str, body: Mapping[str, Any]) -> int:
    """Append an event; answers its number. Whoever tells of the same session waits for this transaction.

    Numbers are taken under the lock of the session's row, so they are committed in their order: who has read up to
    a number misses nothing below it.
    """
    session.flush()
    counted = sa.update(LiveSession).where(LiveSession.id == live.id)
    seq = session.scalars(
        counted.values(last_event=LiveSession.last_event + 1)
        .returning(LiveSession.last_event)
        .execution_options(synchronize_session=False)
    ).one()
    session.add(Event(session_id=live.id, seq=seq, kind=kind, body=dict(body), at=now(session)))
    session.execute(sa.select(sa.func.pg_notify(CHANNEL, str(live.id))))
    session.flush()
    return seq


def events_after(session: Session, session_id: UUID, after: int, limit: int | None = None) -> Sequence[Event]:
    """Events after a number, oldest first, all of them without a limit; the caller checks who may read."""
    return session.scalars(
        sa.select(Event)
        .where(Event.session_id == session_id, Event.seq > after)
        .order_by(Event.seq)
        .limit(limit)
    ).all()

"""What those in a session are pushed: its events, in one form for all of them."""

from collections.abc import Sequence
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa

from referencing import streams
from referencing.db import Sessions

from .models import Event

#: What PostgreSQL notifies with a session's id when an event of it is committed.
CHANNEL = "duo"


def events_after(sessions: Sessions, session_id: UUID, seq: int) -> Sequence[streams.Event]:
    """Those after the one of that number, in order; one query for all who watch."""
    columns = (Event.seq, Event.kind, Event.body, Event.at)
    select = sa.select(*columns).where(Event.session_id == session_id, Event.seq > seq).order_by(Event.seq)
    with sessions() as session:
        return [
            streams.Event(row.seq, row.kind, orjson.dumps(row._asdict(), option=orjson.OPT_UTC_Z))
            for row in session.execute(select)
        ]


def listener(url: sa.URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to hear the notifications on."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)

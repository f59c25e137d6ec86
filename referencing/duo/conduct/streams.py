"""What those in a session are pushed: its events, in one form for all of them."""

from collections.abc import Sequence
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa

from referencing.base.db import Sessions
from referencing.duo.sessions import events
from referencing.web import streams

from .views import event_view


def events_after(sessions: Sessions, session_id: UUID, seq: int) -> Sequence[streams.Event]:
    """Those after the one of that number, in order; one query for all who watch."""
    with sessions() as session:
        return [
            streams.Event(one.seq, one.kind, orjson.dumps(event_view(one), option=orjson.OPT_UTC_Z))
            for one in events.told(session, session_id, seq)
        ]


def listener(url: sa.URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to hear on that events were committed."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address, autocommit=True)
    connection.execute(f"LISTEN {events.CHANNEL}")
    return connection

"""What those in a session are pushed: its events, in one form for all of them."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import Response
from sqlalchemy.orm import Session

from referencing.base.db import Sessions
from referencing.base.outgoing.connections import CONNECTING, BoundedConnection, Bounds, open_connection
from referencing.base.shapes import shape
from referencing.duo.sessions import events
from referencing.web import streams
from referencing.web.requests import entrance, parts, pushed

from .schemas import SessionEventOut


def events_after(sessions: Sessions, session_id: UUID, number: int) -> Sequence[streams.Event]:
    """Events of a session after a number, in order; one query for all who watch."""
    show = shape(SessionEventOut)
    with sessions() as session:
        return [
            streams.Event(one.number, one.action, orjson.dumps(show(one), option=orjson.OPT_UTC_Z))
            for one in events.events_after(session, session_id, number)
        ]


def follow(session: Session, live: UUID, after: int) -> Response:
    """The stream of a session that may be read, after the number of an event."""
    subscription = streams.Subscription(live, after, entrance(session))
    return pushed(subscription, streams.followed(partial(events_after, parts().sessions), subscription))


def listener(url: sa.URL) -> BoundedConnection:
    """A connection to hear on that events were committed."""
    connection = open_connection(url, Bounds(statement=CONNECTING))
    try:
        connection.execute(f"LISTEN {events.CHANNEL}")
    except BaseException:
        connection.close()
        raise
    return connection

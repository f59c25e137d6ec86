"""What live sessions do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background
from referencing.duo.booking.replacing import notice_hindrances
from referencing.duo.conduct.ending import follow_agendas
from referencing.duo.rooms.operations import close_room, open_room, tend_rooms
from referencing.duo.sessions.letters import remind_sessions

TASKS = (
    Background(follow_agendas),
    Background(notice_hindrances),
    Background(remind_sessions, every=timedelta(minutes=10)),
    Background(tend_rooms, every=timedelta(minutes=5)),
    Background(open_room),
    Background(close_room),
)

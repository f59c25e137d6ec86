"""What live sessions do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .ending import follow_agendas
from .letters import remind_sessions
from .replacing import notice_hindrances
from .room_operations import close_room, open_room, tend_rooms

TASKS = (
    Background(follow_agendas),
    Background(notice_hindrances),
    Background(remind_sessions, every=timedelta(minutes=10)),
    Background(tend_rooms, every=timedelta(minutes=5)),
    Background(open_room),
    Background(close_room),
)

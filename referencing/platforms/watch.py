"""The threads in which platforms are looked at from this place, beside the jobs: a look waits for who may not answer.

No transaction is open meanwhile. Each place looks by itself, which no job could promise: whoever comes first takes it.
"""

import logging
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from uuid import UUID

from referencing.base import db
from referencing.base.db import Clock
from referencing.base.outgoing.receivers import Reach

from .models import Probe
from .probing import look
from .sights import note, take

log = logging.getLogger(__name__)

#: Looks at once, each of which ends within `probing.WHOLE` seconds.
THREADS = 8
#: Seconds between two looks for what is due, and for which looks under way are waited for at the end.
IDLE, ENDING = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Lookout:
    """From where it is looked, and how far that reaches."""

    sessions: db.Sessions
    place: str
    reach: Reach
    clock: Clock = db.utc_now

    def take(self, most: int) -> list[UUID]:
        """The probes that are due here, which nobody else has."""
        with db.transaction(self.sessions) as session:
            return [*take(session, self.place, most)]

    def look(self, probe_id: UUID) -> None:
        """Do one probe and keep what it saw."""
        with db.transaction(self.sessions) as session:
            probe = session.get(Probe, probe_id)
        if probe is None:
            return
        seen = look(probe, self.reach, self.clock())
        with db.transaction(self.sessions) as session:
            note(session, probe_id, self.place, seen)


class Watch:
    """Has what is due looked at until it is stopped. No end of the process waits for a platform that hangs."""

    def __init__(self, lookout: Lookout) -> None:
        self.lookout = lookout
        self.ending = Event()
        self.under_way: list[Thread] = []
        self.thread = Thread(target=self._watch, name="platforms", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        until = monotonic() + ENDING
        self.thread.join(ENDING)
        for thread in self.under_way:
            thread.join(max(0.0, until - monotonic()))

    def _watch(self) -> None:
        while not self.ending.wait(IDLE):
            try:
                self._begin()
            except Exception:
                log.exception("platforms could not be looked for")

    def _begin(self) -> None:
        self.under_way = [thread for thread in self.under_way if thread.is_alive()]
        free = THREADS - len(self.under_way)
        for probe_id in self.lookout.take(free) if free else ():
            thread = Thread(target=self._look, args=(probe_id,), name="probe", daemon=True)
            thread.start()
            self.under_way.append(thread)

    def _look(self, probe_id: UUID) -> None:
        try:
            self.lookout.look(probe_id)
        except Exception:
            log.exception("probe %s could not be done", probe_id)

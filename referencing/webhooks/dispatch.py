"""The threads in which webhooks are told, beside the jobs: those that keep others waiting have threads of their own."""

import logging
from dataclasses import replace
from itertools import chain
from threading import Event, Thread
from time import monotonic
from uuid import UUID

from referencing.base import db

from .delivery import Sender, deliver, take

log = logging.getLogger(__name__)

#: Webhooks of each lane that one process tells at once: a receiver that hangs holds a thread of the slow lane.
THREADS = 8
#: Seconds between two looks.
IDLE = 0.5
#: Seconds for which the end of deliveries under way is waited for.
ENDING = 5.0


class Dispatch:
    """Looks for what is to be told, and has it told, until it is stopped. A lane is `slow` or not.

    No end of the process waits for its threads: a receiver that hangs would keep it.
    """

    def __init__(self, sender: Sender) -> None:
        self.ending = Event()
        self.sender = replace(sender, stopping=self.ending.is_set)
        self.under_way: dict[bool, list[Thread]] = {False: [], True: []}
        self.look_out = Thread(target=self._look_out, name="webhooks", daemon=True)

    def start(self) -> None:
        self.look_out.start()

    def stop(self) -> None:
        """What is told within `ENDING` is noted; what takes longer is told again elsewhere, once it is held no more."""
        self.ending.set()
        until = monotonic() + ENDING
        self.look_out.join(ENDING)
        for thread in chain(*self.under_way.values()):
            thread.join(max(0.0, until - monotonic()))

    def _look_out(self) -> None:
        while not self.ending.is_set():
            try:
                taken = self._take()
            except Exception:
                log.exception("webhooks could not be looked for")
                taken = 0
            self.ending.wait(IDLE if not taken else IDLE / 10)

    def _take(self) -> int:
        """Have what is to be told told by threads that are free; answers how many webhooks that is."""
        under_way = {
            slow: [thread for thread in lane if thread.is_alive()] for slow, lane in self.under_way.items()
        }
        self.under_way = under_way
        free = {slow: THREADS - len(lane) for slow, lane in under_way.items() if len(lane) < THREADS}
        with db.transaction(self.sender.sessions) as session:
            taken = take(session, free)
        for slow, webhook_ids in taken.items():
            for webhook_id in webhook_ids:
                thread = Thread(target=self._deliver, args=(webhook_id,), name="webhook", daemon=True)
                thread.start()
                under_way[slow].append(thread)
        return sum(map(len, taken.values()))

    def _deliver(self, webhook_id: UUID) -> None:
        try:
            deliver(self.sender, webhook_id)
        except Exception:
            log.exception("webhook %s could not be told", webhook_id)

"""The threads in which webhooks are told, beside the jobs: those that keep others waiting have threads of their own."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Thread
from uuid import UUID

from referencing.base import db

from .delivery import Courier, deliver, take

log = logging.getLogger(__name__)

#: Webhooks of each lane that one process tells at once: a receiver that hangs holds a thread of the slow lane.
THREADS = 8
#: Seconds between two looks.
IDLE = 0.5
#: Seconds for which the end of deliveries under way is waited for.
ENDING = 5.0


class Dispatch:
    """Looks for what is to be told, and has it told, until it is stopped. A lane is `slow` or not."""

    def __init__(self, courier: Courier) -> None:
        self.ending = Event()
        self.courier = replace(courier, stopping=self.ending.is_set)
        self.under_way: dict[bool, set[Future[None]]] = {False: set(), True: set()}
        self.threads = ThreadPoolExecutor(2 * THREADS, thread_name_prefix="webhook")
        self.look_out = Thread(target=self._look_out, name="webhooks", daemon=True)

    def start(self) -> None:
        self.look_out.start()

    def stop(self) -> None:
        """What is told is noted; what takes longer is told again, elsewhere, once it is held no more."""
        self.ending.set()
        self.look_out.join(ENDING)
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _look_out(self) -> None:
        while not self.ending.is_set():
            try:
                taken = sum(self._take(slow) for slow in (False, True))
            except Exception:
                log.exception("webhooks could not be looked for")
                taken = 0
            self.ending.wait(IDLE if not taken else IDLE / 10)

    def _take(self, slow: bool) -> int:
        lane = self.under_way[slow]
        lane -= {each for each in lane if each.done()}
        if len(lane) >= THREADS:
            return 0
        with db.transaction(self.courier.sessions) as session:
            taken = take(session, slow=slow, most=THREADS - len(lane))
        lane |= {self.threads.submit(self._deliver, webhook_id) for webhook_id in taken}
        return len(taken)

    def _deliver(self, webhook_id: UUID) -> None:
        try:
            deliver(self.courier, webhook_id)
        except Exception:
            log.exception("webhook %s could not be told", webhook_id)

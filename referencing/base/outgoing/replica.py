"""A standby for reads that may lag: asked while it is a standby and hardly behind, and else the primary is."""

import logging
from collections import deque
from threading import Lock
from time import monotonic

import sqlalchemy as sa

log = logging.getLogger(__name__)

#: Seconds by which what is read may be behind, and between two looks at how far that is.
LAG, LOOK = 5.0, 1.0
_WRITTEN = sa.text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
#: How far the standby has come; nothing from one that was promoted, whose lines lead to another part from then on.
_REPLAYED = sa.text("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn END")


class Replica:
    """A pool of connections to a standby, and what this process knows of how far that follows the `primary`."""

    def __init__(self, primary: sa.Engine, standby: sa.Engine) -> None:
        self.primary = primary
        self.standby = standby
        self._lock = Lock()
        self._next_look = 0.0
        self._is_fresh = False
        #: How far the primary had come, and when; the oldest that counts comes first.
        self._marks: deque[tuple[float, int]] = deque()

    def connection(self) -> sa.Connection | None:
        """A connection to the standby, on which only reading goes on; None where it is not to be asked."""
        try:
            if not self._follows():
                return None
            return self.standby.connect()
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
            self._is_fresh = False
            log.warning("the replica is not read: %s", type(error).__name__)
            return None

    def behind(self) -> int:
        """Bytes of the log that the standby has not replayed. Raises OperationalError where there is none."""
        with self.primary.connect() as connection:
            written = int(connection.scalar(_WRITTEN))
        with self.standby.connect() as connection:
            return max(written - int(connection.scalar(_REPLAYED)), 0)

    def _follows(self) -> bool:
        """Whether the standby had, at the last look, all that was written `LAG` seconds ago; one thread looks."""
        if monotonic() >= self._next_look and self._lock.acquire(blocking=False):
            try:
                self._next_look = monotonic() + LOOK
                self._is_fresh = False
                self._is_fresh = self._look()
            finally:
                self._lock.release()
        return self._is_fresh

    def _look(self) -> bool:
        now = monotonic()
        with self.primary.connect() as connection:
            self._marks.append((now, connection.scalar(_WRITTEN)))
        while self._marks[0][0] < now - LAG:
            self._marks.popleft()
        with self.standby.connect() as connection:
            replayed = connection.scalar(_REPLAYED)
        if replayed is None:
            self.standby.dispose()
        return replayed is not None and replayed >= self._marks[0][1]

"""A worker whose one task leaves a mark, and which kills itself at a named point, once.

`python -m tests.base.brokers.worker DATABASE_URL BROKER_URL POINT FILE`: FILE says that the killing was done.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db, jobs

#: Where a process may die: by the name of what it was about to do next, or None.
POINTS = (
    "none",
    "before the hand-over",
    "between hand-over and mark",
    "after the mark of the hand-over",
    "before the job",
    "in the middle of the job",
    "between the job and its acknowledgement",
)


def killer(point: str, done: Path) -> Callable[[str], None]:
    def die_at(here: str) -> None:
        if here == point and not done.exists():
            done.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return die_at


def main(database: str, broker: str, point: str, done: str) -> None:
    die_at = killer(point, Path(done))
    jobs.LOST_AFTER = timedelta(seconds=1)
    hand_over, perform = jobs.hand_over, jobs.perform

    def leave_mark(session: Session, name: str) -> None:
        session.execute(sa.text("INSERT INTO mark (name) VALUES (:name)"), {"name": name})
        session.flush()
        die_at("in the middle of the job")

    def relayed(sessions: db.Sessions, send: Callable[[str], object], **most: Any) -> int:
        def sent(job_id: str) -> None:
            die_at("before the hand-over")
            send(job_id)
            die_at("between hand-over and mark")

        handed = hand_over(sessions, sent, **most)
        if handed:
            die_at("after the mark of the hand-over")
        return handed

    def performed(sessions: db.Sessions, tasks: Any, job_id: str) -> None:
        die_at("before the job")
        perform(sessions, tasks, job_id)
        die_at("between the job and its acknowledgement")

    jobs.hand_over, jobs.perform = relayed, performed  # type: ignore[assignment]
    sessions = db.sessions(db.connect(sa.make_url(database)))
    runner = jobs.Runner(sessions, {"leave_mark": leave_mark}, jobs.broker_for(broker), idle=0.05)
    runner.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])

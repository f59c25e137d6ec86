"""`referencing worker` with short waits, and a task of the tests' own that leaves a mark: `python -m ...worked`."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing import worker
from referencing.app import tasks_on
from referencing.base import jobs
from referencing.base.vault import Vault
from referencing.config import Settings

#: After which a job that was handed over and died with its process, or with the broker, is handed over again.
LOST_AFTER = timedelta(seconds=4)
#: Seconds between two looks at what is periodic: each worker looks far more often than anything is due.
SCHEDULED_EVERY = 0.5


def leave_mark(session: Session, name: str) -> None:
    session.execute(sa.text("INSERT INTO mark VALUES (:name)"), {"name": name})


def _tasks(vault: Vault, settings: Settings) -> Mapping[str, jobs.Task]:
    return {**tasks_on(vault, settings), leave_mark.__name__: leave_mark}


if __name__ == "__main__":
    jobs.LOST_AFTER = LOST_AFTER
    jobs.SCHEDULED_EVERY = SCHEDULED_EVERY
    worker.tasks_on = _tasks  # type: ignore[attr-defined] # what the worker asks
    worker.run(Settings.from_environment())

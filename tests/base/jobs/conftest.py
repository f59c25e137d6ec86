"""A database of jobs, empty at the beginning of each test, and tasks whose effects show in it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base import db
from referencing.base.jobs import Task, enqueue
from referencing.base.models import Job
from tests.conftest import Time
from tests.databases import new_database


@pytest.fixture(scope="session")
def engine(server: sa.URL) -> Iterator[sa.Engine]:
    engine = db.connect(new_database(server, "jobs"))
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: sa.Engine, time: Time) -> db.Sessions:
    with engine.begin() as connection:
        connection.execute(sa.delete(Job))
        connection.execute(sa.delete(Organisation))
    return db.sessions(engine, time)


def found(session: Session, name: str) -> None:
    """A task that leaves something."""
    session.add(Organisation(name=name))
    session.flush()


def fail(session: Session, name: str) -> None:
    """A task that leaves something half done."""
    found(session, name)
    raise ValueError("the secret of Camille")


TASKS: dict[str, Task] = {"found": found, "fail": fail}


@pytest.fixture
def ask(sessions: db.Sessions) -> Callable[..., str]:
    """Commit a job; answers its id."""

    def commit(task: str = "found", name: str = "Alizé") -> str:
        with db.transaction(sessions) as session:
            before = set(session.scalars(sa.select(Job.id)))
            enqueue(session, task, name=name)
            session.flush()
            (new,) = set(session.scalars(sa.select(Job.id))) - before
            return str(new)

    return commit


@pytest.fixture
def effects(sessions: db.Sessions) -> Callable[[], list[str]]:
    """What the tasks have left."""

    def names() -> list[str]:
        with db.transaction(sessions) as session:
            return list(session.scalars(sa.select(Organisation.name).order_by(Organisation.name)))

    return names


@pytest.fixture
def job(sessions: db.Sessions) -> Callable[[str], Job]:
    """A job as it stands."""

    def read(job_id: str) -> Job:
        with db.transaction(sessions) as session:
            return session.scalars(sa.select(Job).where(Job.id == job_id)).one()

    return read


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)

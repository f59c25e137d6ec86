"""A simulation spread over workers, on a real broker: with two the same answer as with one; given up at once."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.equivalence.rulebooks.models import Rulebook, Simulation, SimulationState
from referencing.equivalence.rulebooks.queries import id_in_force
from referencing.simulations.models import SimulatedChange, SimulatedDossier
from referencing.simulations.operations import cancel, start
from tests.builders import Asked, Story, equal, perform_jobs, person, publish_dsr, publish_rules
from tests.simulations.running import draft_rules, prepared

pytestmark = pytest.mark.services

BROKER = "REFERENCING_TEST_AMQP_URL"
SOFTWARES = 30
ASKED = [f"R{number}" for number in range(6)]
RULES = [equal(f"LGC-V1:{code}", f"LGC-V2:{code}") for code in ASKED]
PATIENCE = 120  # seconds

Workers = Callable[[int], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def template(server: sa.URL) -> str:
    """Softwares of which all was found conform, each with a draft that a project of rules would cover."""
    with prepared(server, "simulation_workers") as sessions, db.transaction(sessions) as session:
        for dsr in ("LGC-V1", "LGC-V2"):
            publish_dsr(session, dsr, *map(Asked, ASKED))
        publish_rules(session)
        story = Story(session)
        for number in range(SOFTWARES):
            solution = story.solution(f"Alpha {number}", f"NIL-{number}")
            story.verified(solution, "LGC-V1")
            story.draft(solution, "LGC-V2")
        perform_jobs(session)
        draft_rules(session, *RULES)
    return "simulation_workers"


@pytest.fixture
def sessions(database: sa.URL) -> Iterator[db.Sessions]:
    engine = db.connect(database)
    yield db.sessions(engine)
    engine.dispose()


@pytest.fixture
def workers(database: sa.URL, tmp_path: Path) -> Workers:
    """So many processes that perform jobs, until the context ends."""
    if BROKER not in os.environ:
        pytest.skip(f"no RabbitMQ is started: {BROKER} is not set")
    variables = {
        "DATABASE_URL": database.render_as_string(hide_password=False).replace("+psycopg", ""),
        "BROKER_URL": os.environ[BROKER],
        "REFERENCING_DATA": str(tmp_path),
    }

    @contextmanager
    def started(count: int) -> Iterator[None]:
        with ExitStack() as stack:
            for _ in range(count):
                process = subprocess.Popen(
                    [sys.executable, "-m", "referencing", "worker"], env=os.environ | variables
                )
                stack.callback(process.wait)
                stack.callback(process.kill)
            yield

    return started


def asked(sessions: db.Sessions) -> UUID:
    with db.transaction(sessions) as session:
        rulebook = session.scalars(sa.select(Rulebook).where(Rulebook.label == "Projet")).one()
        return start(session, person(session, Role.LEAD), rulebook.id).id


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "too long"
        time.sleep(0.02)


def read(sessions: db.Sessions, simulation_id: UUID) -> Simulation:
    with db.transaction(sessions) as session:
        return session.get_one(Simulation, simulation_id)


def answer(sessions: db.Sessions, simulation_id: UUID) -> list[tuple[object, ...]]:
    with db.transaction(sessions) as session:
        change = SimulatedChange
        columns = (
            change.dossier,
            change.position,
            change.code,
            change.before,
            change.after,
            change.told_after,
        )
        rows = sa.select(*columns).where(change.simulation_id == simulation_id)
        return [tuple(row) for row in session.execute(rows.order_by(change.dossier, change.position))]


def test_two_workers_answer_as_one_and_say_how_far_they_are(sessions: db.Sessions, workers: Workers) -> None:
    answers = []
    for count in (1, 2):
        simulation_id = asked(sessions)
        seen = [read(sessions, simulation_id)]

        def is_over(id_: UUID = simulation_id, seen: list[Simulation] = seen) -> bool:
            seen.append(read(sessions, id_))
            return seen[-1].state is not SimulationState.RUNNING

        with workers(count):
            until(is_over)
        assert seen[-1].state is SimulationState.FINISHED
        done = [simulation.done for simulation in seen]
        assert (done[0], done[-1]) == (0, 2 * SOFTWARES) == (0, seen[-1].total)
        assert done == sorted(done)
        answers.append((answer(sessions, simulation_id), seen[-1].items))
        forget(sessions)
    assert answers[0] == answers[1]
    assert len(answers[0][0]) == SOFTWARES * len(ASKED)


def forget(sessions: db.Sessions) -> None:
    """So that the same may be asked for again."""
    with db.transaction(sessions) as session:
        for table in (SimulatedChange, Simulation):
            session.execute(sa.delete(table))


def test_who_gives_it_up_waits_for_no_worker_and_nothing_is_left(
    sessions: db.Sessions, workers: Workers
) -> None:
    simulation_id = asked(sessions)
    with workers(2):
        until(lambda: read(sessions, simulation_id).done > 0)
        with db.transaction(sessions) as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            lead, running = person(session, Role.LEAD), session.get_one(Simulation, simulation_id)
            if running.state is SimulationState.RUNNING:
                cancel(session, lead, running.rulebook_id, simulation_id)
        until(lambda: not pending(sessions))
    with db.transaction(sessions) as session:
        if session.get_one(Simulation, simulation_id).state is SimulationState.CANCELLED:
            for rows in (SimulatedDossier, SimulatedChange):
                assert session.scalar(sa.select(sa.func.count()).select_from(rows)) == 0


def pending(sessions: db.Sessions) -> int:
    with db.transaction(sessions) as session:
        jobs = sa.select(sa.func.count()).where(Job.task == "simulate", Job.done_at.is_(None))
        return session.scalars(jobs).one()


def test_two_workers_have_open_dossiers_follow_other_rules(sessions: db.Sessions, workers: Workers) -> None:
    with db.transaction(sessions) as session:
        publish_rules(session, *RULES)
        in_force = id_in_force(session)
    behind = sa.select(sa.func.count()).where(
        Candidature.state.in_(sorted(OPEN)), Candidature.rulebook_id.is_distinct_from(in_force)
    )

    def all_follow() -> bool:
        with db.transaction(sessions) as session:
            return session.scalar(behind) == 0

    with workers(2):
        until(all_follow)

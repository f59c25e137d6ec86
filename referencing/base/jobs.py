"""Work that follows a change: a job is a row written in the transaction that causes it.

A relay hands committed rows to Dramatiq. The effect of a job and the mark that it is done are one transaction,
so a job that is handed over twice is done once, and what a crash leaves behind is handed over again. An attempt is
counted before the work: a job that kills its process ends as a dead letter too.
"""

import inspect
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit

import dramatiq
import sqlalchemy as sa
from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker
from opentelemetry.trace import SpanKind
from sqlalchemy.orm import Session

from referencing.base.models import Job

from . import db
from .db import new_id, now
from .outgoing.traces import followed_trace, span

log = logging.getLogger(__name__)

Task = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Background:
    """A function that jobs may ask for by its name. `every` is how often it is done without anybody asking.

    Its keyword-only parameters are parts of the application (the vault, the mail relay, ...), by their names.
    """

    task: Task
    every: timedelta | None = None

    @property
    def name(self) -> str:
        return self.task.__name__

    def on(self, parts: Mapping[str, object]) -> Task:
        """The task with the parts that it takes. Raises KeyError for one that is not there."""
        parameters = inspect.signature(self.task).parameters.values()
        taken = {each.name: parts[each.name] for each in parameters if each.kind is each.KEYWORD_ONLY}
        return partial(self.task, **taken) if taken else self.task


#: A job that was handed over and is not done after this long is handed over again.
LOST_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 8
QUEUE = "referencing"
#: What is told of a job of which no attempt came to an end: its process died with it.
KILLED = "ProcessDied"
SCHEDULED_EVERY = 60.0  # seconds between two looks at what is periodic
SCHEDULING = 7_201_515  # the number of a lock, the same for all processes


def enqueue(session: Session, task: str, *, delay: timedelta = timedelta(0), **arguments: str) -> None:
    """Ask for `task` once this transaction has committed, or `delay` later."""
    due = now(session) + delay
    session.add(Job(id=new_id(), task=task, arguments=arguments, trace=followed_trace(), due_at=due))


def last_try(session: Session) -> bool:
    """Whether the job that this session performs will not be tried again."""
    return bool(session.info.get("last_try"))


def perform(sessions: db.Sessions, tasks: Mapping[str, Task], job_id: str) -> None:
    """Do one job, unless it is done already or somebody is at it. A failure is kept and tried again later."""
    if not _attempt(sessions, job_id):
        return
    try:
        with db.transaction(sessions) as session:
            job = _free(session, job_id)
            if job is None:
                return
            session.info["last_try"] = job.attempts >= MOST_ATTEMPTS
            with span(f"job {job.task}", SpanKind.CONSUMER, job.trace):
                tasks[job.task](session, **job.arguments)
            job.done_at = now(session)
    except Exception as error:
        log.exception("job %s failed", job_id)
        with db.transaction(sessions) as session:
            _record_failure(session, job_id, error)


def _free(session: Session, job_id: str) -> Job | None:
    """The job, locked; None when it is done or dead, or in other hands."""
    return session.scalar(
        sa.select(Job)
        .where(Job.id == job_id, Job.done_at.is_(None), Job.dead_at.is_(None))
        .with_for_update(skip_locked=True)
    )


def _attempt(sessions: db.Sessions, job_id: str) -> bool:
    """Count an attempt, and commit that, so that the death of this process does not undo it.

    Answers whether there is one left: a job that died with its process each time is a dead letter.
    """
    with db.transaction(sessions) as session:
        job = _free(session, job_id)
        if job is None:
            return False
        if job.attempts >= MOST_ATTEMPTS:
            job.dead_at, job.last_error = now(session), job.last_error or KILLED
            return False
        job.attempts += 1
        return True


def _record_failure(session: Session, job_id: str, error: Exception) -> None:
    job = session.get_one(Job, job_id, with_for_update=True)
    job.last_error = type(error).__name__
    if job.attempts >= MOST_ATTEMPTS:
        job.dead_at = now(session)
    else:
        job.due_at = now(session) + timedelta(seconds=2**job.attempts)


def hand_over(sessions: db.Sessions, send: Callable[[str], object], most: int = 100) -> int:
    """Send the jobs that are due to whoever performs them; answers how many there were.

    They are marked and let go before they are sent: who performs a job leaves alone one that is in other hands.
    """
    with db.transaction(sessions) as session:
        due = (
            sa.select(Job)
            .where(Job.done_at.is_(None), Job.dead_at.is_(None), Job.due_at <= now(session))
            .order_by(Job.due_at, Job.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        jobs = session.scalars(due).all()
        for job in jobs:
            job.due_at = now(session) + LOST_AFTER
    unsent = [job.id for job in jobs]
    try:
        while unsent:
            send(str(unsent[0]))
            unsent.pop(0)
    finally:
        if unsent:
            with db.transaction(sessions) as session:
                session.execute(sa.update(Job).where(Job.id.in_(unsent)).values(due_at=now(session)))
    return len(jobs)


def schedule(sessions: db.Sessions, periodic: Mapping[str, timedelta]) -> None:
    """Ask for each periodic task when the last one was asked for long enough ago; one process at a time does so."""
    with db.transaction(sessions) as session:
        if not periodic or not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(SCHEDULING))):
            return
        latest = sa.select(Job.task, sa.func.max(Job.created_at)).where(Job.task.in_(periodic))
        last = {task: at for task, at in session.execute(latest.group_by(Job.task))}  # noqa: C416 - rows, not pairs
        for task, every in periodic.items():
            if task not in last or last[task] + every <= now(session):
                enqueue(session, task)


def perform_all(sessions: db.Sessions, tasks: Mapping[str, Task]) -> int:
    """Do what is due, here and now, until nothing is; answers how many jobs there were."""
    total = 0
    waiting: list[str] = []
    while hand_over(sessions, waiting.append):
        total += len(waiting)
        while waiting:
            perform(sessions, tasks, waiting.pop(0))
    return total


def broker_for(url: str | None) -> Broker:
    """The broker that a URL names; without one, queues in this process, for which the rows are the memory."""
    if url is None:
        return StubBroker(middleware=[])
    if url.startswith("amqp"):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415 - where it is configured

        # What was sent on a line that then broke is known not to have come, and sent again.
        return RabbitmqBroker(url=_with_bounds(url), middleware=[], confirm_delivery=True)
    if url.startswith("redis"):
        from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - where it is configured

        return RedisBroker(url=_with_bounds(url), middleware=[])  # type: ignore[no-untyped-call]
    raise ValueError("BROKER_URL must start with amqp:// or redis://")


#: Seconds that a broker may be silent, by the parameters of pika's and of redis' addresses.
_BOUNDS = {
    "amqp": {"heartbeat": 20, "blocked_connection_timeout": 30, "socket_timeout": 10, "stack_timeout": 15},
    "redis": {"socket_connect_timeout": 5, "socket_timeout": 30},
}


def _with_bounds(url: str) -> str:
    """The address with bounds on every wait; those that it brings itself stand."""
    parts = urlsplit(url)
    bounds = _BOUNDS["amqp" if parts.scheme.startswith("amqp") else "redis"]
    return parts._replace(query=urlencode({**bounds, **dict(parse_qsl(parts.query))})).geturl()


def reach(url: str) -> None:
    """Raises OSError, within seconds, when nobody listens where a broker is to be."""
    parts = urlsplit(url)
    port = parts.port or (5672 if parts.scheme.startswith("amqp") else 6379)
    with socket.create_connection((parts.hostname or "localhost", port), timeout=2):
        pass


class Runner:
    """The relay and a Dramatiq worker, in threads of this process."""

    def __init__(
        self,
        sessions: db.Sessions,
        tasks: Mapping[str, Task],
        broker: Broker,
        periodic: Mapping[str, timedelta] | None = None,
        idle: float = 0.2,
    ) -> None:
        self.sessions = sessions
        self.broker = broker
        self.actor = dramatiq.actor(broker=broker, actor_name="perform", queue_name=QUEUE)(
            lambda job_id: perform(sessions, tasks, job_id)
        )
        self.worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=round(idle * 1000))
        self.idle = idle
        self.periodic = periodic or {}
        self.stopping = threading.Event()
        self.relay = threading.Thread(target=self._relay, name="relay", daemon=True)

    def start(self) -> None:
        self.worker.start()
        self.relay.start()

    def stop(self) -> None:
        self.stopping.set()
        self.relay.join()
        self.worker.stop()
        self.broker.close()

    def _relay(self) -> None:
        next_schedule = time.monotonic()
        while not self.stopping.is_set():
            try:
                if time.monotonic() >= next_schedule:
                    schedule(self.sessions, self.periodic)
                    next_schedule = time.monotonic() + SCHEDULED_EVERY
                handed = hand_over(self.sessions, self.actor.send)
            except Exception:
                log.exception("the relay could not hand over")
                handed = 0
            if not handed:
                self.stopping.wait(self.idle)

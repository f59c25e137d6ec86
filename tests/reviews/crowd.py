"""People at work as processes of their own, each of which may be killed (SIGKILL) wherever it stands.

`python -m tests.reviews.crowd URL` reads a round a line and answers how each of its workers ended. The workers are
forked from this process, which has imported and compiled what they need and keeps no connection: they begin within
milliseconds, together. What a worker was told is committed it writes down, in one write that no signal cuts in two.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base import db
from referencing.base.errors import DomainError
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.tasks.models import Queue, Task
from referencing.registers import tables
from referencing.reviews.queues import claims
from referencing.reviews.queues.models import Claim
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.third_parties import third_parties
from referencing.reviews.verdicts import verdicts
from referencing.reviews.verdicts.operations import give_verdict
from tests.builders import supply
from tests.candidatures.dossiers import sha256


@dataclass(frozen=True)
class Worker:
    """Who does what, one act a transaction; `dies_at` counts statements sent and answered, commits included."""

    account: str
    acts: list[str]
    dies_at: int | None


@dataclass(frozen=True)
class Round:
    """`now` is what all their clocks say, in seconds; `told` is the file for what was acknowledged."""

    now: float
    told: str
    workers: list[Worker] = field(default_factory=list)

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, line: str) -> "Round":
        read = json.loads(line)
        return cls(read["now"], read["told"], [Worker(**one) for one in read["workers"]])


def claim_next(session: Session, actor: Actor, queue: Queue = Queue.PROOF_REVIEW) -> UUID | None:
    return claims.claim_next(session, actor, queue)


def read_second(session: Session, actor: Actor) -> UUID | None:
    return claim_next(session, actor, Queue.SECOND_READING)


def take_first(session: Session, actor: Actor) -> UUID | None:
    """The first task of a queue that they do not have, whoever has it: many want the same one."""
    own = sa.select(Claim.task_id).where(Claim.verifier_id == actor.account_id)
    open_ = sa.select(Task.id).where(
        Task.closed_at.is_(None), Task.queue == Queue.PROOF_REVIEW, Task.id.not_in(own)
    )
    task = session.scalar(open_.order_by(Task.id).limit(1))
    return task and claims.claim(session, actor, task)


def in_hand(session: Session, actor: Actor) -> Task | None:
    """The first of the open tasks that the actor has, however long ago they took it."""
    own = sa.select(Task).join(Claim, Claim.task_id == Task.id).where(Claim.verifier_id == actor.account_id)
    return session.scalar(own.where(Task.closed_at.is_(None)).order_by(Task.id).limit(1))


def find(outcome: Outcome) -> "Act":
    def found(session: Session, actor: Actor) -> UUID | None:
        task = in_hand(session, actor)
        if task is None:
            return None
        file = sha256((task.code or "").encode())
        return give_verdict(session, actor, task.id, outcome, "Vu.", file).id

    return found


def give_back(session: Session, actor: Actor) -> UUID | None:
    task = in_hand(session, actor)
    if task is None:
        return None
    claims.give_back(session, actor, task.id)
    return task.id


def undo(session: Session, actor: Actor) -> UUID | None:
    """The last verdict that they gave."""
    own = sa.select(Task.id).where(Task.closed_by == actor.account_id)
    last = session.scalar(own.order_by(Task.closed_at.desc(), Task.id.desc()).limit(1))
    if last is not None:
        verdicts.undo(session, actor, last, "Erreur.")
    return last


def wait(session: Session, actor: Actor) -> UUID | None:
    task = in_hand(session, actor)
    if task is None:
        return None
    day = db.today(session)
    return third_parties.wait_for(
        session, actor, task.id, party="CNDA", reason="Homologation.", expected_on=day
    )


def hear(session: Session, actor: Actor) -> UUID | None:
    waiting = sa.select(Task.id).where(Task.closed_at.is_(None), Task.third_party_since.is_not(None))
    task = session.scalar(waiting.order_by(Task.id).limit(1))
    return task and third_parties.note_answer(session, actor, task, "Oui.")


def take_over(session: Session, actor: Actor) -> UUID | None:
    """What somebody has goes back to its queue."""
    held = sa.select(Task.id).join(Claim, Claim.task_id == Task.id).where(Task.closed_at.is_(None))
    task = session.scalar(held.order_by(Task.id).limit(1))
    return task and claims.take_over(session, actor, task, None, "Urgent.")


def complete(session: Session, actor: Actor) -> UUID | None:
    """The editor supplies the first thing that is asked for."""
    asked = (
        sa.select(Item)
        .join(Item.candidature)
        .where(
            Candidature.organisation_id == actor.organisation_id,
            Item.state == ItemState.COMPLEMENT,
        )
    )
    item = session.scalar(asked.order_by(Item.id).limit(1))
    if item is None:
        return None
    return supply(session, actor, item.candidature, item.expected_proof.code).id


Act = Callable[[Session, Actor], UUID | None]
ACTS: dict[str, Act] = {
    "claim": claim_next,
    "read_second": read_second,
    "take_first": take_first,
    **{outcome.value: find(outcome) for outcome in Outcome},
    "give_back": give_back,
    "undo": undo,
    "wait": wait,
    "hear": hear,
    "take_over": take_over,
    "complete": complete,
}


@contextmanager
def mortal(engine: sa.Engine, dies_at: int | None) -> Iterator[Callable[[], None]]:
    """Kills this process at that point; answers what is called at a point that the engine does not tell of."""
    passed = 0

    def point(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for event in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sa.event.listen(engine, event, point)
    yield point


def person(session: Session, account: str) -> Actor:
    found = session.get_one(Account, UUID(account))
    return Actor(found.id, found.name, found.role, found.organisation_id)


def perform(session: Session, worker: Worker, act: str) -> UUID | None:
    return ACTS[act](session, person(session, worker.account))


def work(engine: sa.Engine, round_: Round, worker: Worker) -> None:
    told = os.open(round_.told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    now = datetime.fromtimestamp(round_.now, db.PARIS)
    factory = db.sessions(engine, lambda: now)
    with mortal(engine, worker.dies_at) as point:
        for act in worker.acts:
            try:
                with db.transaction(factory) as session:
                    done = perform(session, worker, act)
            except DomainError:
                continue
            point()  # committed, and nobody knows
            if done is not None:
                os.write(told, f"{json.dumps([worker.account, act, str(done)])}\n".encode())


def fork(engine: sa.Engine, round_: Round, worker: Worker) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work(engine, round_, worker)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def warm(engine: sa.Engine, account: str, now: datetime) -> None:
    """Compile what will be needed, once, and undo what that did."""
    with db.sessions(engine, lambda: now)() as session:
        for act in ("claim", "wait", "hear", "complement", "undo", "conform", "undo", "read_second"):
            perform(session, Worker(account, [], None), act)
        session.rollback()
    engine.dispose()


def main(url: str, account: str, now: str) -> None:
    tables()  # some of those that are written refer to tables of rooms above
    engine = db.connect(sa.make_url(url), pool_size=1)
    warm(engine, account, datetime.fromisoformat(now))
    for line in sys.stdin:
        round_ = Round.load(line)
        Path(round_.told).touch()
        children = [fork(engine, round_, worker) for worker in round_.workers]
        ended = [os.waitpid(child, 0)[1] for child in children]
        sys.stdout.write(f"{json.dumps([os.waitstatus_to_exitcode(one) for one in ended])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

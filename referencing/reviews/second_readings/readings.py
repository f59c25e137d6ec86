"""Reading a proof a second time, blind: a finding that was drawn waits until another reader has found the same.

While it waits nothing that a verifier or an editor can read says what was found: the task is closed as `read`, and
the dossier's timeline tells that a reading was given. What each found is written to the stream of the first task
once a finding stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account
from referencing.base.db import new_id, now
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import OUTCOMES, Candidature, Item, Verdict
from referencing.candidatures.tasks.models import Queue, Task
from referencing.candidatures.tasks.opening import open_item_tasks, open_task_of
from referencing.candidatures.verdicts.instruction import find_on_proof
from referencing.candidatures.verdicts.rounds import Judgement
from referencing.journal.operations import record
from referencing.proofs.models import Finding, Proof, Verification
from referencing.reviews.queues.models import Arbiter, Reading, SecondReading
from referencing.reviews.queues.readers import READ_BEFORE

from . import rates
from .draw import drawn

#: How a task is closed whose finding waits to be compared.
READ = "read"


@dataclass(frozen=True, slots=True)
class Read:
    """A reader's finding on a version, naming the file that was read; their task is closed."""

    task: Task
    item: Item
    proof: Proof
    judgement: Judgement
    file_sha256: str

    @property
    def finding(self) -> Finding:
        return self.judgement.finding


def found_on_proof(session: Session, actor: Actor, candidature: Candidature, read: Read) -> None:
    """A fact at once, or a reading to be compared; a lead's finding, and a third reader's, always stands."""
    turn = session.get(SecondReading, read.task.id)
    if turn is None:
        arbiter = _drawn(session, actor, read)
        if arbiter is None:
            _find(session, actor, candidature, read)
            return
        _keep(session, actor, candidature, read, 1)
        _open(session, candidature, read, 2, arbiter)
        return
    earlier = waiting(session, read.proof.id)
    if turn.proof_id != read.proof.id:
        raise Conflict("La version à relire a changé : relisez la file.")
    if actor.account_id in {one.verifier_id for one in earlier}:
        raise Conflict(READ_BEFORE.format(name=actor.name))
    own = _keep(session, actor, candidature, read, turn.round)
    if turn.round == 2 and earlier[0].finding is not read.finding:
        _open(session, candidature, read, 3, turn.on_disagreement)
        return
    _stand(session, actor, candidature, read, [*earlier, own])


def _drawn(session: Session, actor: Actor, read: Read) -> Arbiter | None:
    """Who decides on a disagreement, when a first finding is drawn.

    A complement never is: the editor waits for it. What was drawn and taken back is, whoever reads it now.
    """
    if read.finding is Finding.COMPLEMENT:
        return None
    before = session.scalar(_drawn_before(read))
    if before is not None:
        return before
    rate = rates.rate_for(session, read.task.chapter, actor.account_id)
    found = rate is not None and drawn(rate.rate, rate.seed, read.task.id)
    return rate.on_disagreement if rate is not None and found else None


def _drawn_before(read: Read) -> sa.Select[Arbiter]:
    """Of a reading of this version that was taken back, unless a verdict stood on the item since."""
    since = sa.select(Verdict.id).where(
        Verdict.item_id == read.item.id, Verdict.undone_at.is_(None), Verdict.given_at >= Reading.undone_at
    )
    return (
        sa.select(SecondReading.on_disagreement)
        .join(Reading, Reading.proof_id == SecondReading.proof_id)
        .where(SecondReading.proof_id == read.proof.id, Reading.undone_at.is_not(None), ~since.exists())
        .order_by(SecondReading.task_id.desc())
        .limit(1)
    )


def waiting(session: Session, proof_id: UUID) -> Sequence[Reading]:
    """The readings of a version that no finding stands on yet, in their order."""
    return session.scalars(
        sa.select(Reading)
        .where(Reading.proof_id == proof_id, Reading.verification_id.is_(None), Reading.undone_at.is_(None))
        .options(joinedload(Reading.task), joinedload(Reading.verifier))
        .order_by(Reading.round)
    ).all()


def _keep(session: Session, actor: Actor, candidature: Candidature, read: Read, round_: int) -> Reading:
    kept = Reading(
        id=new_id(),
        task=read.task,
        proof_id=read.proof.id,
        verifier=session.get_one(Account, actor.account_id),
        round=round_,
        finding=read.finding,
        comment=read.judgement.comment,
        steps=[dict(step) for step in read.judgement.steps],
        file_sha256=read.file_sha256,
        given_at=now(session),
    )
    session.add(kept)
    read.task.outcome = READ
    detail = {"item": read.item.expected_proof.code, "task": str(read.task.id), "round": round_}
    record(session, actor, "reading.given", f"candidature:{candidature.id}", detail)
    return kept


def _open(
    session: Session, candidature: Candidature, read: Read, round_: int, on_disagreement: Arbiter
) -> None:
    """The same version waits for another reader; the agency keeps the ball, so the item's clock runs on."""
    open_item_tasks(session, candidature, Queue.SECOND_READING, [read.item.id])
    task = open_task_of(session, candidature, read.item)
    session.add(
        SecondReading(task=task, proof_id=read.proof.id, round=round_, on_disagreement=on_disagreement)
    )
    session.flush()


def _stand(
    session: Session, actor: Actor, candidature: Candidature, read: Read, readings: Sequence[Reading]
) -> None:
    """What the first found when the second found the same, else what the third found."""
    first, last = readings[0], readings[-1]
    standing = first if first.finding is last.finding and last.round == 2 else last
    finder = Actor(standing.verifier_id, standing.verifier.name, standing.verifier.role)
    if standing is not last:
        found = Judgement(first.task_id, first.finding, first.comment, steps=first.steps)
        read = replace(read, judgement=found, file_sha256=first.file_sha256)
    _find(session, finder, candidature, read)
    verification = session.scalars(
        sa.select(Verification.id).where(
            Verification.proof_id == read.proof.id, Verification.revoked_on.is_(None)
        )
    ).one()
    for one in readings:
        one.verification_id = verification
        one.task.outcome = OUTCOMES[one.finding]
    compared = {"verification": str(verification), "readings": [told(one) for one in readings]}
    record(session, actor, "readings.compared", f"task:{first.task_id}", compared)


def _find(session: Session, finder: Actor, candidature: Candidature, read: Read) -> None:
    find_on_proof(session, finder, candidature, read.item, read.proof, read.judgement, read.file_sha256)


def told(reading: Reading) -> dict[str, str | int]:
    """For the stream of its task, which nobody reads who is to judge without."""
    return {
        "round": reading.round,
        "task": str(reading.task_id),
        "verifier": str(reading.verifier_id),
        "name": reading.verifier.name,
        "finding": reading.finding.value,
        "comment": reading.comment,
        "file_sha256": reading.file_sha256,
        "given_at": reading.given_at.isoformat(),
    }

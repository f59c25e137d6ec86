"""Reading a proof a second time, blind: a finding that was drawn waits until another reader has found the same.

While it waits nothing that a verifier or an editor can read says what was found: the task is closed as `read`, and
the dossier's timeline tells that a reading was given. The findings are written to the stream of the first task
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
from referencing.base.workdays import instant
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.tasks.models import Queue, Task
from referencing.candidatures.tasks.opening import open_item_tasks, open_task_of
from referencing.candidatures.verdicts.instruction import find_on_proof
from referencing.candidatures.verdicts.rounds import Judgement
from referencing.journal.operations import record
from referencing.proofs.models import OUTCOMES, Finding, Proof, Verification
from referencing.reviews.queues.models import Arbiter, Reading, SecondReading
from referencing.reviews.queues.outcomes import READ
from referencing.reviews.queues.readers import READ_BEFORE

from . import rates
from .draw import drawn


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version that a reader read, with their judgement and the file that was read; their task is closed."""

    task: Task
    item: Item
    proof: Proof
    judgement: Judgement
    file_sha256: str

    @property
    def finding(self) -> Finding:
        return self.judgement.finding


def apply_finding(
    session: Session, actor: Actor, candidature: Candidature, read_version: ReadVersion
) -> None:
    """Make a fact of a finding at once, or a reading that is compared; a lead's and a third reader's always stand.

    Raises Conflict when another version is to be read, or the reader read this one before.
    """
    task = read_version.task
    second_reading = session.get(SecondReading, task.id) if task.queue is Queue.SECOND_READING else None
    if second_reading is None:
        arbiter = _drawn_arbiter(session, actor, read_version)
        if arbiter is None:
            _record_finding(session, actor, candidature, read_version)
            return
        _add_reading(session, actor, candidature, read_version, 1)
        _open_second_reading(session, candidature, read_version, 2, arbiter)
        return
    earlier = waiting(session, read_version.proof.id)
    if second_reading.proof_id != read_version.proof.id:
        raise Conflict("La version à relire a changé : relisez la file.")
    if actor.account_id in {reading.verifier_id for reading in earlier}:
        raise Conflict(READ_BEFORE.format(name=actor.name))
    last = _add_reading(session, actor, candidature, read_version, second_reading.round)
    if second_reading.round == 2 and earlier[0].finding is not read_version.finding:
        _open_second_reading(session, candidature, read_version, 3, second_reading.on_disagreement)
        return
    _settle_finding(session, actor, candidature, read_version, [*earlier, last])


def _drawn_arbiter(session: Session, actor: Actor, read_version: ReadVersion) -> Arbiter | None:
    """Who decides on a disagreement, or None when the first finding is not drawn.

    A complement is never drawn: the editor waits for it. What was drawn and taken back is, whoever reads it now.
    """
    if read_version.finding is Finding.COMPLEMENT:
        return None
    earlier_arbiter = session.scalar(_drawn_before(read_version))
    if earlier_arbiter is not None:
        return earlier_arbiter
    rate = rates.rate_for(session, read_version.task.chapter, actor.account_id)
    if rate is None or not drawn(rate.rate, rate.seed, read_version.task.id):
        return None
    return rate.on_disagreement


def _drawn_before(read_version: ReadVersion) -> sa.Select[Arbiter]:
    """The arbiter of a reading of this version that was taken back, unless a verdict stood on the item since."""
    since = sa.select(Verdict.id).where(
        Verdict.item_id == read_version.item.id,
        Verdict.undone_at.is_(None),
        Verdict.given_at >= Reading.undone_at,
    )
    return (
        sa.select(SecondReading.on_disagreement)
        .join(Reading, Reading.proof_id == SecondReading.proof_id)
        .where(
            SecondReading.proof_id == read_version.proof.id, Reading.undone_at.is_not(None), ~since.exists()
        )
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


def _add_reading(
    session: Session, actor: Actor, candidature: Candidature, read_version: ReadVersion, round_: int
) -> Reading:
    reading = Reading(
        id=new_id(),
        task=read_version.task,
        proof_id=read_version.proof.id,
        verifier=session.get_one(Account, actor.account_id),
        round=round_,
        finding=read_version.finding,
        comment=read_version.judgement.comment,
        steps=[dict(step) for step in read_version.judgement.steps],
        file_sha256=read_version.file_sha256,
        given_at=now(session),
    )
    session.add(reading)
    read_version.task.outcome = READ
    detail = {
        "code": read_version.item.expected_proof.code,
        "task": str(read_version.task.id),
        "round": round_,
    }
    record(session, actor, "reading.given", f"candidature:{candidature.id}", detail)
    return reading


def _open_second_reading(
    session: Session,
    candidature: Candidature,
    read_version: ReadVersion,
    round_: int,
    on_disagreement: Arbiter,
) -> None:
    """Let the version wait for another reader; the agency keeps the ball, so the item's clock runs on."""
    open_item_tasks(session, candidature, Queue.SECOND_READING, [read_version.item.id])
    task = open_task_of(session, candidature, read_version.item)
    session.add(
        SecondReading(
            task=task, proof_id=read_version.proof.id, round=round_, on_disagreement=on_disagreement
        )
    )
    session.flush()


def _settle_finding(
    session: Session,
    actor: Actor,
    candidature: Candidature,
    read_version: ReadVersion,
    readings: Sequence[Reading],
) -> None:
    """Make a fact of what the first found when the second found the same, else of what the third found."""
    first, last = readings[0], readings[-1]
    standing = first if first.finding is last.finding and last.round == 2 else last
    finder = Actor(standing.verifier_id, standing.verifier.name, standing.verifier.role)
    if standing is not last:
        judgement = Judgement(first.task_id, first.finding, first.comment, steps=first.steps)
        read_version = replace(read_version, judgement=judgement, file_sha256=first.file_sha256)
    _record_finding(session, finder, candidature, read_version)
    verification = session.scalars(
        sa.select(Verification.id).where(
            Verification.proof_id == read_version.proof.id, Verification.revoked_on.is_(None)
        )
    ).one()
    for reading in readings:
        reading.verification_id = verification
        reading.task.outcome = OUTCOMES[reading.finding]
    compared = {
        "verification": str(verification),
        "readings": [event_detail(reading) for reading in readings],
    }
    record(session, actor, "readings.compared", f"task:{first.task_id}", compared)


def _record_finding(
    session: Session, finder: Actor, candidature: Candidature, read_version: ReadVersion
) -> None:
    find_on_proof(
        session,
        finder,
        candidature,
        read_version.item,
        read_version.proof,
        read_version.judgement,
        read_version.file_sha256,
    )


def event_detail(reading: Reading) -> dict[str, str | int]:
    """A reading as the stream of its task keeps it, which nobody reads who is to judge without."""
    return {
        "round": reading.round,
        "task": str(reading.task_id),
        "verifier": str(reading.verifier_id),
        "finding": OUTCOMES[reading.finding],
        "comment": reading.comment,
        "file_sha256": reading.file_sha256,
        "given_at": instant(reading.given_at),
    }

"""A third party has to answer before the agency goes on with a task: the clock stands, and nobody takes the task.

The dossier's timeline tells who is awaited and until when; why, and what was answered, is written to the stream of the
task: another reader of the same version is to judge without.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.errors import Conflict, FieldError, Forbidden, Invalid
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.holders import follow_ball
from referencing.candidatures.tasks.models import Rescheduling, Task, Wait
from referencing.candidatures.tasks.position import resume
from referencing.journal.operations import SYSTEM, Author, record
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues.models import Claim

#: How far ahead an answer may be expected.
LONGEST = timedelta(days=366)


def wait_for(
    session: Session, actor: Actor, task_id: UUID, *, party: str, reason: str, expected_on: date
) -> UUID:
    """Say who has to answer first, of a task that one has in hand; a lead may of any. Nobody has it any more.

    Raises Conflict when the task is not the actor's, waits already or is closed, Invalid for a day that has passed.
    """
    authorise(actor, Right.AWAIT_THIRD_PARTIES)
    _require_expectable(session, expected_on)
    candidature, task = _lock_dossier_and_task(session, actor, task_id)
    claims.require_agency_turn(task.third_party_since)
    if actor.role is Role.LEAD:
        session.execute(sa.delete(Claim).where(Claim.task_id == task_id))
    else:
        claims.release_claim(session, actor, task_id)
    wait = Wait(
        id=new_id(),
        task=task,
        party=party,
        reason=reason,
        expected_on=expected_on,
        asked_by=actor.account_id,
        started_at=now(session),
    )
    session.add(wait)
    task.third_party_since = wait.started_at
    session.flush()
    follow_ball(session, candidature)
    _record_wait(session, actor, "awaited", wait, {"reason": reason})
    return task_id


def note_answer(session: Session, actor: Actor, task_id: UUID, answer: str) -> UUID:
    """Note what the third party answered: the task goes on where it was.

    It is in the hands again of the verifier who had it, unless they are away, have enough or declared a conflict of
    interest since; a lead leaves it in its queue. Raises Conflict when nobody is awaited, Forbidden for who neither
    asked nor is a lead.
    """
    return _end_wait(session, actor, task_id, answer)


def stop_waiting(session: Session, actor: Actor, task_id: UUID) -> UUID:
    """End a wait without an answer, which is needed no longer or was asked for by mistake. Raises as `note_answer`."""
    return _end_wait(session, actor, task_id, None)


def reschedule(session: Session, actor: Actor, task_id: UUID, *, expected_on: date, reason: str) -> UUID:
    """The answer is expected on another day, later or sooner; it is late, and noted so, after that one.

    The same words again change nothing. Raises Conflict when nobody is awaited, Forbidden for who neither asked nor
    is a lead, Invalid for a day that has passed or is the one expected already.
    """
    authorise(actor, Right.AWAIT_THIRD_PARTIES)
    _, _, wait = _lock_awaited(session, actor, task_id)
    if wait.expected_on == expected_on:
        if _last_reason(session, wait) == reason:
            return task_id
        raise Invalid(
            "Ce jour ne convient pas.",
            [FieldError("/expected_on", "La réponse est déjà attendue ce jour-là : donnez-en un autre.")],
        )
    _require_expectable(session, expected_on)
    changed = Rescheduling(
        id=new_id(),
        wait_id=wait.id,
        previously=wait.expected_on,
        expected_on=expected_on,
        reason=reason,
        decided_by=actor.account_id,
        decided_at=now(session),
    )
    session.add(changed)
    wait.expected_on, wait.overdue_noted_at = expected_on, None
    session.flush()
    previously = {"previously": changed.previously.isoformat()}
    _record_wait(session, actor, "rescheduled", wait, {"reason": reason}, previously)
    return task_id


def _last_reason(session: Session, wait: Wait) -> str | None:
    reasons = sa.select(Rescheduling.reason).where(Rescheduling.wait_id == wait.id)
    return session.scalar(reasons.order_by(Rescheduling.id.desc()).limit(1))


def _require_expectable(session: Session, day: date) -> None:
    if not today(session) <= day <= today(session) + LONGEST:
        raise Invalid(
            "Ce jour ne convient pas.", [FieldError("/expected_on", "Donnez un jour à venir, dans l'année.")]
        )


def _end_wait(session: Session, actor: Actor, task_id: UUID, answer: str | None) -> UUID:
    authorise(actor, Right.AWAIT_THIRD_PARTIES)
    candidature, task, wait = _lock_awaited(session, actor, task_id)
    wait.ended_at, wait.ended_by, wait.answer = now(session), actor.account_id, answer
    resume(session, candidature, task)
    follow_ball(session, candidature)
    owner = candidature.organisation_id
    if actor.role is Role.VERIFIER and claims.can_take_again(session, actor.account_id, owner):
        claims.hand_task(session, actor.account_id, task_id)
    sealed = {"answer": answer} if answer is not None else {}
    _record_wait(session, actor, "taken_back" if answer is None else "answered", wait, sealed)
    return task_id


def _lock_awaited(session: Session, actor: Actor, task_id: UUID) -> tuple[Candidature, Task, Wait]:
    """Lock a task whose third party's answer the actor follows.

    Raises as `_lock_dossier_and_task`, Conflict when nobody is awaited, Forbidden when others follow the answer.
    """
    candidature, task = _lock_dossier_and_task(session, actor, task_id)
    wait = session.scalar(sa.select(Wait).where(Wait.task_id == task_id, Wait.ended_at.is_(None)))
    if wait is None:
        raise Conflict("Cette tâche n'attend la réponse d'aucun tiers : il n'y a rien à noter.")
    if actor.role is not Role.LEAD and wait.asked_by != actor.account_id:
        raise Forbidden("La réponse d'un tiers est suivie par qui l'attend, ou par un responsable.")
    return candidature, task, wait


def _lock_dossier_and_task(session: Session, actor: Actor, task_id: UUID) -> tuple[Candidature, Task]:
    """Lock the dossier before the task is read, as whatever closes a task does.

    Raises NotFound, Conflict when the task is closed.
    """
    candidature = candidatures.locked(session, actor, queries.dossier_of(session, actor, task_id))
    task = session.get_one(Task, task_id, populate_existing=True)
    claims.require_open(task.closed_at)
    return candidature, task


def remind_third_parties(session: Session) -> None:
    """One job for each dossier in which somebody's answer is late."""
    dossiers = sa.select(Task.candidature_id).join(Wait, Wait.task_id == Task.id).where(*_late(session))
    for candidature_id in session.scalars(dossiers.distinct().order_by(Task.candidature_id)).all():
        enqueue(session, "remind_third_party", candidature_id=str(candidature_id))


def remind_third_party(session: Session, candidature_id: str) -> None:
    """Say in the timeline, once, whose answer should have come."""
    candidature = candidatures.held_still(session, UUID(candidature_id))
    late = sa.select(Wait).join(Wait.task).where(Task.candidature_id == candidature.id, *_late(session))
    for wait in session.scalars(late.order_by(Wait.id)).all():
        wait.overdue_noted_at = now(session)
        _record_wait(session, SYSTEM, "overdue", wait)


def _late(session: Session) -> list[sa.ColumnElement[bool]]:
    return [
        Wait.ended_at.is_(None),
        Task.closed_at.is_(None),
        Wait.overdue_noted_at.is_(None),
        Wait.expected_on <= latest_last_day(Due.OVERDUE, today(session)),
    ]


def _record_wait(
    session: Session,
    author: Author,
    how: str,
    wait: Wait,
    sealed: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """Write in the dossier's timeline what came of a wait, and in the task's stream what is sealed."""
    task = wait.task
    public = {
        "code": task.code,
        "task": str(task.id),
        "party": wait.party,
        "expected_on": wait.expected_on.isoformat(),
        **(more or {}),
    }
    record(session, author, f"third_party.{how}", f"candidature:{task.candidature_id}", public)
    if sealed:
        record(session, author, f"third_party.{how}", f"task:{task.id}", {"wait": str(wait.id), **sealed})

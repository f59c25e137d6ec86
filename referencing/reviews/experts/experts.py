"""Asking experts about a task that one has in hand, which can get its verdict without waiting for them.

The dossier's timeline tells that an expert was asked, answered or declined, and about which item; who, what and why
is written to the stream of the task, which no editor reads.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import new_id, now, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.errors import Conflict, FieldError, Invalid, NotFound
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.tasks.models import Opinion, Task
from referencing.journal.operations import SYSTEM, record
from referencing.reviews.queues import queries
from referencing.reviews.queues.claims import renew, still_open
from referencing.reviews.queues.models import ConflictOfInterest

from . import queries as opinions
from .queries import IN_STATE, NO_OPINION, OpinionState, OpinionView

IN_CONFLICT = "Conflit d'intérêts déclaré."
#: How many experts one run reminds; the others follow in another job.
MOST_REMINDED = 200


def ask(
    session: Session, actor: Actor, task_id: UUID, *, experts: Sequence[UUID], question: str, due_on: date
) -> Sequence[OpinionView]:
    """Ask experts about a task that one has in hand; who was asked about it already is not asked again.

    Raises Conflict when the task is not the actor's or an expert declared a conflict of interest, Invalid for who is
    no expert or a day that has passed.
    """
    authorise(actor, Right.REVIEW)
    view = queries.task(session, actor, task_id)
    still_open(view.closed_at)
    if due_on < today(session):
        raise Invalid("Cette date est passée.", [FieldError("/due_on", "Donnez un jour à venir.")])
    _able(session, experts, view)
    if not renew(session, actor, task_id):
        raise Conflict("Vous n'avez pas cette tâche : prenez-la d'abord.")
    words = {"task_id": task_id, "asked_by": actor.account_id, "question": question, "due_on": due_on}
    asked = insert(Opinion).values(
        [
            {"id": new_id(), "expert_id": one, "asked_at": now(session), **words}
            for one in dict.fromkeys(experts)
        ]
    )
    new = session.scalars(asked.on_conflict_do_nothing().returning(Opinion.expert_id)).all()
    if new:
        whom = {"experts": sorted(map(str, new)), "question": question, "due_on": due_on.isoformat()}
        _tell(session, actor, "asked", view.candidature_id, task_id, view.code, whom)
    found = opinions.views().where(Opinion.task_id == task_id, Opinion.expert_id.in_(experts))
    return opinions.read(session, found.order_by(Opinion.id))


def _able(session: Session, experts: Sequence[UUID], view: queries.TaskView) -> None:
    """Kept still, so that a conflict of interest declared meanwhile finds what they are asked."""
    kept = session.scalars(
        sa.select(Account)
        .where(Account.id.in_(experts), Account.role == Role.EXPERT, Account.disabled_at.is_(None))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )
    names = {one.id: one.name for one in kept}
    unknown = [
        FieldError(f"/experts/{place}", "Choisissez dans la liste (/api/v1/experts).")
        for place, one in enumerate(experts)
        if one not in names
    ]
    if unknown:
        raise Invalid("Aucun expert n'a cet identifiant.", unknown)
    declared = sa.select(ConflictOfInterest.verifier_id).where(
        ConflictOfInterest.verifier_id.in_(experts),
        ConflictOfInterest.organisation_id == view.organisation_id,
    )
    concerned = ", ".join(sorted(names[one] for one in session.scalars(declared)))
    if concerned:
        raise Conflict(
            f"Un conflit d'intérêts est déclaré avec « {view.organisation} » par : {concerned}. "
            "Choisissez un autre expert."
        )


def answer(session: Session, actor: Actor, opinion_id: UUID, opinion: str) -> OpinionView:
    """Raises NotFound, for another's as well, Conflict when it was replied to or the task is closed."""
    found = _own_awaited(session, actor, opinion_id)
    found.reply, found.answered_at = opinion, now(session)
    return _replied(session, actor, found, "answered")


def decline(session: Session, actor: Actor, opinion_id: UUID, reason: str) -> OpinionView:
    """Raises as `answer`."""
    found = _own_awaited(session, actor, opinion_id)
    found.reply, found.declined_at = reason, now(session)
    return _replied(session, actor, found, "declined")


def _own_awaited(session: Session, actor: Actor, opinion_id: UUID) -> Opinion:
    authorise(actor, Right.GIVE_OPINIONS)
    found = session.scalar(
        sa.select(Opinion)
        .where(Opinion.id == opinion_id, Opinion.expert_id == actor.account_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound(NO_OPINION)
    if found.reply is not None:
        raise Conflict("Vous avez déjà répondu à cette demande : il n'y a plus rien à faire.")
    if found.task.closed_at is not None:
        raise Conflict("La tâche est terminée : votre avis n'est plus attendu.")
    return found


def _replied(session: Session, actor: Actor, opinion: Opinion, how: str) -> OpinionView:
    session.flush()
    task = opinion.task
    said = {"opinion": str(opinion.id), "reply": opinion.reply}
    _tell(session, actor, how, task.candidature_id, task.id, task.code, said)
    return opinions.one(session, Opinion.id == opinion.id)


def step_aside(session: Session, expert: UUID, organisation: UUID) -> list[str]:
    """Decline all that an expert is asked about an organisation; answers which."""
    about = sa.select(Task.id).where(Task.organisation_id == organisation, Task.closed_at.is_(None))
    declined = session.scalars(
        sa.update(Opinion)
        .where(Opinion.expert_id == expert, Opinion.reply.is_(None), Opinion.task_id.in_(about))
        .values(declined_at=now(session), reply=IN_CONFLICT)
        .returning(Opinion.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(map(str, declined))


def remind_experts(session: Session) -> None:
    """Note, once each, what is due within two working days and what is overdue; when there is more, in another job."""
    overdue = latest_last_day(Due.OVERDUE, today(session))
    awaited = session.scalars(
        sa.select(Opinion)
        .join(Opinion.task)
        .where(
            IN_STATE[OpinionState.ASKED],
            sa.or_(
                Opinion.reminded_at.is_(None) & (Opinion.due_on <= latest_last_day(Due.IN_2, today(session))),
                Opinion.overdue_noted_at.is_(None) & (Opinion.due_on <= overdue),
            ),
        )
        .order_by(Opinion.expert_id, Opinion.id)
        .limit(MOST_REMINDED)
        .with_for_update(of=Opinion, skip_locked=True)
    ).all()
    for due in awaited:
        due.reminded_at = now(session)
        if due.due_on <= overdue:
            due.overdue_noted_at = now(session)
        detail = {
            "opinion": str(due.id),
            "task": str(due.task_id),
            "due_on": due.due_on.isoformat(),
            "overdue": due.due_on <= overdue,
        }
        record(session, SYSTEM, "opinion.reminded", f"account:{due.expert_id}", detail)
    if len(awaited) == MOST_REMINDED:
        enqueue(session, "remind_experts")


def _tell(
    session: Session,
    actor: Actor,
    how: str,
    candidature: UUID,
    task: UUID,
    code: str | None,
    detail: Mapping[str, Any],
) -> None:
    record(session, actor, f"expert.{how}", f"candidature:{candidature}", {"item": code})
    record(session, actor, f"opinion.{how}", f"task:{task}", detail)

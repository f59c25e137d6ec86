"""Asking experts about a task in hand, which can get its verdict without waiting for them.

The dossier's timeline tells that an expert was asked, answered or declined, and about which item; who, what and why
is written to the stream of the task, which no editor reads.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager

from referencing.accounts.models import HELD, Account
from referencing.base.db import new_id, now, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.errors import Conflict, FieldError, Invalid, NotFound
from referencing.base.french import agreed
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record.queries import require_impartial
from referencing.candidatures.tasks.models import Opinion, Task
from referencing.candidatures.tasks.queries import OPINION_AWAITED
from referencing.journal.operations import SYSTEM, record
from referencing.mail.operations import write
from referencing.reviews.queues import queries
from referencing.reviews.queues.claims import renew_claim, require_open
from referencing.reviews.queues.models import ConflictOfInterest

from . import queries as opinions
from .queries import IN_STATE, NO_OPINION, OpinionView
from .states import OPINION, OpinionAction, OpinionState

IN_CONFLICT = "Conflit d'intérêts déclaré."
#: How many experts one run reminds; the others follow in another job.
MOST_REMINDED = 200


def ask(
    session: Session, actor: Actor, task_id: UUID, *, experts: Sequence[UUID], question: str, due_on: date
) -> Sequence[OpinionView]:
    """Ask experts about a task that the actor has in hand; the same question again is asked once.

    Who is asked after their question was withdrawn has a new one.
    Raises Conflict when the task is not the actor's, an expert declared a conflict of interest or was asked something
    else about it, Invalid for who is no expert or a day that has passed.
    """
    authorise(actor, Right.REVIEW)
    view = queries.task(session, actor, task_id)
    require_open(view.closed_at)
    if due_on < today(session):
        raise Invalid("Cette date est passée.", [FieldError("/due_on", "Donnez un jour à venir.")])
    _require_able(session, experts, view)
    if not renew_claim(session, actor, task_id):
        raise Conflict("Vous n'avez pas cette tâche : prenez-la d'abord.")
    _refuse_second_question(session, task_id, experts, question, due_on)
    words = {"task_id": task_id, "asked_by": actor.account_id, "question": question, "due_on": due_on}
    questions = insert(Opinion).values(
        [
            {"id": new_id(), "expert_id": expert, "asked_at": now(session), **words}
            for expert in dict.fromkeys(experts)
        ]
    )
    asked_again = questions.on_conflict_do_update(
        index_elements=[Opinion.task_id, Opinion.expert_id],
        set_={
            **{name: questions.excluded[name] for name in ("asked_by", "question", "due_on", "asked_at")},
            **dict.fromkeys(("withdrawn_at", "reminded_at", "overdue_noted_at")),
        },
        where=Opinion.withdrawn_at.is_not(None),
    )
    newly_asked = session.scalars(asked_again.returning(Opinion.expert_id)).all()
    if newly_asked:
        detail = {
            "experts": sorted(map(str, newly_asked)),
            "question": question,
            "due_on": due_on.isoformat(),
        }
        _record_opinion(session, actor, "asked", view.candidature_id, task_id, view.code, detail)
    selected = opinions.views().where(Opinion.task_id == task_id, Opinion.expert_id.in_(experts))
    return opinions.read_opinions(session, selected.order_by(Opinion.id))


def _refuse_second_question(
    session: Session, task_id: UUID, experts: Sequence[UUID], question: str, due_on: date
) -> None:
    """Raises Conflict where an expert was asked something else about the task, or has replied."""
    asked = session.scalars(
        sa.select(Opinion)
        .join(Opinion.expert)
        .where(Opinion.task_id == task_id, Opinion.expert_id.in_(experts), Opinion.withdrawn_at.is_(None))
        .order_by(Account.name)
        .options(contains_eager(Opinion.expert))
    ).all()
    same = [one for one in asked if (one.question, one.due_on) == (question, due_on)]
    replied = [one.expert.name for one in asked if one.reply is not None and one not in same]
    if replied:
        raise Conflict(
            f"{_have(replied)} déjà répondu sur cette preuve : demandez à quelqu'un d'autre, "
            "ou écrivez une note interne."
        )
    otherwise = [one.expert.name for one in asked if one not in same]
    if otherwise:
        raise Conflict(
            f"{_have(otherwise)} déjà une autre question sur cette preuve : retirez-la d'abord, puis posez celle-ci."
        )


def _have(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {agreed(len(names), 'a', 'ont')}"


def _require_able(session: Session, experts: Sequence[UUID], view: queries.TaskView) -> None:
    """Lock the experts, so that a conflict of interest declared meanwhile finds what they are asked.

    Raises Invalid for who is no expert, Conflict for who declared a conflict of interest.
    """
    accounts = session.scalars(
        sa.select(Account)
        .where(Account.id.in_(experts), Account.role == Role.EXPERT, Account.disabled_at.is_(None))
        .order_by(Account.id)
        .with_for_update(**HELD)
    )
    names = {account.id: account.name for account in accounts}
    unknown = [
        FieldError(f"/experts/{place}", "Choisissez dans la liste (/api/v1/experts).")
        for place, expert in enumerate(experts)
        if expert not in names
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
    """Answer what the actor is asked.

    Raises NotFound, for another's as well, Conflict when it was replied to or the task is closed.
    """
    question = _own_awaited(session, actor, opinion_id)
    question.reply, question.answered_at = opinion, now(session)
    return _record_reply(session, actor, question, "answered")


def decline(session: Session, actor: Actor, opinion_id: UUID, reason: str) -> OpinionView:
    """Decline what the actor is asked, with a reason. Raises as `answer`."""
    question = _own_awaited(session, actor, opinion_id)
    question.reply, question.declined_at = reason, now(session)
    return _record_reply(session, actor, question, "declined")


def withdraw(session: Session, actor: Actor, opinion_id: UUID) -> None:
    """Ask an expert no more: they are written to, and what they were asked is no longer awaited.

    Who asked may, and who has the task, and a lead. Raises NotFound for others, Forbidden in a conflict of interest,
    Conflict once it was replied to.
    """
    authorise(actor, Right.READ_QUEUES)
    question = session.scalar(sa.select(Opinion).where(Opinion.id == opinion_id).with_for_update())
    if question is None or not _may_withdraw(session, actor, question):
        raise NotFound(NO_OPINION)
    view = opinions.read_opinion(session, Opinion.id == opinion_id)
    require_impartial(session, actor, view.candidature_id)
    if not OPINION.allows(view.state, OpinionAction.WITHDRAW):
        raise Conflict(_NOT_AWAITED[view.state])
    question.withdrawn_at = now(session)
    session.flush()
    detail = {"opinion": str(opinion_id), "expert": str(view.expert_id)}
    _record_opinion(session, actor, "withdrawn", view.candidature_id, view.task_id, view.code, detail)
    write(
        session,
        view.expert_id,
        f"opinion:{opinion_id}:withdrawn:{question.withdrawn_at.isoformat()}",
        f"Votre avis n'est plus demandé sur {view.code}",
        f"{view.asker} vous avait demandé un avis sur {view.code} ({view.commercial_name}, {view.organisation}) : "
        "il n'est plus attendu, vous n'avez rien à faire.\n\n"
        f"La question était : {view.question}\n",
    )


_NOT_AWAITED = {
    OpinionState.ANSWERED: "L'expert a déjà répondu : son avis reste, la demande ne se retire plus.",
    OpinionState.DECLINED: "L'expert a décliné cette demande : il n'y a plus rien à retirer.",
    OpinionState.NEEDLESS: "La tâche est terminée : cet avis n'est plus attendu.",
    OpinionState.WITHDRAWN: "Cette demande est déjà retirée : il n'y a plus rien à faire.",
}


def _may_withdraw(session: Session, actor: Actor, question: Opinion) -> bool:
    own = question.asked_by == actor.account_id or actor.role is Role.LEAD
    return own or queries.task(session, actor, question.task_id).verifier_id == actor.account_id


def _own_awaited(session: Session, actor: Actor, opinion_id: UUID) -> Opinion:
    authorise(actor, Right.GIVE_OPINIONS)
    question = session.scalar(
        sa.select(Opinion)
        .where(Opinion.id == opinion_id, Opinion.expert_id == actor.account_id)
        .with_for_update()
    )
    if question is None:
        raise NotFound(NO_OPINION)
    if question.reply is not None:
        raise Conflict("Vous avez déjà répondu à cette demande : il n'y a plus rien à faire.")
    if question.withdrawn_at is not None:
        raise Conflict("Cette demande vous a été retirée : votre avis n'est plus attendu.")
    if question.task.closed_at is not None:
        raise Conflict("La tâche est terminée : votre avis n'est plus attendu.")
    return question


def _record_reply(session: Session, actor: Actor, opinion: Opinion, how: str) -> OpinionView:
    session.flush()
    task = opinion.task
    detail = {"opinion": str(opinion.id), "reply": opinion.reply}
    _record_opinion(session, actor, how, task.candidature_id, task.id, task.code, detail)
    return opinions.read_opinion(session, Opinion.id == opinion.id)


def step_aside(session: Session, expert: UUID, organisation: UUID) -> list[str]:
    """Decline all that an expert is asked about an organisation; answers which."""
    about = sa.select(Task.id).where(Task.organisation_id == organisation, Task.closed_at.is_(None))
    declined = session.scalars(
        sa.update(Opinion)
        .where(Opinion.expert_id == expert, OPINION_AWAITED, Opinion.task_id.in_(about))
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
    for opinion in awaited:
        opinion.reminded_at = now(session)
        if opinion.due_on <= overdue:
            opinion.overdue_noted_at = now(session)
        detail = {
            "opinion": str(opinion.id),
            "task": str(opinion.task_id),
            "due_on": opinion.due_on.isoformat(),
            "overdue": opinion.due_on <= overdue,
        }
        record(session, SYSTEM, "opinion.reminded", f"account:{opinion.expert_id}", detail)
    if len(awaited) == MOST_REMINDED:
        enqueue(session, "remind_experts")


def _record_opinion(
    session: Session,
    actor: Actor,
    how: str,
    candidature: UUID,
    task: UUID,
    code: str | None,
    detail: Mapping[str, Any],
) -> None:
    """Write in the dossier's timeline that it happened, and in the task's stream what was said."""
    record(session, actor, f"expert.{how}", f"candidature:{candidature}", {"code": code})
    record(session, actor, f"opinion.{how}", f"task:{task}", detail)

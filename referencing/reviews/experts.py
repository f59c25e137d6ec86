"""Asking experts about a task that one has in hand, which can get its verdict without waiting for them.

The dossier's timeline tells that an expert was asked, answered or declined, and about which item; who, what and why
is written to the stream of the task, which no editor reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from referencing.accounts.models import Account, Organisation
from referencing.accounts.permissions import Actor, Right, Role, authorise
from referencing.candidatures.models import Candidature, Opinion, Task
from referencing.candidatures.workdays import add_working_days
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.db import after, new_id, now, today
from referencing.errors import Conflict, FieldError, Invalid, NotFound
from referencing.jobs import enqueue
from referencing.journal.operations import SYSTEM, record
from referencing.solutions.models import Configuration, Solution

from . import order, queries
from .claims import renew, still_open
from .models import ConflictOfInterest

NO_OPINION = "Cette demande d'avis n'existe pas : relisez la liste."
IN_CONFLICT = "Conflit d'intérêts déclaré."
#: How many experts one run reminds; the others follow in another job.
MOST_REMINDED = 200


class OpinionState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    NEEDLESS = "needless"  # the task was closed before an answer came


_IN_STATE = {
    OpinionState.ASKED: Opinion.reply.is_(None) & Task.closed_at.is_(None),
    OpinionState.ANSWERED: Opinion.answered_at.is_not(None),
    OpinionState.DECLINED: Opinion.declined_at.is_not(None),
    OpinionState.NEEDLESS: Opinion.reply.is_(None) & Task.closed_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What an expert was asked, on one line."""

    id: UUID
    task_id: UUID
    candidature_id: UUID
    item_id: UUID | None
    code: str | None
    dsr: str
    organisation: str
    commercial_name: str
    expert_id: UUID
    expert: str
    asked_by: UUID
    asker: str
    question: str
    due_on: date
    asked_at: datetime
    answered_at: datetime | None
    declined_at: datetime | None
    reply: str | None
    reminded_at: datetime | None
    closed_at: datetime | None

    @property
    def state(self) -> OpinionState:
        if self.answered_at is not None:
            return OpinionState.ANSWERED
        if self.declined_at is not None:
            return OpinionState.DECLINED
        return OpinionState.ASKED if self.closed_at is None else OpinionState.NEEDLESS


def experts(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Account]:
    """Who can be asked."""
    authorise(actor, Right.READ_QUEUES)
    open_ = sa.select(Account).where(Account.role == Role.EXPERT, Account.disabled_at.is_(None))
    return session.scalars(after(open_, [Account.id], cursor).limit(limit)).all()


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
    found = _views().where(Opinion.task_id == task_id, Opinion.expert_id.in_(experts))
    return _read(session, found.order_by(Opinion.id))


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
    return _one(session, Opinion.id == opinion.id)


def opinion(session: Session, actor: Actor, opinion_id: UUID) -> OpinionView:
    """One's own; any for a lead. Raises NotFound."""
    return _one(session, Opinion.id == opinion_id, *_shown_to(actor))


def opinions(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: OpinionState | None = None,
    due: order.Due | None = None,
) -> Sequence[OpinionView]:
    """What one is asked; everything for a lead. `due` narrows it down to what is awaited."""
    found = _views().where(*_shown_to(actor))
    if state is not None:
        found = found.where(_IN_STATE[state])
    if due is not None:
        found = found.where(_IN_STATE[OpinionState.ASKED], Opinion.due_on <= _latest(due, today(session)))
    return _read(session, after(found, [Opinion.id], cursor).limit(limit))


def opinions_on(session: Session, actor: Actor, view: queries.TaskView) -> Sequence[OpinionView]:
    """What was asked about a task: to who has it or asked, and to a lead; another reader is to judge without."""
    found = _views().where(Opinion.task_id == view.id)
    if actor.role is not Role.LEAD and view.verifier_id != actor.account_id:
        found = found.where(Opinion.asked_by == actor.account_id)
    return _read(session, found.order_by(Opinion.id))


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


def remind(session: Session) -> None:
    """Note, once each, what is due within two working days and what is overdue; when there is more, in another job."""
    overdue = _latest(order.Due.OVERDUE, today(session))
    awaited = session.scalars(
        sa.select(Opinion)
        .join(Opinion.task)
        .where(
            _IN_STATE[OpinionState.ASKED],
            sa.or_(
                Opinion.reminded_at.is_(None) & (Opinion.due_on <= _latest(order.Due.IN_2, today(session))),
                Opinion.overdue_noted_at.is_(None) & (Opinion.due_on <= overdue),
            ),
        )
        .order_by(Opinion.expert_id, Opinion.id)
        .limit(MOST_REMINDED)
        .with_for_update(of=Opinion, skip_locked=True)
    ).all()
    for one in awaited:
        one.reminded_at = now(session)
        if one.due_on <= overdue:
            one.overdue_noted_at = now(session)
        detail = {
            "opinion": str(one.id),
            "task": str(one.task_id),
            "due_on": one.due_on.isoformat(),
            "overdue": one.due_on <= overdue,
        }
        record(session, SYSTEM, "opinion.reminded", f"account:{one.expert_id}", detail)
    if len(awaited) == MOST_REMINDED:
        enqueue(session, "remind_experts")


def _latest(due: order.Due, day: date) -> date:
    """Any day may be a deadline: what ends on a weekend is overdue on Monday, as the days left say."""
    return add_working_days(order.latest(due, day), 1) - timedelta(days=1)


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


def _shown_to(actor: Actor) -> Sequence[sa.ColumnElement[bool]]:
    authorise(actor, Right.FOLLOW_OPINIONS)
    return [] if actor.role is Role.LEAD else [Opinion.expert_id == actor.account_id]


def _one(session: Session, *which: sa.ColumnElement[bool]) -> OpinionView:
    found = _read(session, _views().where(*which))
    if not found:
        raise NotFound(NO_OPINION)
    return found[0]


def _read(session: Session, views: queries.Views) -> Sequence[OpinionView]:
    return [OpinionView(*row) for row in session.execute(views)]


def _views() -> queries.Views:
    expert, asker = aliased(Account), aliased(Account)
    views: queries.Views = (
        sa.select(
            Opinion.id,
            Opinion.task_id,
            Task.candidature_id,
            Task.item_id,
            Task.code,
            Dsr.code,
            Organisation.name,
            Solution.commercial_name,
            Opinion.expert_id,
            expert.name,
            Opinion.asked_by,
            asker.name,
            Opinion.question,
            Opinion.due_on,
            Opinion.asked_at,
            Opinion.answered_at,
            Opinion.declined_at,
            Opinion.reply,
            Opinion.reminded_at,
            Task.closed_at,
        )
        .join(Opinion.task)
        .join(Candidature, Candidature.id == Task.candidature_id)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == Task.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
        .join(expert, expert.id == Opinion.expert_id)
        .join(asker, asker.id == Opinion.asked_by)
    )
    return views

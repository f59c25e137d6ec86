"""The experts who can be asked, what waits for whom, and what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.accounts.models import Account, Organisation
from referencing.accounts.visible_queries import impartial
from referencing.base.db import after, today
from referencing.base.deadlines import Due, latest_last_day
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Opinion, Task
from referencing.candidatures.tasks.queries import OPINION_AWAITED
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.reviews.queues import queries
from referencing.solutions.models import Configuration, Solution

from .states import OpinionState

NO_OPINION = "Cette demande d'avis n'existe pas : relisez la liste."


IN_STATE = {
    OpinionState.ASKED: OPINION_AWAITED & Task.closed_at.is_(None),
    OpinionState.ANSWERED: Opinion.answered_at.is_not(None),
    OpinionState.DECLINED: Opinion.declined_at.is_not(None),
    OpinionState.NEEDLESS: OPINION_AWAITED & Task.closed_at.is_not(None),
    OpinionState.WITHDRAWN: Opinion.withdrawn_at.is_not(None),
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
    withdrawn_at: datetime | None
    reminded_at: datetime | None
    closed_at: datetime | None

    @property
    def state(self) -> OpinionState:
        if self.answered_at is not None:
            return OpinionState.ANSWERED
        if self.declined_at is not None:
            return OpinionState.DECLINED
        if self.withdrawn_at is not None:
            return OpinionState.WITHDRAWN
        return OpinionState.ASKED if self.closed_at is None else OpinionState.NEEDLESS


def is_read_with_subject(actor: Actor, opinion: OpinionView) -> bool:
    """Whether what an opinion is about is read with it: by its expert as long as they are asked."""
    return actor.role is not Role.EXPERT or opinion.state is OpinionState.ASKED


def experts(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Account]:
    """The experts who can be asked: those whose account is open."""
    authorise(actor, Right.READ_QUEUES)
    open_accounts = sa.select(Account).where(Account.role == Role.EXPERT, Account.disabled_at.is_(None))
    return session.scalars(after(open_accounts, [Account.id], cursor).limit(limit)).all()


def opinion(session: Session, actor: Actor, opinion_id: UUID) -> OpinionView:
    """An opinion that was asked of the actor; for a lead, of anybody. Raises NotFound."""
    return read_opinion(session, Opinion.id == opinion_id, *_visible_to(session, actor))


def opinions(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: OpinionState | None = None,
    due: Due | None = None,
) -> Sequence[OpinionView]:
    """What the actor is asked; for a lead, what all experts are. `due` narrows it down to what is awaited."""
    selected = views().where(*_visible_to(session, actor))
    if state is not None:
        selected = selected.where(IN_STATE[state])
    if due is not None:
        selected = selected.where(
            IN_STATE[OpinionState.ASKED], Opinion.due_on <= latest_last_day(due, today(session))
        )
    return read_opinions(session, after(selected, [Opinion.id], cursor).limit(limit))


def opinions_on(session: Session, actor: Actor, view: queries.TaskView) -> Sequence[OpinionView]:
    """What experts were asked about a task, as far as the actor may know.

    A lead and who has the task read all of it, who asked reads their own questions: another reader is to judge without.
    """
    selected = views().where(Opinion.task_id == view.id)
    if actor.role is not Role.LEAD and view.verifier_id != actor.account_id:
        selected = selected.where(Opinion.asked_by == actor.account_id)
    return read_opinions(session, selected.order_by(Opinion.id))


def _visible_to(session: Session, actor: Actor) -> Sequence[sa.ColumnElement[bool]]:
    authorise(actor, Right.FOLLOW_OPINIONS)
    open_to = impartial(session, actor, Task.organisation_id)
    return [open_to] if actor.role is Role.LEAD else [open_to, Opinion.expert_id == actor.account_id]


def read_opinion(session: Session, *which: sa.ColumnElement[bool]) -> OpinionView:
    """The opinion of which all of this is true. Raises NotFound."""
    opinions = read_opinions(session, views().where(*which))
    if not opinions:
        raise NotFound(NO_OPINION)
    return opinions[0]


def read_opinions(session: Session, selected: queries.Views) -> Sequence[OpinionView]:
    return [OpinionView(**row._asdict()) for row in session.execute(selected)]


@cache
def views() -> queries.Views:
    """The columns of OpinionView, each under its name."""
    expert, asker = aliased(Account), aliased(Account)
    selected: queries.Views = (
        sa.select(
            Opinion.id,
            Opinion.task_id,
            Task.candidature_id,
            Task.item_id,
            Task.code,
            Dsr.code.label("dsr"),
            Organisation.name.label("organisation"),
            Solution.commercial_name,
            Opinion.expert_id,
            expert.name.label("expert"),
            Opinion.asked_by,
            asker.name.label("asker"),
            Opinion.question,
            Opinion.due_on,
            Opinion.asked_at,
            Opinion.answered_at,
            Opinion.declined_at,
            Opinion.reply,
            Opinion.withdrawn_at,
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
    return selected

"""The rounds of an item: each verdict that is given, kept and taken back, and what an editor is reminded of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from referencing.base.db import after, new_id, now, today
from referencing.base.deadlines import (
    OVERDUE,
    Due,
    days_left_to_remind_of,
    latest_last_day,
    level_on,
    reached_level,
)
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.record.states import OPEN, WITH_EDITOR, ItemState
from referencing.journal.operations import SYSTEM, record
from referencing.proofs.models import Finding, Proof, Verification


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verifier's words: for a complement also what is `missing` and until when; `steps` where the scenario has any.

    Without `task_id` it was given in a live session.
    """

    task_id: UUID | None
    finding: Finding
    comment: str
    missing: Sequence[str] = ()
    due_on: date | None = None
    steps: Sequence[Mapping[str, Any]] = ()

    @property
    def detail(self) -> dict[str, Any]:
        """What the journal keeps."""
        expected = {"missing": list(self.missing), "due_on": self.due_on.isoformat()} if self.due_on else {}
        return {"comment": self.comment, **expected}


def record_verdict(
    session: Session,
    actor: Actor,
    item: Item,
    judgement: Judgement,
    *,
    claim: str | None = None,
    verification_id: UUID | None = None,
    grant_id: UUID | None = None,
) -> Verdict:
    """Keep a verdict on an item that it has already put in its new state; asking for something ends the round."""
    verdict = Verdict(
        id=new_id(),
        item_id=item.id,
        task_id=judgement.task_id,
        round=item.round,
        finding=judgement.finding,
        comment=judgement.comment,
        missing=list(judgement.missing),
        due_on=judgement.due_on,
        reminded=level_on(today(session), judgement.due_on),  # whoever sets a short time knows it
        steps=[dict(step) for step in judgement.steps],
        claim=claim,
        verification_id=verification_id,
        grant_id=grant_id,
        verifier_id=actor.account_id,
        given_at=now(session),
    )
    session.add(verdict)
    if item.state in WITH_EDITOR:
        item.round += 1
    session.flush()
    return verdict


def verdicts_on(
    session: Session, actor: Actor, item: Item, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Verdict]:
    """The verdicts on an item, oldest first; an integration reads those on what it supplied itself."""
    select = sa.select(Verdict).where(Verdict.item_id == item.id)
    if actor.by_permission:
        own = sa.select(Verification.id).join(Verification.proof).where(Proof.supplied_by == actor.account_id)
        select = select.where(Verdict.verification_id.in_(own))
    with_proof = joinedload(Verdict.verification).joinedload(Verification.proof)
    return session.scalars(after(select, [Verdict.id], cursor).limit(limit).options(with_proof)).all()


def remind_editors(session: Session) -> None:
    """One job for each dossier in which a reminder is due."""
    near = latest_last_day(Due.IN_5, today(session))
    waiting = session.execute(_waiting(Verdict.due_on <= near))
    due = {item.candidature_id for verdict, item in waiting if _left(session, verdict) is not None}
    for candidature_id in sorted(due):
        enqueue(session, "remind_editor", candidature_id=str(candidature_id))


def remind_editor(session: Session, candidature_id: str) -> None:
    """Say in the timeline what is still missing; nothing else happens, whatever the delay: that is for a lead."""
    candidature = queries.held_still(session, UUID(candidature_id))
    of_dossier = _waiting(Item.candidature_id == candidature.id).options(joinedload(Item.expected_proof))
    for verdict, item in session.execute(of_dossier.order_by(Item.position)).all():
        left = _left(session, verdict)
        if left is not None:
            verdict.reminded = reached_level(left)
            detail = {
                "code": item.expected_proof.code,
                "missing": verdict.missing,
                "due_on": str(verdict.due_on),
                "working_days_left": left,
            }
            record(session, SYSTEM, "complement.reminder", f"candidature:{candidature.id}", detail)


def _waiting(*which: sa.ColumnElement[bool]) -> sa.Select[Verdict, Item]:
    """Complements with a last day that the editor still owes, each the last verdict on its item."""
    later = aliased(Verdict)
    overtaken = sa.exists().where(
        later.item_id == Verdict.item_id, later.id > Verdict.id, later.undone_at.is_(None)
    )
    return (
        sa.select(Verdict, Item)
        .join(Item, Item.id == Verdict.item_id)
        .join(Item.candidature)
        .where(
            Candidature.state.in_(sorted(OPEN)),
            Item.state == ItemState.COMPLEMENT,
            Verdict.undone_at.is_(None),
            Verdict.due_on.is_not(None),
            Verdict.reminded.is_distinct_from(OVERDUE),
            ~overtaken,
            *which,
        )
    )


def _left(session: Session, verdict: Verdict) -> int | None:
    """The working days left of a complement, when it is time to say so."""
    return days_left_to_remind_of(verdict.due_on, verdict.reminded, today(session))

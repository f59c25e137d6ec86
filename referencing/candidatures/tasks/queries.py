"""Reading which third parties are awaited; why is the agency's affair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from referencing.base.db import any_given, now
from referencing.candidatures.record.models import Candidature
from referencing.proofs.models import Proof, ProofState, Verification

from .models import Opinion, Queue, Task, Wait

#: How a task is closed whose item is to be read in a live session.
TO_SESSION = "to_session"
#: An opinion that an expert has yet to give, unless its task is closed.
OPINION_AWAITED = Opinion.reply.is_(None) & Opinion.withdrawn_at.is_(None)

#: Its model is of a package above.
_CLAIM = sa.table("claim", sa.column("task_id"), sa.column("expires_at", sa.DateTime(timezone=True)))

#: How tasks end without an answer: there was nothing to look at any more, or not there.
UNANSWERED = ("withdrawn", "needless", "quarantined", TO_SESSION)


@dataclass(frozen=True, slots=True)
class Awaited:
    """An answer of a third party that is awaited: on an item, or on the dossier itself when there is no item."""

    candidature_id: UUID
    item_id: UUID | None
    code: str | None
    party: str
    since: datetime
    expected_on: date


def awaited(session: Session, about: InstrumentedAttribute[Any], ids: Sequence[UUID]) -> Sequence[Awaited]:
    """The answers awaited on the tasks `about` one of these, in one query; the first expected comes first."""
    return [Awaited(**row._asdict()) for row in session.execute(_awaited(about), {"ids": ids})]


@cache
def _awaited(about: InstrumentedAttribute[Any]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            *(Task.candidature_id, Task.item_id, Task.code),
            *(Wait.party, Wait.started_at.label("since"), Wait.expected_on),
        )
        .join(Wait, Wait.task_id == Task.id)
        .where(any_given(about, "ids"), Wait.ended_at.is_(None), Task.closed_at.is_(None))
        .order_by(Wait.expected_on, Wait.id)
    )


def awaited_of(session: Session, dossiers: Sequence[UUID]) -> dict[UUID, list[Awaited]]:
    """The answers awaited on each of these dossiers; a dossier without any has no key."""
    by_dossier: dict[UUID, list[Awaited]] = {}
    for answer in awaited(session, Task.candidature_id, dossiers):
        by_dossier.setdefault(answer.candidature_id, []).append(answer)
    return by_dossier


def is_unread(moment: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """Nobody has begun to read what an open task is about: nobody has it, an expert or a third party was not asked,
    and nothing was found on that version.
    """
    held = sa.exists().where(_CLAIM.c.task_id == Task.id, _CLAIM.c.expires_at > moment)
    consulted = sa.exists().where(Opinion.task_id == Task.id) | sa.exists().where(Wait.task_id == Task.id)
    found_on = sa.exists().where(
        Proof.item_id == Task.item_id,
        Proof.state == ProofState.SUBMITTED,
        Verification.proof_id == Proof.id,
    )
    first_reading = Task.queue.in_([Queue.PROOF_REVIEW, Queue.DUO_FOLLOW_UP])
    return sa.and_(first_reading, ~held, ~consulted, ~found_on)


def unread(session: Session, item_id: UUID) -> bool:
    """Whether an item waits for a reader, and nobody has begun to read it."""
    waiting = sa.select(Task.id).where(
        Task.item_id == item_id, Task.closed_at.is_(None), is_unread(now(session))
    )
    return bool(session.scalar(sa.select(waiting.exists())))


def was_judged(session: Session, candidature: Candidature) -> bool:
    """Whether a lead has ever found the dossier complete or not."""
    judged = sa.select(Task.id).where(
        Task.candidature_id == candidature.id, Task.queue == Queue.ADMISSIBILITY, Task.closed_by.is_not(None)
    )
    return bool(session.scalar(sa.select(judged.exists())))

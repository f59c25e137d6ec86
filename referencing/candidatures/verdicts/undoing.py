"""Taking a verdict back: the item, what was found and what stands on it are again as before it was given."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.record.states import (
    ITEM,
    ITEM_STATES,
    OPEN,
    STATES,
    WITH_EDITOR,
    ItemAction,
    ItemState,
    State,
)
from referencing.candidatures.resolution.resolution import follow_findings
from referencing.candidatures.tasks.models import Queue, Task
from referencing.candidatures.tasks.opening import open_item_tasks, open_task_of
from referencing.equivalence.grants.models import Grant, GrantSource, GrantState
from referencing.equivalence.grants.operations import propose_again
from referencing.journal.operations import record
from referencing.proofs.models import Finding
from referencing.proofs.operations import read_again, take_finding_back

#: Where each verdict leads, by what it is about.
_AFTER = {
    Finding.VERIFIED: {ItemState.CONFORM, ItemState.NOT_APPLICABLE, ItemState.COVERED},
    Finding.REJECTED: {ItemState.NONCONFORM, ItemState.REQUIRED},
    Finding.COMPLEMENT: {ItemState.COMPLEMENT},
}


def take_back(
    session: Session, actor: Actor, candidature: Candidature, item: Item, verdict: Verdict, reason: str
) -> Task:
    """Take a verdict back and answer the task with which the review goes on, its clock included.

    The caller has locked the dossier and its core. Raises Conflict as `revert`.
    """
    revert(session, actor, candidature, item, verdict, reason)
    if verdict.grant_id is None:
        open_item_tasks(session, candidature, Queue.PROOF_REVIEW, [item.id])
    session.expire(item)
    follow_findings(session, candidature, actor, item.expected_proof.code)
    task = open_task_of(session, candidature, item)
    if task is None:
        raise Conflict("Les règles ont changé depuis : cette équivalence n'est plus à confirmer.")
    return task


def revert(
    session: Session, actor: Actor, candidature: Candidature, item: Item, verdict: Verdict, reason: str
) -> None:
    """Take a verdict back without opening a task, before another is given at once; the caller then resolves the core.

    Raises Conflict when the dossier is decided, here or where the finding was reused, the item has gone on, or a
    later verdict was given.
    """
    _refuse_relied_on(session, candidature, item, verdict)
    verdict.undone_at, verdict.undone_reason = now(session), reason
    item.round = verdict.round
    if verdict.grant_id is not None:
        item.state = ITEM.follow("Cette preuve", item.state, ItemAction.UNDO_REUSE)
        propose_again(session, verdict.grant_id)
    else:
        item.state = ITEM.follow("Cette preuve", item.state, ItemAction.UNDO)
        item.reason = verdict.claim
        if verdict.verification_id is not None:
            take_finding_back(session, verdict.verification_id, _finding_before(session, verdict))
            read_again(session, item.id)
    detail = {"code": item.expected_proof.code, "round": verdict.round, "reason": reason}
    record(session, actor, "verdict.undone", f"candidature:{candidature.id}", detail)
    session.flush()


def _refuse_relied_on(session: Session, candidature: Candidature, item: Item, verdict: Verdict) -> None:
    if candidature.state not in {State.IN_REVIEW, State.DELIBERATION}:
        raise Conflict(f"La candidature est {STATES[candidature.state]} : ce verdict ne se reprend plus.")
    later = sa.select(Verdict.id).where(
        Verdict.item_id == item.id, Verdict.id > verdict.id, Verdict.undone_at.is_(None)
    )
    if session.scalar(later.limit(1)) is not None:
        raise Conflict("Un autre verdict a été rendu depuis : celui-ci ne se reprend plus.")
    moved_on = item.state not in _AFTER[verdict.finding] or item.round != _round_after(item, verdict)
    if moved_on or (verdict.grant_id is not None and item.grant_id != verdict.grant_id):
        raise Conflict(
            f"Cette preuve a suivi son cours depuis (elle est « {ITEM_STATES[item.state]} ») : "
            "ce verdict ne se reprend plus."
        )
    if verdict.verification_id is not None and _decided_on(session, verdict.verification_id):
        raise Conflict(
            "Une candidature a déjà été décidée en s'appuyant sur ce verdict : il ne se reprend plus."
        )


def _round_after(item: Item, verdict: Verdict) -> int:
    """The round that the verdict left the item in."""
    return verdict.round + (item.state in WITH_EDITOR)


def _decided_on(session: Session, verification_id: UUID) -> bool:
    """Whether a dossier that is no longer open stands on the finding."""
    decided = (
        sa.select(Candidature.id)
        .join(Grant, Grant.candidature_id == Candidature.id)
        .join(GrantSource, GrantSource.grant_id == Grant.id)
        .where(
            GrantSource.verification_id == verification_id,
            Grant.state.in_([GrantState.GRANTED, GrantState.CONFIRMED, GrantState.STANDS_IN]),
            Candidature.state.not_in(sorted(OPEN | {State.WITHDRAWN})),
        )
    )
    return session.scalar(decided.limit(1)) is not None


def _finding_before(session: Session, verdict: Verdict) -> UUID | None:
    """The finding that this verdict replaced: the last one that was not taken back."""
    return session.scalar(
        sa.select(Verdict.verification_id)
        .where(
            Verdict.item_id == verdict.item_id,
            Verdict.id < verdict.id,
            Verdict.undone_at.is_(None),
            Verdict.verification_id.is_not(None),
        )
        .order_by(Verdict.id.desc())
        .limit(1)
    )

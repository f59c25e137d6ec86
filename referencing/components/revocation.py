"""Taking back that a software embeds a component, with all that leaned on it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today, undone
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import record
from referencing.revocations import queries as revocations
from referencing.revocations.consequences import Effect, Noted, follow_or_enqueue, foresee, note_consequences
from referencing.revocations.impact import confirmed
from referencing.revocations.models import Revocation
from referencing.solutions.cores import lock_softwares
from referencing.solutions.queries import refuse_to_judge

from . import queries
from .states import EMBEDDING, EmbeddingAction, state_at


def revoke(
    session: Session, actor: Actor, embedding_id: UUID, reason: str, digest: str | None = None
) -> Sequence[Effect]:
    """Take an embedding back; answers the effects on each item that stood on what was verified on the component.

    Raises NotFound, Conflict when it was revoked already, and Unconfirmed when items lose by it and `digest` does not
    name these effects.
    """
    revocation, leaning = _take_back(session, actor, embedding_id, reason)
    return confirmed(session, actor, follow_or_enqueue(session, actor, revocation, leaning), digest)


def what_if_revoked(session: Session, actor: Actor, embedding_id: UUID, reason: str) -> Sequence[Effect]:
    """The effects that `revoke` would have, and its errors; nothing is changed."""
    with undone(session):
        revocation, leaning = _take_back(session, actor, embedding_id, reason)
        return foresee(session, actor, revocation, leaning)


def _take_back(session: Session, actor: Actor, embedding_id: UUID, reason: str) -> Noted:
    authorise(actor, Right.JUDGE_EMBEDDINGS)
    embedding = queries.embedding(session, actor, embedding_id)
    refuse_to_judge(session, actor, embedding.maker_id, embedding.software_id)
    (software,) = lock_softwares(session, [embedding.software_id])
    session.refresh(embedding)
    EMBEDDING.follow("Cet embarquement", state_at(embedding.revoked_on), EmbeddingAction.REVOKE, actor)
    leaning = revocations.leaning_on_embedding(session, embedding.id)
    embedding.revoked_on = today(session)
    revocation = Revocation(
        id=new_id(),
        embedding_id=embedding.id,
        reason=reason,
        revoked_at=now(session),
        revoked_by=actor.account_id,
    )
    note_consequences(session, revocation, leaning)
    detail = {"embedding": str(embedding.id), "component": embedding.component, "reason": reason}
    record(session, actor, "embedding.revoked", f"software:{embedding.software_id}", detail)
    enqueue(
        session, "resolve_software", core_id=str(software.core_id)
    )  # what was blocked by it, leaning on nothing
    return revocation, leaning

"""Taking back that two versions of a component are alike, with all that leaned on it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today, undone
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.revocations import queries as revocations
from referencing.revocations.consequences import Effect, Noted, follow_or_enqueue, foresee, note_consequences
from referencing.revocations.impact import confirmed
from referencing.revocations.models import Revocation
from referencing.solutions.queries import refuse_to_judge

from . import queries
from .asking import SUBJECT, record_step, tell_asker
from .states import REQUEST, RequestAction


def revoke(
    session: Session, actor: Actor, request_id: UUID, reason: str, digest: str | None = None
) -> Sequence[Effect]:
    """Make the two versions alike no longer; answers the effects on each item that rested on it.

    Raises NotFound, Conflict when it was revoked already, and Unconfirmed when items lose by it and `digest` does not
    name these effects.
    """
    revocation, leaning = _take_back(session, actor, request_id, reason)
    return confirmed(session, actor, follow_or_enqueue(session, actor, revocation, leaning), digest)


def what_if_revoked(session: Session, actor: Actor, request_id: UUID, reason: str) -> Sequence[Effect]:
    """The effects that `revoke` would have, and its errors; nothing is changed."""
    with undone(session):
        revocation, leaning = _take_back(session, actor, request_id, reason)
        return foresee(session, actor, revocation, leaning)


def _take_back(session: Session, actor: Actor, request_id: UUID, reason: str) -> Noted:
    authorise(actor, Right.JUDGE_ALIKE_VERSIONS)
    request = queries.request(session, actor, request_id, lock=True)
    refuse_to_judge(session, actor, request.software_id)
    REQUEST.follow(SUBJECT, request.state, RequestAction.REVOKE, actor)
    assert request.declaration is not None  # noqa: S101 - it is accepted
    leaning = revocations.leaning_on_alike(session, request.declaration.id)
    request.declaration.revoked_on = today(session)
    revocation = Revocation(
        id=new_id(),
        alike_id=request.declaration.id,
        reason=reason,
        revoked_at=now(session),
        revoked_by=actor.account_id,
    )
    note_consequences(session, revocation, leaning)
    record_step(session, actor, request, "revoked", reason=reason)
    tell_asker(session, request, f"avait été acceptée ; la déclaration est révoquée : {reason}")
    enqueue(
        session, "follow_alike_versions", declaration=str(request.id)
    )  # what waited, leaning on nothing yet
    return revocation, leaning

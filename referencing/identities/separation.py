"""Taking an identity of two softwares back: what each had by the other's facts falls, as by a revocation."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, undone
from referencing.base.errors import Conflict, NotFound
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.grants.models import GrantSource
from referencing.journal.operations import Author, record
from referencing.revocations import queries as revocations
from referencing.revocations.consequences import Effect, follow_or_enqueue, foresee, note_consequences
from referencing.revocations.impact import confirmed
from referencing.revocations.models import Revocation
from referencing.revocations.queries import Leaning
from referencing.solutions.cores import cores_without, lock_softwares, part
from referencing.solutions.models import Identity
from referencing.solutions.queries import refuse_to_judge

from .models import Declaration


def revoke_identity(
    session: Session, actor: Actor, identity_id: UUID, reason: str, digest: str | None = None
) -> Sequence[Effect]:
    """Make two softwares one core no longer; answers the effects on each item that stood on the other's facts.

    Raises NotFound, Conflict when it was withdrawn already, and Unconfirmed when items lose by it and `digest` does
    not name these effects.
    """
    _may_revoke(session, actor, identity_id)
    revocation, leaning = separate(session, actor, identity_id, reason)
    return confirmed(session, actor, follow_or_enqueue(session, actor, revocation, leaning), digest)


def what_if_revoked(session: Session, actor: Actor, identity_id: UUID, reason: str) -> Sequence[Effect]:
    """The effects that `revoke_identity` would have, and its errors; nothing is changed."""
    _may_revoke(session, actor, identity_id)
    with undone(session):
        revocation, leaning = separate(session, actor, identity_id, reason)
        return foresee(session, actor, revocation, leaning)


def separate(
    session: Session, author: Actor, identity_id: UUID, reason: str
) -> tuple[Revocation, Sequence[Leaning]]:
    """Part the cores, and note the items that leaned across, which the caller follows."""
    identity = _locked(session, identity_id)
    core_id = identity.first.core_id
    after = cores_without(session, identity)
    leaning = revocations.leaning_across(session, core_id, after)
    session.execute(
        sa.update(GrantSource)
        .where(GrantSource.id.in_(revocations.across(core_id, after)))
        .values(core_id=None)
        .execution_options(synchronize_session=False)
    )
    part(session, identity)
    session.execute(
        sa.update(Declaration)
        .where(Declaration.identity_id == identity.id)
        .values(ended_at=now(session))
        .execution_options(synchronize_session=False)
    )
    revocation = Revocation(
        id=new_id(),
        identity_id=identity.id,
        reason=reason,
        revoked_at=now(session),
        revoked_by=author.account_id,
    )
    note_consequences(session, revocation, leaning)
    _record_revocation(session, author, identity, reason)
    for core in sorted(set(after.values())):
        enqueue(session, "resolve_software", core_id=str(core))  # what waited for the other's proofs
    return revocation, leaning


def _may_revoke(session: Session, actor: Actor, identity_id: UUID) -> None:
    authorise(actor, Right.REVOKE)
    if (identity := session.get(Identity, identity_id)) is not None:
        refuse_to_judge(session, actor, identity.first_id, identity.second_id)


def _locked(session: Session, identity_id: UUID) -> Identity:
    identity = session.get(Identity, identity_id)
    if identity is None:
        raise NotFound("Cette identité de logiciels n'existe pas : vérifiez son identifiant.")
    lock_softwares(session, [identity.first_id, identity.second_id])
    session.refresh(identity)
    if identity.withdrawn_at is not None:
        raise Conflict("Cette identité de logiciels ne compte déjà plus : il n'y a rien à révoquer.")
    return identity


def _record_revocation(session: Session, author: Author, identity: Identity, reason: str) -> None:
    detail = {"identity": str(identity.id), "reason": reason}
    for software in (identity.first_id, identity.second_id):
        record(session, author, "identity.revoked", f"software:{software}", detail)

"""Reading who may supply a dossier, and by which names its items are known to its editor."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from referencing.accounts.models import Account, Permission
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Item

NO_PERMISSION = "Cette candidature n'a pas cette permission : vérifiez son identifiant."


def permissions(
    session: Session, actor: Actor, candidature_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Permission]:
    """The permissions that stand, in the order of granting."""
    dossier = candidatures.candidature(session, actor, candidature_id, Right.ALLOW_INTEGRATIONS)
    standing = (
        sa.select(Permission)
        .where(Permission.candidature_id == dossier.id, Permission.revoked_at.is_(None))
        .options(joinedload(Permission.account).joinedload(Account.organisation))
    )
    return session.scalars(after(standing, [Permission.id], cursor).limit(limit)).all()


def standing_permission(session: Session, candidature_id: UUID, account_id: UUID) -> Permission | None:
    """The permission that an account has for a candidature and that was not revoked."""
    return session.scalar(
        sa.select(Permission).where(
            Permission.candidature_id == candidature_id,
            Permission.account_id == account_id,
            Permission.revoked_at.is_(None),
        )
    )


def permission(session: Session, candidature_id: UUID, permission_id: UUID) -> Permission:
    """A permission of that dossier, revoked or not. Raises NotFound."""
    stored_permission = session.scalar(
        sa.select(Permission)
        .where(Permission.id == permission_id, Permission.candidature_id == candidature_id)
        .options(joinedload(Permission.account))
    )
    if stored_permission is None:
        raise NotFound(NO_PERMISSION)
    return stored_permission


def references(
    session: Session, actor: Actor, candidature_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Item]:
    """The items to which the editor gave a name of its own, in the order of the requirements."""
    dossier = candidatures.candidature(session, actor, candidature_id)
    named = _items(dossier.id).where(Item.external_reference.is_not(None))
    return session.scalars(after(named, [Item.position], cursor).limit(limit)).all()


def all_items(session: Session, candidature_id: UUID) -> Sequence[Item]:
    """The items of a candidature with their expected proofs, in order."""
    return session.scalars(_items(candidature_id).order_by(Item.position)).all()


def _items(candidature_id: UUID) -> sa.Select[Item]:
    return (
        sa.select(Item)
        .join(Item.expected_proof)
        .where(Item.candidature_id == candidature_id)
        .options(contains_eager(Item.expected_proof))
    )

"""Whom an identity speaks for, and who waits to be accepted, by who may accept them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account, Organisation
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise

from .models import ExternalIdentity, IdentityLink


def accounts_of(session: Session, issuer: str, subject: str) -> Sequence[Account]:
    """The open accounts of an identity, with their organisations, in the order in which they were opened."""
    return session.scalars(
        sa.select(Account)
        .join(IdentityLink, IdentityLink.account_id == Account.id)
        .join(IdentityLink.identity)
        .where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
        .where(Account.disabled_at.is_(None))
        .options(joinedload(Account.organisation))
        .order_by(Account.id)
    ).all()


def organisation_of(session: Session, siren: str | None) -> Organisation | None:
    return session.scalar(sa.select(Organisation).where(Organisation.siren == siren)) if siren else None


def newcomers(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[ExternalIdentity]:
    """Who waits for the actor to accept them, in the order in which they first came."""
    return session.scalars(after(_waiting(actor), [ExternalIdentity.id], cursor).limit(limit)).all()


def newcomer(session: Session, actor: Actor, newcomer_id: UUID, *, lock: bool = False) -> ExternalIdentity:
    """Somebody who waits for the actor. Raises NotFound."""
    select = _waiting(actor).where(ExternalIdentity.id == newcomer_id)
    waiting = session.scalar(select.with_for_update() if lock else select)
    if waiting is None:
        raise NotFound("Cette personne n'attend pas, ou plus : relisez la liste.")
    return waiting


def _waiting(actor: Actor) -> sa.Select[ExternalIdentity]:
    """A lead sees everybody, a mandataire those whom the issuer says to be of the organisation."""
    authorise(actor, Right.MANAGE_PEOPLE)
    waiting = sa.select(ExternalIdentity).where(ExternalIdentity.waiting)
    if actor.own_organisation is None:
        return waiting
    own = sa.select(Organisation.siren).where(Organisation.id == actor.own_organisation)
    return waiting.where(ExternalIdentity.siren == own.scalar_subquery())

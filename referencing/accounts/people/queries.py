"""The accounts and organisations that somebody manages: a lead all of them, a mandataire those of the organisation."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import HELD, Account, Organisation
from referencing.accounts.name_queries import has_words
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Function, Right, Role, authorise


def accounts(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    q: str | None = None,
    role: Role | None = None,
    organisation: UUID | None = None,
    closed: bool | None = None,
) -> Sequence[Account]:
    """The accounts that the actor manages, in the order of their opening."""
    wanted = _managed(actor)
    if q is not None:
        wanted = wanted.where(has_words(Account.name, q))
    if role is not None:
        wanted = wanted.where(Account.role == role)
    if organisation is not None:
        wanted = wanted.where(Account.organisation_id == organisation)
    if closed is not None:
        wanted = wanted.where(Account.disabled_at.is_not(None) if closed else Account.disabled_at.is_(None))
    return session.scalars(after(wanted, [Account.id], cursor).limit(limit)).all()


def account(session: Session, actor: Actor, account_id: UUID, *, lock: bool = False) -> Account:
    """One that the actor manages. Raises NotFound, also for one that others manage."""
    wanted = _managed(actor).where(Account.id == account_id)
    existing = session.scalar(wanted.with_for_update(**HELD) if lock else wanted)
    if existing is None:
        raise NotFound(
            "Ce compte n'existe pas, ou n'est pas de votre organisation : relisez la liste des comptes."
        )
    return existing


def colleagues(session: Session, actor: Actor, siren: str | None, most: int) -> Sequence[Account]:
    """Open accounts that the actor manages of the organisation of this SIREN; without one, of the agency."""
    wanted = _managed(actor).outerjoin(Account.organisation).where(Account.disabled_at.is_(None))
    place = Organisation.siren == siren if siren else Account.organisation_id.is_(None)
    return session.scalars(wanted.where(place).order_by(Account.name, Account.id).limit(most)).all()


def _managed(actor: Actor) -> sa.Select[Account]:
    authorise(actor, Right.MANAGE_PEOPLE)
    managed = sa.select(Account).options(joinedload(Account.organisation))
    own = actor.own_organisation
    return managed if own is None else managed.where(Account.organisation_id == own)


def organisations(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Organisation]:
    """The organisations that the actor manages, in the order in which they came."""
    wanted = _organisations(actor)
    return session.scalars(after(wanted, [Organisation.id], cursor).limit(limit)).all()


def organisation(
    session: Session, actor: Actor, organisation_id: UUID, *, lock: bool = False
) -> Organisation:
    """One that the actor manages. Raises NotFound."""
    wanted = _organisations(actor).where(Organisation.id == organisation_id)
    existing = session.scalar(wanted.with_for_update() if lock else wanted)
    if existing is None:
        raise NotFound("Cette organisation n'existe pas, ou n'est pas la vôtre.")
    return existing


def _organisations(actor: Actor) -> sa.Select[Organisation]:
    authorise(actor, Right.MANAGE_PEOPLE)
    own = actor.own_organisation
    every = sa.select(Organisation)
    return every if own is None else every.where(Organisation.id == own)


def mandataires(session: Session, organisation_id: UUID) -> Sequence[UUID]:
    """The accounts of an organisation that answer for it, locked: no two of them leave at once."""
    answering = sa.select(Account.id).where(
        Account.organisation_id == organisation_id,
        Account.function == Function.MANDATAIRE,
        Account.disabled_at.is_(None),
    )
    return session.scalars(answering.order_by(Account.id).with_for_update(**HELD)).all()

"""Reading accounts, and what the permissions of an integration open, for every feature that it may reach.

The table of dossiers is of a package above; of it, only the keys are named here.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from referencing.base.permissions import Actor, Role

from .models import Account, EmailAddress, Organisation, Permission

_candidature = sa.table("candidature", sa.column("id", sa.Uuid()), sa.column("software_id", sa.Uuid()))


def account(session: Session, actor: Actor) -> Account:
    """The actor's own, with its organisation."""
    return session.get_one(Account, actor.account_id, options=[joinedload(Account.organisation)])


def every_account(session: Session, *, closed: bool) -> Iterator[Account]:
    """All accounts by role, organisation and name, for who administers the machine; a thousand are held at a time."""
    wanted = sa.select(Account).outerjoin(Account.organisation).options(contains_eager(Account.organisation))
    if not closed:
        wanted = wanted.where(Account.disabled_at.is_(None))
    ordered = wanted.order_by(Account.role, Organisation.name, Account.name, Account.id)
    return iter(session.scalars(ordered.execution_options(yield_per=1000)))


def leads(session: Session) -> Sequence[UUID]:
    """The accounts of the leads that are open, by id."""
    open_leads = sa.select(Account.id).where(Account.role == Role.LEAD, Account.disabled_at.is_(None))
    return session.scalars(open_leads.order_by(Account.id)).all()


def email_address(session: Session, account_id: UUID) -> str | None:
    """Where a person wants their e-mail: for that person, and for what writes to them."""
    email = session.get(EmailAddress, account_id)
    return email.address if email else None


def integration(session: Session, account_id: UUID) -> Account | None:
    """The account of that id, when it is an integration's and open; with its organisation."""
    return session.scalar(
        sa.select(Account)
        .where(Account.id == account_id, Account.role == Role.INTEGRATION, Account.disabled_at.is_(None))
        .options(joinedload(Account.organisation))
    )


def permitted(actor: Actor) -> sa.Select[UUID]:
    """The candidatures on which an actor has a permission that stands."""
    return sa.select(Permission.candidature_id).where(
        Permission.account_id == actor.account_id, Permission.revoked_at.is_(None)
    )


def permitted_softwares(actor: Actor) -> sa.Select[UUID]:
    return sa.select(_candidature.c.software_id).where(_candidature.c.id.in_(permitted(actor)))

"""Organisations, and the accounts of people and machines."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.base.permissions import Function, Role


class Organisation(Timestamped, Base):
    __tablename__ = "organisation"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    siren: Mapped[str | None] = mapped_column(unique=True)


class Account(Timestamped, Base):
    """Somebody who may do something here, or a machine; an editor's person has a function in the organisation.

    From the one day to the end of the other, in Paris, they manage its people as a mandataire does, who delegated it.
    """

    __tablename__ = "account"
    __table_args__ = (
        sa.UniqueConstraint("name", "role", "organisation_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint(
            "(role IN ('editor', 'integration')) = (organisation_id IS NOT NULL)", name="organisation_of_role"
        ),
        sa.CheckConstraint("(role = 'editor') = (function IS NOT NULL)", name="function_of_role"),
        sa.CheckConstraint("erased_at IS NULL OR disabled_at IS NOT NULL", name="erased_is_closed"),
        sa.CheckConstraint(
            "num_nulls(delegated_from, delegated_until) IN (0, 2) AND delegated_from <= delegated_until",
            name="delegation",
        ),
        sa.Index("ix_account_organisation_id", "organisation_id", "id"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(values_of(Role, "role"))
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    function: Mapped[Function | None] = mapped_column(values_of(Function, "function"))
    delegated_from: Mapped[date | None]
    delegated_until: Mapped[date | None]
    disabled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()


#: How an account is locked: nothing of it changes meanwhile, and rows that name it are still written beside it
#: (FOR NO KEY UPDATE). What limits a person is checked under it.
HELD: dict[str, Any] = {"of": Account, "key_share": True}


class EmailAddress(Base):
    """Where a person wants their e-mail. Kept apart from the account, and shown to nobody else."""

    __tablename__ = "email_address"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    address: Mapped[str]
    set_at: Mapped[datetime]


class Permission(Timestamped, Base):
    """An integration may see and supply a candidature: an editor allowed it, and may revoke it at once."""

    __tablename__ = "permission"
    __table_args__ = (
        sa.Index(
            "uq_permission_standing",
            "account_id",
            "candidature_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index("ix_permission_candidature_id", "candidature_id", "id"),
    )

    id: Mapped[Id]
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))  # of a package above
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

"""Organisations, and the accounts whose keys speak for a person or a machine."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.base.permissions import Role


class Organisation(Timestamped, Base):
    __tablename__ = "organisation"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class Account(Timestamped, Base):
    """The key is kept as its SHA-256: it has 256 random bits, so a slow hash would protect nothing more."""

    __tablename__ = "account"
    __table_args__ = (
        sa.UniqueConstraint("name", "role", "organisation_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint(
            "(role IN ('editor', 'integration')) = (organisation_id IS NOT NULL)", name="organisation_of_role"
        ),
    )

    id: Mapped[Id]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(values_of(Role, "role"))
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    key_digest: Mapped[str] = mapped_column(unique=True)
    disabled_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()


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

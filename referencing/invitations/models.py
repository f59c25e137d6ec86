"""Invitations: who is asked by e-mail to take an account, and what became of it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.base.permissions import Function, Role
from referencing.mail.models import Outcome


class Invitation(Timestamped, Base):
    """Whoever has the link that is sent to `address` may take an account of this role, until `expires_at`, once.

    The link's token is made as the letter goes and kept as its SHA-256: until then, `token_digest` is NULL. `sendings`
    counts the letters that were asked for, the last one at `asked_at`, and `attempts` the failed ones of the last one.
    `organisation_id` is NULL for the agency; `account_id` is the account that was taken.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("(accepted_at IS NULL) = (account_id IS NULL)", name="accepted_with_account"),
        sa.CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="accepted_or_revoked"),
        sa.Index("ix_invitation_organisation_id", "organisation_id", "id"),
        sa.Index("ix_invitation_expires_at", "expires_at"),
        sa.Index(
            "uq_invitation_pending",
            "organisation_id",
            "address",
            unique=True,
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    address: Mapped[str]
    role: Mapped[Role] = mapped_column(values_of(Role, "role"))
    function: Mapped[Function | None] = mapped_column(values_of(Function, "function"))
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    invited_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    token_digest: Mapped[str | None] = mapped_column(unique=True)
    sendings: Mapped[int]
    asked_at: Mapped[datetime]
    attempts: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(values_of(Outcome, "outcome"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
    inviter: Mapped[Account] = relationship(foreign_keys=[invited_by])

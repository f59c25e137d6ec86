"""People and machines that an issuer names, and the accounts that they were given."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id


class ExternalIdentity(Base):
    """Somebody whom an issuer knows by `subject`; the rest is what it said when they last came.

    `waiting` until somebody who manages people accepted or refused them, or the issuer's claims gave them an account.
    """

    __tablename__ = "external_identity"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "subject"),
        sa.Index("ix_external_identity_waiting", "siren", "id", postgresql_where=sa.text("waiting")),
        sa.Index("ix_external_identity_unlinked", "seen_at", postgresql_where=sa.text("NOT linked")),
    )

    id: Mapped[Id]
    issuer: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    siren: Mapped[str | None]
    machine: Mapped[bool]
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    waiting: Mapped[bool]
    linked: Mapped[bool]
    refusal: Mapped[str | None]


class IdentityLink(Base):
    """An account that an identity speaks for; a person who works for several organisations has several."""

    __tablename__ = "identity_link"
    __table_args__ = (sa.Index("ix_identity_link_account_id", "account_id"),)

    identity_id: Mapped[UUID] = mapped_column(sa.ForeignKey("external_identity.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    linked_at: Mapped[datetime]

    identity: Mapped[ExternalIdentity] = relationship()
    account: Mapped[Account] = relationship()

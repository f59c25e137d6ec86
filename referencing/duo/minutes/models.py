"""The minutes of a session once somebody has signed them, and what each side said of them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, values_of
from referencing.duo.sessions.models import Side


class Minutes(Base):
    """The bytes that were signed, fixed by the first signature, and their SHA-256."""

    __tablename__ = "duo_minutes"

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"), primary_key=True)
    document: Mapped[bytes]
    sha256: Mapped[str]
    fixed_at: Mapped[datetime]


class Decision(StrEnum):
    SIGNED = "signed"
    REFUSED = "refused"


class Signature(Base):
    """What a person said of the minutes with that SHA-256, for their side. Who refused may sign later."""

    __tablename__ = "duo_signature"
    __table_args__ = (
        sa.CheckConstraint("decision = 'signed' OR reserves <> ''", name="refusal_says_why"),
        sa.Index(
            "uq_duo_signature_signed",
            "session_id",
            "side",
            unique=True,
            postgresql_where=sa.text("decision = 'signed'"),
        ),
        sa.Index("ix_duo_signature_session_id", "session_id", "id"),
        sa.Index("ix_duo_signature_account_id", "account_id", "id"),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("duo_session.id"))
    side: Mapped[Side] = mapped_column(values_of(Side, "side"))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    sha256: Mapped[str]
    decision: Mapped[Decision] = mapped_column(values_of(Decision, "decision"))
    reserves: Mapped[str]
    signed_at: Mapped[datetime]

    account: Mapped[Account] = relationship()

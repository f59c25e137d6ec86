"""Sessions of browsers: who came in, and until when the cookie that they carry speaks for them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id


class BrowserSession(Base):
    """A sign-in. The cookie's token is kept as its SHA-256: it has 256 random bits.

    The session speaks for its account until `ends_at`, whatever happens, and no longer once nobody came for a while
    after `seen_at`, nor once the key that it began with, `key_id`, serves no more. `agent` is what the browser said of
    itself, so that its person recognises it in the list.
    `issuer` and `subject` say who signed in elsewhere, and `id_token` is what ends that session there as well.
    `authenticated_at` is when the person proved who they are; None where their issuer does not say.
    """

    __tablename__ = "browser_session"
    __table_args__ = (
        sa.Index("ix_browser_session_account_id", "account_id", "id"),
        sa.Index("ix_browser_session_ends_at", "ends_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    token_digest: Mapped[str] = mapped_column(unique=True)
    agent: Mapped[str]
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account_key.id"))  # of a room above
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    id_token: Mapped[str | None]
    authenticated_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

"""Which sessions stand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account
from referencing.base.db import after, now

from .elsewhere import SignedInElsewhere
from .models import BrowserSession

#: A table of a room above, of which what a session stands on is named here.
_key = sa.table(
    "account_key",
    sa.column("id", sa.Uuid()),
    sa.column("revoked_at", sa.DateTime(timezone=True)),
    sa.column("expires_at", sa.DateTime(timezone=True)),
)
#: How long a session stands without anybody using it: as long as a verifier holds a task.
IDLE = timedelta(hours=4)


def standing_at(moment: datetime) -> sa.ColumnElement[bool]:
    """Whether a session speaks for its account at that moment; one that began with a key does as long as the key."""
    unexpired = _key.c.expires_at.is_(None) | (_key.c.expires_at > moment)
    serving = sa.exists().where(_key.c.id == BrowserSession.key_id, _key.c.revoked_at.is_(None), unexpired)
    return (
        (BrowserSession.ends_at > moment)
        & (BrowserSession.seen_at > moment - IDLE)
        & (BrowserSession.key_id.is_(None) | serving)
    )


def standing(session: Session, token_digest: str) -> BrowserSession | None:
    """The session of a token that stands, with its account, when the account is open."""
    return session.scalar(
        sa.select(BrowserSession)
        .join(BrowserSession.account)
        .where(BrowserSession.token_digest == token_digest, standing_at(now(session)))
        .where(Account.disabled_at.is_(None))
        .options(joinedload(BrowserSession.account))
    )


def elsewhere(session: Session, browser: UUID) -> SignedInElsewhere | None:
    """With what the person of a session came from an issuer; None for who came with a key, or is out by now."""
    opened = session.get(BrowserSession, browser)
    if opened is None or opened.issuer is None or opened.subject is None or opened.id_token is None:
        return None
    return SignedInElsewhere(opened.issuer, opened.subject, opened.id_token, opened.authenticated_at)


def authenticated_at(session: Session, browser: UUID) -> datetime | None:
    """When the person of a session proved who they are; None where their issuer does not say."""
    return session.scalar(sa.select(BrowserSession.authenticated_at).where(BrowserSession.id == browser))


def sessions_of(
    session: Session, account_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[BrowserSession]:
    """The sessions of an account that stand, in the order of their sign-ins."""
    own = sa.select(BrowserSession).where(BrowserSession.account_id == account_id, standing_at(now(session)))
    return session.scalars(after(own, [BrowserSession.id], cursor).limit(limit)).all()

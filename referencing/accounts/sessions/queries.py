"""Which sessions stand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account
from referencing.base.db import after, now
from referencing.base.permissions import Actor

from .elsewhere import SignedInElsewhere
from .models import BrowserSession

#: How long a session stands without anybody using it: as long as a verifier holds a task.
IDLE = timedelta(hours=4)


def standing_at(moment: datetime) -> sa.ColumnElement[bool]:
    """Whether a session speaks for its account at that moment."""
    return (BrowserSession.ends_at > moment) & (BrowserSession.seen_at > moment - IDLE)


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
    """With what the person of a session came from an issuer; None for who came with a key."""
    opened = session.get_one(BrowserSession, browser)
    if opened.issuer is None or opened.subject is None or opened.id_token is None:
        return None
    return SignedInElsewhere(opened.issuer, opened.subject, opened.id_token)


def own_sessions(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[BrowserSession]:
    """The actor's sessions that stand, in the order of their sign-ins."""
    own = sa.select(BrowserSession).where(
        BrowserSession.account_id == actor.account_id, standing_at(now(session))
    )
    return session.scalars(after(own, [BrowserSession.id], cursor).limit(limit)).all()

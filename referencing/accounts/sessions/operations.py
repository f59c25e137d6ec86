"""Opening a browser's session, using it, ending it."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Forbidden, NotFound
from referencing.base.permissions import Actor
from referencing.journal.operations import Author, record

from . import queries
from .elsewhere import SignedInElsewhere
from .models import BrowserSession

#: After so long a person signs in again, whatever they did meanwhile.
LONGEST = timedelta(hours=12)
#: How old `seen_at` may get before it is written again: reading a page then writes nothing.
_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_AGENT = 300

_NARROW = (
    "La clé que vous utilisez ouvre moins que ce que vous changez ou terminez : prenez une clé sans portée, ou la "
    "console."
)
NO_SESSION = "Cette session n'existe pas ou est déjà terminée : relisez la liste."


def open_session(
    session: Session, actor: Actor, agent: str, elsewhere: SignedInElsewhere | None = None
) -> str:
    """Open a session for the actor; answer the token that its cookie carries, which is never kept."""
    token, moment = secrets.token_urlsafe(32), now(session)
    session.add(
        BrowserSession(
            id=new_id(),
            account_id=actor.account_id,
            token_digest=digest(token),
            agent=agent[:_LONGEST_AGENT],
            key_id=actor.key_id,
            opened_at=moment,
            seen_at=moment,
            ends_at=moment + LONGEST,
            issuer=elsewhere and elsewhere.issuer,
            subject=elsewhere and elsewhere.subject,
            id_token=elsewhere and elsewhere.id_token,
            authenticated_at=_proved_at(moment, elsewhere),
        )
    )
    session.flush()
    record(session, actor, "session.opened", f"account:{actor.account_id}", {})
    return token


def _proved_at(moment: datetime, elsewhere: SignedInElsewhere | None) -> datetime | None:
    """When who comes at a moment proved who they are: with a key just now, at an issuer when it says, if it does."""
    if elsewhere is None:
        return moment
    return elsewhere.authenticated_at and min(elsewhere.authenticated_at, moment)


def use_session(session: Session, token: str) -> BrowserSession | None:
    """The session of a token, which then stands for longer; None once it has ended."""
    browser, moment = queries.standing(session, digest(token)), now(session)
    if browser is not None and moment - browser.seen_at > _SEEN_EVERY:
        session.execute(  # of no row, when it is ended meanwhile
            sa.update(BrowserSession).where(BrowserSession.id == browser.id).values(seen_at=moment)
        )
    return browser


def end_session(session: Session, actor: Actor, session_id: UUID) -> SignedInElsewhere | None:
    """End one of the actor's own sessions at once; answer where else its person is signed in.

    Raises NotFound, Forbidden as `refuse_narrow` says.
    """
    refuse_narrow(actor, actor.account_id)
    return end_session_of(session, actor, actor.account_id, session_id)


def refuse_narrow(actor: Actor, account_id: UUID, rights: Collection[str] | None = None) -> None:
    """Raises Forbidden for a key that touches what opens more of its own account: these rights, or all of them.

    Whoever stole it would shut out whose it is.
    """
    if (
        account_id == actor.account_id
        and actor.scope is not None
        and (rights is None or not actor.scope.issuperset(rights))
    ):
        raise Forbidden(_NARROW)


def end_session_of(
    session: Session, author: Author, account_id: UUID, session_id: UUID
) -> SignedInElsewhere | None:
    """End a session of an account, for its person or who manages it. Raises NotFound."""
    this = (BrowserSession.id == session_id) & (BrowserSession.account_id == account_id)
    carried = (BrowserSession.issuer, BrowserSession.subject, BrowserSession.id_token)
    ended = session.execute(sa.delete(BrowserSession).where(this).returning(*carried)).one_or_none()
    if ended is None:
        raise NotFound(NO_SESSION)
    record(session, author, "session.ended", f"account:{account_id}", {})
    return SignedInElsewhere(ended.issuer, ended.subject, ended.id_token) if ended.issuer else None


def end_own_sessions(session: Session, actor: Actor, but: UUID | None = None) -> None:
    """End all sessions of the actor at once, `but` the one from which they ask, where it is said.

    Raises Forbidden as `refuse_narrow` says.
    """
    refuse_narrow(actor, actor.account_id)
    own = sa.delete(BrowserSession).where(
        BrowserSession.account_id == actor.account_id, BrowserSession.id.is_distinct_from(but)
    )
    ended = session.scalars(own.returning(BrowserSession.id)).all()
    if ended:
        record(session, actor, "session.ended", f"account:{actor.account_id}", {"sessions": len(ended)})


def end_sessions_of(session: Session, account_id: UUID) -> None:
    """End all sessions of an account: its key was renewed, or it was closed."""
    session.execute(sa.delete(BrowserSession).where(BrowserSession.account_id == account_id))


def end_sessions_by(session: Session, account_id: UUID, key_id: UUID) -> None:
    """End the sessions that began with a key of an account: it is revoked."""
    by_key = (BrowserSession.account_id == account_id) & (BrowserSession.key_id == key_id)
    session.execute(sa.delete(BrowserSession).where(by_key))


def forget_sessions(session: Session) -> None:
    """Remove the sessions that stand no longer, which nobody is told of any more."""
    session.execute(sa.delete(BrowserSession).where(~queries.standing_at(now(session))))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

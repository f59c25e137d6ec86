"""Making keys, naming them, taking them back, and noting that they are used. Who may is asked by who calls these."""

import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from referencing.accounts.models import Account
from referencing.accounts.sessions.operations import digest, end_sessions_by, end_sessions_of
from referencing.base.db import end_of, new_id, now
from referencing.base.errors import Conflict, invalid_field
from referencing.base.permissions import Right
from referencing.journal.operations import Author, record

from . import queries
from .models import AccountKey

PREFIX = "ref_"
#: Keys that serve at once for one account: more are forgotten somewhere.
MOST_KEYS = 20
#: How old `last_used_at` may get before it is written again: reading then writes nothing.
_USED_EVERY = timedelta(minutes=1)


def add_key(
    session: Session,
    author: Author,
    account_id: UUID,
    name: str,
    *,
    last_day: date | None = None,
    rights: Collection[Right] | None = None,
) -> tuple[AccountKey, str]:
    """A new key of an account, and its words, which are shown this once and never kept.

    It serves to the end of `last_day`, for `rights` only where they are given. Raises Conflict beyond MOST_KEYS, and
    Invalid for a day that has passed.
    """
    if queries.number_serving(session, account_id) >= MOST_KEYS:
        raise Conflict(
            f"Ce compte a déjà {MOST_KEYS} clés qui servent : révoquez d'abord celle qui ne sert plus."
        )
    expires_at = end_of(last_day) if last_day else None
    if expires_at is not None and expires_at <= now(session):
        raise invalid_field("last_day", "Ce jour est passé : donnez le dernier jour où la clé doit servir.")
    words = PREFIX + secrets.token_urlsafe(32)
    key = AccountKey(
        id=new_id(),
        account_id=account_id,
        name=name,
        key_digest=digest(words),
        rights=sorted(right.value for right in rights) if rights is not None else None,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    record(session, author, "account.key_added", f"account:{account_id}", {"key": str(key.id)})
    return key, words


def rename_key(session: Session, author: Author, key: AccountKey, name: str) -> None:
    key.name = name
    record(session, author, "account.key_renamed", f"account:{key.account_id}", {"key": str(key.id)})


def revoke_key(session: Session, author: Author, key: AccountKey) -> None:
    """From now on it serves nothing, and the browsers that came in with it are signed out."""
    if key.revoked_at is None:
        key.revoked_at = now(session)
        end_sessions_by(session, key.account_id, key.id)
        record(session, author, "account.key_revoked", f"account:{key.account_id}", {"key": str(key.id)})


def revoke_keys_of(session: Session, account_id: UUID) -> None:
    """All keys of an account, and its browsers: it is closed, or its key renewed."""
    session.execute(
        sa.update(AccountKey)
        .where(AccountKey.account_id == account_id, AccountKey.revoked_at.is_(None))
        .values(revoked_at=now(session))
    )
    end_sessions_of(session, account_id)


def use_key(session: Session, words: str, place: str | None) -> AccountKey | None:
    """The key of these words, with its account, when it serves and the account is open; one statement.

    It notes when and from where the key is used, once a minute; who finds it being noted waits for nobody.
    """
    moment = now(session)
    asked = {"digest": digest(words), "moment": moment, "noted_at": moment - _USED_EVERY, "place": place}
    return session.scalar(_key_used(), asked)


# Made once: every request asks it, and building it takes longer than PostgreSQL needs to answer it.
@cache
def _key_used() -> sa.Select[AccountKey]:
    moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=AccountKey.last_used_at.type)
    this = sa.and_(AccountKey.key_digest == sa.bindparam("digest"), queries.serving(moment))
    unnoted = AccountKey.last_used_at.is_(None) | (AccountKey.last_used_at < sa.bindparam("noted_at"))
    free = sa.select(AccountKey.id).where(this, unnoted).with_for_update(skip_locked=True)
    noted = (
        sa.update(AccountKey)
        .where(AccountKey.id.in_(free))
        .values(last_used_at=moment, last_used_from=sa.bindparam("place"))
        .returning(AccountKey.id)
        .cte("noted")
    )
    return (
        sa.select(AccountKey)
        .join(AccountKey.account)
        .where(this, Account.disabled_at.is_(None))
        .options(contains_eager(AccountKey.account))
        .add_cte(noted)
    )

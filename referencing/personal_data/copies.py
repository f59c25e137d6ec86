"""A copy of what the table of kinds holds about a person, for themselves or, on their request, handed over by a lead.

Nothing of others is in it: rows that are the person's, and of these what they wrote or what tells of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.people import queries
from referencing.base import db
from referencing.base.errors import Forbidden
from referencing.base.permissions import Actor, Right, authorise
from referencing.config import Kept
from referencing.journal.operations import record

from .fates import Kind
from .kinds import OF_ACCOUNTS

#: Rows that are read at a time, each time in a transaction of its own: memory does not grow with what is held.
_PAGE = 500
_NARROW = (
    "Cette clé n'ouvre pas tout ce que votre compte peut : demandez la copie avec une clé sans portée, ou "
    "depuis la console."
)


def ask_for_copy(session: Session, actor: Actor, account_id: UUID) -> Account:
    """Whose copy the actor may have: their own, or a lead anybody's, of which the record tells.

    Raises Forbidden, also for a key that is for less than its account may do, and NotFound.
    """
    if actor.scope is not None:
        raise Forbidden(_NARROW)
    if account_id == actor.account_id:
        return session.get_one(Account, account_id)
    authorise(actor, Right.ERASE_PEOPLE)
    account = queries.account(session, actor, account_id)
    record(session, actor, "account.copied", f"account:{account.id}", {})
    return account


def copied(sessions: db.Sessions, account_id: UUID, kept: Kept) -> Iterator[bytes]:
    """The copy as JSON (`personal-data/1`), in pieces; each kind with its columns as people name them, and its rows."""
    with db.transaction(sessions) as session:
        moment = db.now(session)
    head = {"format": "personal-data/1", "account": account_id, "made_at": moment}
    yield orjson.dumps(head, option=orjson.OPT_UTC_Z)[:-1] + b',"kinds":['
    for number, kind in enumerate(OF_ACCOUNTS):
        about = {
            "kind": kind.name,
            "label": kind.label,
            "kept": kind.kept.format(**kept.days),
            "why": kind.why,
            "columns": {column.key: label for column, label in kind.shown.items()},
        }
        yield (b"," if number else b"") + orjson.dumps(about)[:-1] + b',"rows":['
        yield from _separated(_rows(sessions, kind, account_id))
        yield b"]}"
    yield b"]}\n"


def _separated(rows: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        yield (b",\n" if number else b"\n") + orjson.dumps(row, option=orjson.OPT_UTC_Z, default=str)


def _rows(sessions: db.Sessions, kind: Kind, account_id: UUID) -> Iterator[Mapping[str, Any]]:
    keys = sa.inspect(kind.table).primary_key
    last = None
    while True:
        with db.transaction(sessions) as session:
            rows = session.execute(db.after(_select(kind, account_id), keys, last).limit(_PAGE)).all()
        for row in rows:
            yield {column.key: value for column, value in zip(kind.shown, row, strict=False)}
        if len(rows) < _PAGE:
            return
        last = rows[-1][len(kind.shown) :]


def _select(kind: Kind, account_id: UUID) -> sa.Select[Any]:
    """What is shown of a kind's rows, then their keys."""
    return sa.select(*kind.shown, *sa.inspect(kind.table).primary_key).where(kind.rows_of(account_id))

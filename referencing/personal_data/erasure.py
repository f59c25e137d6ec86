"""Erasing a person: what tells who they are goes, what they did stays under a name that takes the place of theirs.

The account, its keys and browsers, its address and its issuers' claims go at once. Letters and what else may be much
goes by jobs, some rows at a time, each in its own transaction: a job that is cut goes on where it was.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts import operations as accounts
from referencing.accounts.models import Account
from referencing.accounts.openid.operations import unlink
from referencing.accounts.people import queries
from referencing.accounts.people.operations import keep_mandataire
from referencing.accounts.people.states import ACCOUNT, AccountAction, state_of
from referencing.base.db import any_of, now
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.config import Kept
from referencing.journal.operations import SYSTEM, Author, record
from referencing.upkeep.forgetting import let_go

from .fates import Fate, Kind
from .kinds import OF_ACCOUNTS
from .models import Erasure

#: Rows of one kind that go at a time, and how many an answer counts before it says that there are more.
AT_ONCE, MOST_COUNTED = 500, 1_000
#: What takes the place of a name.
ERASED = "Personne effacée n° {number}"
_AGAIN = "Effacement refait : la sauvegarde restaurée est d'avant lui."
_OWN = "On n'efface pas son propre compte : demandez-le à un autre responsable."
_MACHINE = "Ce compte est celui d'un programme : fermez-le, il n'y a personne à effacer."
#: What goes by its rows; the account itself is given its new name by who erases it.
_GOING = {kind.name: kind for kind in OF_ACCOUNTS if kind.fate is Fate.DELETED or kind.blanked}


@dataclass(frozen=True, slots=True)
class Part:
    """What an erasure would do with a kind of rows, which are kept as long as `kept_for` says, in French.

    `rows` are counted up to `MOST_COUNTED`, and None of what stays.
    """

    kind: Kind
    kept_for: str
    rows: int | None


def foresee_erasure(session: Session, actor: Actor, account_id: UUID, kept: Kept) -> Sequence[Part]:
    """What erasing somebody would do, kind by kind, of who is erased already what still waits for a job.

    Raises as `erase_person` does otherwise.
    """
    account = _erasable(session, actor, account_id)
    return parts_of(session, account.id, kept)


def parts_of(session: Session, account_id: UUID, kept: Kept) -> Sequence[Part]:
    """What erasing an account would do, kind by kind, for who may ask."""
    return [
        Part(kind, kind.kept.format(**kept.days), _count(session, kind, account_id)) for kind in OF_ACCOUNTS
    ]


def erase_person(session: Session, actor: Actor, account_id: UUID, reason: str) -> Account:
    """Erase somebody, who can come in no more from now on. It cannot be undone.

    Raises NotFound, Conflict for oneself, a machine, who is erased already and who alone answers for an organisation.
    """
    return _erase(session, actor, _erasable(session, actor, account_id, lock=True), reason)


def erase_account(session: Session, author: Author, account: Account, reason: str) -> Account:
    """Erase the person of an account. Raises Conflict as `erase_person` does, but for oneself."""
    _refuse_unerasable(session, account)
    return _erase(session, author, account, reason)


def erase_again(session: Session, account_ids: Collection[UUID]) -> list[UUID]:
    """Erase those of the accounts that a restored database has in their persons' names; answers which."""
    named = sa.select(Account).where(any_of(Account.id, [*account_ids]), Account.erased_at.is_(None))
    return [
        _erase(session, SYSTEM, account, _AGAIN).id
        for account in session.scalars(named.order_by(Account.id)).all()
    ]


def _erase(session: Session, author: Author, account: Account, reason: str) -> Account:
    ACCOUNT.follow(f"Le compte « {account.name} »", state_of(account), AccountAction.ERASE)
    accounts.close_account(session, author, account)
    moment = now(session)
    said = Erasure(account_id=account.id, erased_by=author.account_id, reason=reason, erased_at=moment)
    session.add(said)
    session.flush()
    account.name, account.erased_at = ERASED.format(number=said.number), moment
    account.delegated_from = account.delegated_until = None
    unlink(session, account.id)
    for kind in _GOING:
        erase_rows(session, kind, str(account.id))
    detail = {"number": said.number, "reason": reason}
    record(session, author, "account.erased", f"account:{account.id}", detail)
    return account


def erase_rows(session: Session, kind: str, account_id: str) -> None:
    """Let go what is there of a kind, at most `AT_ONCE` rows of it, and the rest by another job."""
    going = _GOING[kind]
    keys = sa.select(*sa.inspect(going.table).primary_key).where(_rows(going, UUID(account_id)))
    if let_go(session, going.table, keys.limit(AT_ONCE), going.blanked) >= AT_ONCE:
        enqueue(session, erase_rows.__name__, kind=kind, account_id=account_id)


def _rows(kind: Kind, account_id: UUID) -> sa.ColumnElement[bool]:
    """The rows of a kind that still tell of the person."""
    going = kind.rows_of(account_id)
    if kind.spared is not None:
        going &= ~kind.spared
    telling = [column.is_distinct_from(value) for column, value in kind.blanked.items()]
    return going & sa.or_(*telling) if telling else going


def _count(session: Session, kind: Kind, account_id: UUID) -> int | None:
    if kind.fate is Fate.KEPT:
        return None
    rows = sa.select(sa.literal(1)).select_from(kind.table).where(_rows(kind, account_id))
    counted = rows.limit(MOST_COUNTED).subquery()
    return session.scalars(sa.select(sa.func.count()).select_from(counted)).one()


def _erasable(session: Session, actor: Actor, account_id: UUID, *, lock: bool = False) -> Account:
    """One whom the actor may erase, or has. Raises Forbidden, NotFound, Conflict as `foresee_erasure` does."""
    authorise(actor, Right.ERASE_PEOPLE)
    account = queries.account(session, actor, account_id, lock=lock)
    if account.id == actor.account_id:
        raise Conflict(_OWN)
    _refuse_unerasable(session, account)
    return account


def _refuse_unerasable(session: Session, account: Account) -> None:
    """Raises Conflict for a machine, and who alone answers for an organisation."""
    if account.role is Role.INTEGRATION:
        raise Conflict(_MACHINE)
    if account.disabled_at is None:
        keep_mandataire(session, account)

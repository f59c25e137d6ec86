"""What may be done with an account, by who manages it. Pure."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Actor, Function, Right, Role, may


class AccountState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    ERASED = "erased"


class AccountAction(StrEnum):
    ADD_KEY = "add_key"
    CHANGE_FUNCTION = "change_function"
    CLOSE = "close"
    DELEGATE = "delegate"
    ERASE = "erase"
    END_DELEGATION = "end_delegation"


_RIGHTS = {**dict.fromkeys(AccountAction, Right.MANAGE_PEOPLE), AccountAction.DELEGATE: Right.DELEGATE}
_RIGHTS[AccountAction.END_DELEGATION] = Right.DELEGATE
_RIGHTS[AccountAction.ERASE] = Right.ERASE_PEOPLE

ACCOUNT = Lifecycle(
    {
        **{(AccountState.OPEN, action): AccountState.OPEN for action in AccountAction},
        (AccountState.OPEN, AccountAction.CLOSE): AccountState.CLOSED,
        (AccountState.OPEN, AccountAction.ERASE): AccountState.ERASED,
        (AccountState.CLOSED, AccountAction.ERASE): AccountState.ERASED,
    },
    {AccountState.OPEN: "ouvert", AccountState.CLOSED: "fermé", AccountState.ERASED: "effacé"},
    {
        AccountAction.ADD_KEY: "lui faire une clé",
        AccountAction.CHANGE_FUNCTION: "changer sa fonction",
        AccountAction.CLOSE: "fermer",
        AccountAction.DELEGATE: "lui déléguer",
        AccountAction.END_DELEGATION: "terminer sa délégation",
        AccountAction.ERASE: "effacer la personne",
    },
    _RIGHTS,
)


def beyond_delegation(actor: Actor, *functions: Function | None) -> bool:
    """Whether who manages by delegation would act on a mandataire, or make one: that would outlast it."""
    return actor.delegated and Function.MANDATAIRE in functions


def beyond_key(actor: Actor, role: Role, function: Function | None) -> bool:
    """Whether who signs in to an account of this post may do what the key that the actor came with does not open."""
    if actor.scope is None:
        return False
    post = replace(actor, role=role, function=function, delegated=False, scope=None)
    return any(may(post, right) for right in Right if right not in actor.scope)


class _Dated(Protocol):
    @property
    def disabled_at(self) -> datetime | None: ...
    @property
    def erased_at(self) -> datetime | None: ...


def state_of(account: _Dated) -> AccountState:
    if account.erased_at is not None:
        return AccountState.ERASED
    return AccountState.OPEN if account.disabled_at is None else AccountState.CLOSED

"""Accounts and organisations as those who manage them see them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.accounts.keys.schemas import ShownOnceOut
from referencing.accounts.siren import is_siren
from referencing.base.permissions import Actor, Function, Role
from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.web.pages import PageArguments

from .states import ACCOUNT, AccountAction, beyond_delegation, state_of


class OrganisationOut(Schema):
    id = fields.UUID()
    name = fields.String()
    siren = fields.String(allow_none=True)


class SirenIn(Schema):
    siren = fields.String(required=True)

    @ma.post_load
    def _checked(self, words: dict[str, Any], **_: Any) -> dict[str, Any]:
        siren = "".join(words["siren"].split())
        if not is_siren(siren):
            raise ma.ValidationError(
                "Ce n'est pas un SIREN : donnez ses neuf chiffres, dont le dernier est une clé.", "siren"
            )
        return {"siren": siren}


def _hindered(account: Any, reader: Actor, action: AccountAction) -> bool:
    """Whether what an account is, or whose it is, keeps its reader from an action."""
    if beyond_delegation(reader, account.function):
        return True
    is_own, of_editor = account.id == reader.account_id, account.role is Role.EDITOR
    hindrances: dict[AccountAction, bool] = {
        AccountAction.CHANGE_FUNCTION: not of_editor or (is_own and reader.delegated),
        AccountAction.CLOSE: is_own,
        AccountAction.DELEGATE: not of_editor or account.function is Function.MANDATAIRE,
        AccountAction.END_DELEGATION: account.delegated_until is None,
        AccountAction.ERASE: is_own or account.role is Role.INTEGRATION,
    }
    return hindrances.get(action, False)


class AccountOut(Schema):
    id = fields.UUID()
    name = fields.String()
    role = one_of(Role)
    function = one_of(Function, allow_none=True, metadata={"description": "of an editor's person; else null"})
    organisation = fields.Nested(
        OrganisationOut, allow_none=True, metadata={"description": "null for the agency"}
    )
    delegated_from = fields.Date(
        allow_none=True, metadata={"description": "the first day on which they manage people by delegation"}
    )
    delegated_until = fields.Date(allow_none=True, metadata={"description": "the last one"})
    created_at = time()
    closed_at = time(attribute="disabled_at", allow_none=True)
    erased_at = time(
        allow_none=True, metadata={"description": "since when a number stands for the person's name"}
    )
    actions = possible_actions(
        ACCOUNT,
        "/accounts/{account}",
        {
            "add_key": "POST /keys",
            "change_function": "PUT /function",
            "close": "POST /closing",
            "delegate": "PUT /delegation",
            "end_delegation": "DELETE /delegation",
            "erase": "POST /erasure",
        },
        state_of,
        hindered=_hindered,
    )


class PostIn(Schema):
    """What somebody is given to do, and where."""

    role = one_of(Role, required=True)
    function = one_of(Function, load_default=None, metadata={"description": "of an editor's person"})
    organisation = text(
        200,
        required=False,
        load_default=None,
        metadata={
            "description": "its name, for an editor or an integration; a mandataire's own where none is said"
        },
    )


class AccountIn(PostIn):
    name = text(200)


class NewAccountOut(AccountOut, ShownOnceOut):
    """With the first key of the account."""


class FunctionIn(Schema):
    function = one_of(Function, required=True)
    reason = text(1000, required=False, load_default=None)


class DelegationIn(Schema):
    starts_on = Day(load_default=None, metadata={"description": "in Paris; today where it is not said"})
    ends_on = Day(required=True, metadata={"description": "the last day, to its end"})


class AccountsArguments(PageArguments):
    q = text(200, required=False, load_default=None, metadata={"description": "within the name"})
    role = one_of(Role, load_default=None)
    organisation = fields.UUID(load_default=None)
    closed = fields.Boolean(
        load_default=None, metadata={"description": "only those that are closed, or are not"}
    )

"""Managing people and their keys: a lead everybody's, a mandataire those of the organisation, each person their own."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referencing.accounts import operations as accounts
from referencing.accounts.keys import operations as keys
from referencing.accounts.keys.models import AccountKey
from referencing.accounts.keys.queries import key as key_of
from referencing.accounts.models import HELD, Account, Organisation
from referencing.accounts.sessions.operations import end_session_of, end_sessions_of, refuse_narrow
from referencing.base.db import today
from referencing.base.errors import Conflict, FieldError, Forbidden, Invalid, invalid_field
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Function, Right, Role, authorise, may
from referencing.journal.operations import record

from . import queries
from .states import ACCOUNT, AccountAction, beyond_delegation, beyond_key, state_of

_LAST = (
    "Cette organisation n'aurait plus de mandataire : donnez d'abord cette fonction à quelqu'un d'autre, "
    "ou demandez-le à l'agence."
)
_OWN_ROLES = (
    "Dans votre organisation, un compte est celui d'une personne (editor) ou d'une intégration (integration)."
)
_CLOSED = "Ce compte est fermé : ouvrez-en un autre."
_OPENS_NOTHING = (
    "La clé que vous utilisez n'a aucun droit de ce compte, et une clé n'en fait pas de plus large : prenez une clé "
    "sans portée, ou la console."
)
_WIDER = (
    "Ce compte pourrait plus que la clé que vous utilisez, et qui s'y connecte n'est limité par aucune portée : "
    "prenez une clé sans portée, ou la console."
)
LONGEST_DELEGATION = timedelta(days=366)
_DAYS = "Donnez un dernier jour à partir du premier, d'aujourd'hui au plus tôt, et dans un an au plus tard."


def open_account(
    session: Session,
    actor: Actor,
    name: str,
    role: Role,
    function: Function | None = None,
    organisation: str | None = None,
) -> tuple[Account, str]:
    """Open an account; answer it and its first key, shown this once. Raises Forbidden outside the actor's walls.

    A key that is for less than its account may do makes none that is for more.
    """
    where = place_of(session, actor, role, organisation, function)
    account = accounts.register_account(session, actor, name, role, where, function)
    opens = _opened_by_key(session, actor, account)
    _, words = keys.add_key(session, actor, account.id, accounts.FIRST_KEY, rights=opens)
    return account, words


def place_of(
    session: Session, actor: Actor, role: Role, organisation: str | None, function: Function | None
) -> str | None:
    """The organisation of an account that the actor opens. Raises Forbidden outside the actor's walls."""
    authorise(actor, Right.MANAGE_PEOPLE)
    if role is Role.EDITOR:
        _refuse_delegate(actor, function or Function.MANDATAIRE)
    if actor.of_agency:
        return organisation
    own = session.get_one(Organisation, actor.organisation_id)
    if role not in OF_AN_ORGANISATION or organisation not in {None, own.name}:
        raise Forbidden(_OWN_ROLES)
    return own.name


def refuse_wider(actor: Actor, role: Role, function: Function | None) -> None:
    """Raises Forbidden for letting somebody in to an account of this post, where the actor's key opens less than it."""
    if beyond_key(actor, role, function):
        raise Forbidden(_WIDER)


def change_function(
    session: Session, actor: Actor, account_id: UUID, function: Function, reason: str | None = None
) -> Account:
    """Give an editor's person another function; their browsers are signed out.

    Raises Conflict when nobody would answer for the organisation, Invalid when a lead does not say why.
    """
    account = _to_change(session, actor, account_id, AccountAction.CHANGE_FUNCTION)
    if account.role is not Role.EDITOR:
        raise Conflict("Seule une personne d'un éditeur a une fonction.")
    _refuse_delegate(actor, account.function, function)
    if actor.delegated and account.id == actor.account_id:
        raise Forbidden("Une délégation ne change pas sa propre fonction : demandez-le à un mandataire.")
    if actor.of_agency and not reason:
        raise invalid_field(
            "reason", "Dites pourquoi l'agence change cette fonction : l'organisation le lit."
        )
    if account.function is function:
        return account
    keep_mandataire(session, account)
    detail = {"from": account.function and account.function.value, "to": function.value, "reason": reason}
    account.function = function
    if function is Function.MANDATAIRE:
        account.delegated_from = account.delegated_until = None
    end_sessions_of(session, account.id)
    record(session, actor, "account.function_changed", f"account:{account.id}", detail)
    return account


def delegate(
    session: Session, actor: Actor, account_id: UUID, ends_on: date, starts_on: date | None = None
) -> Account:
    """Let somebody of the organisation manage its people from a day, today where none is said, to the end of another.

    It takes the place of an earlier delegation to them. Raises Conflict for who needs none, Invalid for other days.
    """
    authorise(actor, Right.DELEGATE)
    account = _to_change(session, actor, account_id, AccountAction.DELEGATE)
    if account.role is not Role.EDITOR or account.function is Function.MANDATAIRE:
        raise Conflict("On délègue à une personne de l'organisation qui n'en est pas mandataire.")
    first = starts_on or today(session)
    if not today(session) <= first <= ends_on <= today(session) + LONGEST_DELEGATION:
        raise Invalid(_DAYS, [FieldError("/ends_on", _DAYS)])
    account.delegated_from, account.delegated_until = first, ends_on
    end_sessions_of(session, account.id)
    detail = {"starts_on": first.isoformat(), "ends_on": ends_on.isoformat()}
    record(session, actor, "account.delegated", f"account:{account.id}", detail)
    return account


def end_delegation(session: Session, actor: Actor, account_id: UUID) -> Account:
    """End a delegation before its last day. Raises Conflict where there is none."""
    authorise(actor, Right.DELEGATE)
    account = _to_change(session, actor, account_id, AccountAction.END_DELEGATION)
    if account.delegated_until is None or account.delegated_until < today(session):
        raise Conflict("Cette personne n'a pas de délégation : il n'y a rien à terminer.")
    account.delegated_from = account.delegated_until = None
    end_sessions_of(session, account.id)
    record(session, actor, "account.delegation_ended", f"account:{account.id}", {})
    return account


def close_account(session: Session, actor: Actor, account_id: UUID) -> Account:
    """Close an account: its access ends at once, what it did stays in its name. Raises Conflict for one's own."""
    account = queries.account(session, actor, account_id, lock=True)
    _refuse_delegate(actor, account.function)
    if account.id == actor.account_id:
        raise Conflict("On ne ferme pas son propre compte : demandez-le à quelqu'un d'autre.")
    if account.disabled_at is None:
        keep_mandataire(session, account)
        accounts.close_account(session, actor, account)
    return account


def set_siren(session: Session, actor: Actor, organisation_id: UUID, siren: str) -> Organisation:
    """Say the SIREN of an organisation, by which those whom an issuer vouches for find it: the agency checks it.

    Raises Forbidden for who is of the organisation, Conflict when another one has it.
    """
    organisation = queries.organisation(session, actor, organisation_id, lock=True)
    if not actor.of_agency:
        raise Forbidden("L'agence note le SIREN après l'avoir vérifié : donnez-le-lui.")
    organisation.siren = siren
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("Ce SIREN ne peut pas être noté ici : vérifiez-le, ou demandez à l'agence.") from error
    record(session, actor, "organisation.siren_set", f"organisation:{organisation.id}", {"siren": siren})
    return organisation


def add_key(
    session: Session,
    actor: Actor,
    account_id: UUID,
    name: str,
    last_day: date | None = None,
    rights: Collection[Right] | None = None,
) -> tuple[AccountKey, str]:
    """A key for an account that the actor manages, or for the actor's own; and its words, shown this once.

    Raises Invalid for a right that is not the account's, or that the key in use does not have; Forbidden where that
    key has none of the account's.
    """
    account = _to_change(session, actor, account_id, AccountAction.ADD_KEY)
    opens = _opened_by_key(session, actor, account, rights)
    return keys.add_key(session, actor, account.id, name, last_day=last_day, rights=opens)


def rename_key(session: Session, actor: Actor, account_id: UUID, key_id: UUID, name: str) -> AccountKey:
    key = _key_to_change(session, actor, account_id, key_id)
    keys.rename_key(session, actor, key, name)
    return key


def revoke_key(session: Session, actor: Actor, account_id: UUID, key_id: UUID) -> None:
    """From the next request on it serves nothing. Raises NotFound, Forbidden as `refuse_narrow` says."""
    keys.revoke_key(session, actor, _key_to_change(session, actor, account_id, key_id))


def _key_to_change(session: Session, actor: Actor, account_id: UUID, key_id: UUID) -> AccountKey:
    key = key_of(session, manageable(session, actor, account_id).id, key_id)
    refuse_narrow(actor, account_id, key.rights)
    return key


def end_session(session: Session, actor: Actor, account_id: UUID, session_id: UUID) -> None:
    """Sign out a browser of somebody whom the actor manages. Raises NotFound, Forbidden as `refuse_narrow` says."""
    refuse_narrow(actor, account_id)
    end_session_of(session, actor, manageable(session, actor, account_id).id, session_id)


def manageable(session: Session, actor: Actor, account_id: UUID, *, lock: bool = False) -> Account:
    """The actor's own account, or one that they manage: its keys and sessions are theirs to see to. Raises NotFound."""
    if account_id == actor.account_id:
        return session.get_one(Account, account_id, with_for_update=HELD if lock else None)
    account = queries.account(session, actor, account_id, lock=lock)
    _refuse_delegate(actor, account.function)
    return account


def _to_change(session: Session, actor: Actor, account_id: UUID, action: AccountAction) -> Account:
    account = manageable(session, actor, account_id, lock=True)
    if not ACCOUNT.allows(state_of(account), action):
        raise Conflict(_CLOSED)
    return account


def _opened_by_key(
    session: Session, actor: Actor, account: Account, asked: Collection[Right] | None = None
) -> Collection[Right] | None:
    """What a key that the actor makes for an account opens, None for all that it may: no more than their own key.

    Raises as `add_key` does.
    """
    holder = replace(accounts.actor_of(session, account), scope=actor.scope)
    beyond = [
        FieldError(f"/rights/{place}", "Cette clé ne peut pas avoir ce droit : retirez-le.")
        for place, right in enumerate(asked or ())
        if not may(holder, right)
    ]
    if beyond:
        raise Invalid("Une clé n'a que des droits de son compte, et de la clé qui la fait.", beyond)
    if asked is not None or actor.scope is None:
        return asked
    opens = [right for right in Right if may(holder, right)]
    if not opens:
        raise Forbidden(_OPENS_NOTHING)
    return opens


def _refuse_delegate(actor: Actor, *functions: Function | None) -> None:
    """Raises Forbidden for what reaches beyond a delegation."""
    if beyond_delegation(actor, *functions):
        raise Forbidden("Une délégation ne touche pas aux mandataires : demandez-le à l'un d'eux.")


def keep_mandataire(session: Session, leaving: Account) -> None:
    """Raises Conflict when nobody would answer for the organisation any more."""
    if leaving.function is Function.MANDATAIRE and leaving.organisation_id is not None:
        answering = queries.mandataires(session, leaving.organisation_id)
        if set(answering) <= {leaving.id}:
            raise Conflict(_LAST)

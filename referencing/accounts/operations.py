"""Opening and closing accounts, and telling who a key speaks for. Who may open and close them is asked by who calls."""

import unicodedata
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    invalid_field,
)
from referencing.base.permissions import OF_AN_ORGANISATION, ROLES, Actor, Function, Right, Role, authorise
from referencing.journal.operations import SYSTEM, Author, record

from .keys.operations import add_key, revoke_keys_of, use_key
from .models import HELD, Account, EmailAddress, Organisation
from .sessions.operations import digest, use_session
from .sessions.queries import standing

#: The name of the key that an account begins with.
FIRST_KEY = "première clé"


def create_account(
    session: Session,
    name: str,
    role: Role,
    organisation: str | None = None,
    function: Function | None = None,
) -> str:
    """Open an account and answer its first key, which is shown this once and never kept.

    A person of an editor is its mandataire unless a function is said. Raises Invalid when role, organisation and
    function do not go together, Conflict when the account exists.
    """
    _, key = open_account(session, SYSTEM, name, role, organisation, function)
    return key


def open_account(
    session: Session,
    author: Author,
    name: str,
    role: Role,
    organisation: str | None = None,
    function: Function | None = None,
) -> tuple[Account, str]:
    """Open an account; answer it and its first key. Raises Invalid, Conflict as `create_account` says."""
    account = register_account(session, author, name, role, organisation, function)
    _, key = add_key(session, author, account.id, FIRST_KEY)
    return account, key


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, [FieldError(pointer, detail)])


def register_account(
    session: Session,
    author: Author,
    name: str,
    role: Role,
    organisation: str | None = None,
    function: Function | None = None,
) -> Account:
    """Open an account without a key, for who signs in elsewhere. Raises Invalid, Conflict as `create_account` says."""
    name = _clean(name)
    if not name:
        raise _wrong("/name", "Donnez un nom au compte.")
    function = function_of(role, organisation, function)
    owner = organisation_named(session, author, organisation) if organisation is not None else None
    _refuse_twin(session, name, role, owner)
    account = Account(id=new_id(), name=name, role=role, organisation=owner, function=function)
    session.add(account)
    session.flush()
    detail = {
        "role": role.value,
        "organisation": owner.name if owner else None,
        "function": function.value if function else None,
    }
    record(session, author, "account.created", f"account:{account.id}", detail)
    return account


def function_of(role: Role, organisation: str | None, function: Function | None) -> Function | None:
    """The function of an account of this role: of an editor's person the one that is said, or mandataire.

    Raises Invalid when role, organisation and function do not go together.
    """
    if (role in OF_AN_ORGANISATION) != (organisation is not None):
        raise _wrong(
            "/organisation",
            "Un compte de ce rôle est celui d'une organisation : dites laquelle."
            if role in OF_AN_ORGANISATION
            else "Un compte de ce rôle est de l'agence : ne donnez pas d'organisation.",
        )
    if role is Role.EDITOR:
        return function or Function.MANDATAIRE
    if function is not None:
        raise _wrong("/function", "Seule une personne d'un éditeur a une fonction : n'en donnez pas.")
    return None


def renew_key(session: Session, name: str, role: Role, organisation: str | None = None) -> str:
    """A new key for an account; those before stop working, and its browsers are signed out.

    Raises NotFound, Conflict when it is closed.
    """
    account = account_named(session, name, role, organisation)
    if account.disabled_at is not None:
        raise Conflict(f"Le compte « {account.name} » est fermé : ouvrez-en un autre.")
    revoke_keys_of(session, account.id)
    _, key = add_key(session, SYSTEM, account.id, FIRST_KEY)
    record(session, SYSTEM, "account.key_renewed", f"account:{account.id}", {})
    return key


def disable_account(session: Session, name: str, role: Role, organisation: str | None = None) -> None:
    """Close an account at once; what it did stays. Raises NotFound."""
    close_account(session, SYSTEM, account_named(session, name, role, organisation))


def close_account(session: Session, author: Author, account: Account) -> None:
    """Close an account at once: its keys and browsers speak for nobody any more; what it did stays."""
    if account.disabled_at is None:
        account.disabled_at = now(session)
        revoke_keys_of(session, account.id)
        session.execute(sa.delete(EmailAddress).where(EmailAddress.account_id == account.id))
        record(session, author, "account.disabled", f"account:{account.id}", {})


def set_email(session: Session, actor: Actor, address: str) -> None:
    """Where the actor wants their e-mail from now on. The journal, which is for ever, does not hold the address."""
    authorise(actor, Right.RECEIVE_MAIL)
    chosen = insert(EmailAddress).values(account_id=actor.account_id, address=address, set_at=now(session))
    session.execute(
        chosen.on_conflict_do_update(
            index_elements=[EmailAddress.account_id],
            set_={"address": chosen.excluded.address, "set_at": chosen.excluded.set_at},
        )
    )
    record(session, actor, "account.email_set", f"account:{actor.account_id}", {})


def remove_email(session: Session, actor: Actor) -> None:
    """No e-mail any more, what waits to be sent included."""
    authorise(actor, Right.RECEIVE_MAIL)
    removed = sa.delete(EmailAddress).where(EmailAddress.account_id == actor.account_id)
    if session.execute(removed.returning(EmailAddress.account_id)).first() is not None:
        record(session, actor, "account.email_removed", f"account:{actor.account_id}", {})


def account_named(session: Session, name: str, role: Role, organisation: str | None) -> Account:
    """The account of this name there, locked. Raises NotFound."""
    account = session.scalar(
        sa.select(Account)
        .outerjoin(Organisation)
        .where(Account.name == _clean(name), Account.role == role)
        .where(Organisation.name.is_not_distinct_from(organisation and _clean(organisation)))
        .with_for_update(**HELD)
    )
    if account is None:
        raise NotFound(f"Aucun compte « {name} » avec le rôle {role.value}.")
    return account


def identify(session: Session, words: str, place: str | None = None) -> Actor:
    """Who a key speaks for; notes from which place it is used. Raises Unauthenticated for one that does not serve."""
    key = use_key(session, words, place)
    if key is None:
        raise Unauthenticated("Cette clé n'est pas reconnue : vérifiez-la ou demandez-en une nouvelle.")
    scope = None if key.rights is None else frozenset(map(Right, key.rights))
    return replace(actor_of(session, key.account), scope=scope, key_id=key.id)


def identify_browser(session: Session, token: str, *, used: bool = True) -> tuple[Actor, UUID]:
    """Who a browser's cookie speaks for, and the id of its session. Raises Unauthenticated once it has ended.

    `used` says whether a person asks, who then keeps the session open for longer, or a page by itself.
    """
    browser = use_session(session, token) if used else standing(session, digest(token))
    if browser is None:
        raise Unauthenticated("Votre session est terminée : connectez-vous de nouveau.")
    return replace(actor_of(session, browser.account), key_id=browser.key_id), browser.id


def acting(session: Session, account_id: UUID) -> Actor:
    """Who asked for what is now done in the background. Raises Forbidden when the account was closed meanwhile."""
    account = session.get_one(Account, account_id)
    if account.disabled_at is not None:
        raise Forbidden("Le compte qui a demandé cela est fermé.")
    return actor_of(session, account)


def actor_of(session: Session, account: Account) -> Actor:
    """Who an account speaks for today."""
    first, last = account.delegated_from, account.delegated_until
    delegated = first is not None and last is not None and first <= today(session) <= last
    return Actor(account.id, account.name, account.role, account.organisation_id, account.function, delegated)


def organisation_named(session: Session, author: Author, name: str) -> Organisation:
    """The organisation of this name, which is registered when it is new. Raises Invalid for no name."""
    name = _clean(name)
    if not name:
        raise invalid_field("organisation", "Donnez le nom de l'organisation.")
    existing = session.scalar(sa.select(Organisation).where(Organisation.name == name))
    if existing is not None:
        return existing
    organisation = Organisation(id=new_id(), name=name)
    session.add(organisation)
    session.flush()
    record(session, author, "organisation.created", f"organisation:{organisation.id}", {"name": name})
    return organisation


def is_taken(session: Session, name: str, role: Role, owner: Organisation | None) -> bool:
    """Whether an account of this role has this name there already."""
    twin = (
        sa.select(Account.id)
        .where(Account.name == _clean(name), Account.role == role)
        .where(Account.organisation_id.is_not_distinct_from(owner.id if owner else None))
    )
    return session.scalar(twin) is not None


def _refuse_twin(session: Session, name: str, role: Role, owner: Organisation | None) -> None:
    if is_taken(session, name, role, owner):
        raise Conflict(
            f"Un compte « {name} » existe déjà pour ce rôle ({ROLES[role]}) : choisissez un autre nom."
        )


def _clean(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())

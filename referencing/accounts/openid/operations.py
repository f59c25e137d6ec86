"""Recognising who comes from an issuer, giving them an account, and keeping those whom nobody knows yet waiting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.models import Account, Organisation
from referencing.accounts.operations import actor_of, identify, is_taken, register_account
from referencing.accounts.people import operations as people
from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Forbidden, Invalid, Unauthenticated
from referencing.base.permissions import Actor, Function, Right, Role
from referencing.journal.operations import SYSTEM, Author, record

from . import queries, tokens
from .claims import Identity, identity
from .models import ExternalIdentity, IdentityLink
from .provider import Provider
from .settings import needs_organisation

#: For how long somebody is kept in mind who has no account and does not come again.
KEPT = timedelta(days=90)
WAITING = (
    "Votre identité est vérifiée, mais vous n'avez pas encore accès ici : un mandataire de votre organisation ou "
    "l'agence doit vous accepter. Votre demande leur est présentée ; revenez quand ils vous l'auront dit."
)
REFUSED = (
    "Votre demande d'accès a été refusée : adressez-vous au mandataire de votre organisation ou à l'agence."
)
_UNACCEPTED = "Ce jeton n'est pas accepté : demandez-en un nouveau à votre service d'identification."
_SEVERAL = (
    "Ce jeton parle pour plusieurs organisations, et rien ne dit laquelle : une personne entre par la console, un "
    "programme utilise une clé du compte voulu."
)


def identify_either(
    providers: Mapping[str, Provider], session: Session, words: str, place: str | None = None
) -> Actor:
    """Who a key, or an issuer's access token, speaks for. Raises Unauthenticated, Forbidden for who waits."""
    is_token = bool(providers) and words.count(".") == 2
    return identify_token(session, providers, words) if is_token else identify(session, words, place)


def identify_token(session: Session, providers: Mapping[str, Provider], words: str) -> Actor:
    """Who an access token speaks for. Raises Unauthenticated for one that is none, Forbidden for who waits."""
    named = tokens.issuer_named(words)
    provider = next((one for one in providers.values() if one.issuer.url == named), None)
    if provider is None:
        raise Unauthenticated(_UNACCEPTED)
    try:
        moment = int(now(session).timestamp())
        claims = tokens.access_token(provider.issuer, provider.key, words, moment)
    except tokens.Untrue:
        raise Unauthenticated(_UNACCEPTED) from None
    who = identity(provider.issuer, claims, machine=tokens.is_of_program(claims))
    accounts = queries.accounts_of(session, who.issuer, who.subject) or recognise(session, who)
    if not accounts:
        raise Forbidden(refusal_of(session, who) or WAITING)
    if len(accounts) > 1:
        raise Forbidden(_SEVERAL)
    ends_at = datetime.fromtimestamp(claims["exp"], UTC)
    return replace(actor_of(session, accounts[0]), scope=_scope(claims.get("scope")), ends_at=ends_at)


def _scope(words: object) -> frozenset[Right] | None:
    """The rights that a token names among its scopes; all those of the account where it names none."""
    rights = {right.value for right in Right} & set(words.split() if isinstance(words, str) else ())
    return frozenset(map(Right, rights)) or None


def recognise(session: Session, who: Identity) -> Sequence[Account]:
    """The open accounts of who comes, with the one that the claims give them; without any, they wait.

    The row of an identity is held meanwhile: who signs in twice at once is given one account.
    """
    seen = _note(session, who)
    granted = _granted(session, seen, who)
    if granted is not None:
        _link(session, SYSTEM, seen, granted)
    accounts = queries.accounts_of(session, who.issuer, who.subject)
    seen.waiting = not accounts and seen.refusal is None
    return accounts


def refusal_of(session: Session, who: Identity) -> str | None:
    """What somebody is told who was refused; None for who still waits."""
    refused = sa.select(ExternalIdentity.refusal).where(
        ExternalIdentity.issuer == who.issuer, ExternalIdentity.subject == who.subject
    )
    reason = session.scalar(refused)
    return f"{REFUSED} Motif : {reason}" if reason else None


def accept(
    session: Session,
    actor: Actor,
    newcomer_id: UUID,
    *,
    account: UUID | None = None,
    name: str | None = None,
    role: Role | None = None,
    function: Function | None = None,
    organisation: str | None = None,
) -> Account:
    """Give somebody who waits an account: one that is there, or a new one of this role, function and organisation.

    The new one has the person's name unless another is said: two people may have the same.

    Raises NotFound for who does not wait for the actor, Forbidden outside the actor's walls and for a key that opens
    less than the account, Conflict, Invalid.
    """
    newcomer = queries.newcomer(session, actor, newcomer_id, lock=True)
    if account is not None and not (name or role or function or organisation):
        given = people.manageable(session, actor, account, lock=True)
        if given.disabled_at is not None:
            raise Conflict("Ce compte est fermé : choisissez-en un autre.")
    elif role is not None and account is None:
        where = people.place_of(session, actor, role, organisation, function)
        given = register_account(session, actor, name or newcomer.name, role, where, function)
    else:
        raise Invalid(
            "Choisissez un compte existant et rien d'autre, ou un rôle, et ce qu'il demande, pour un nouveau compte."
        )
    people.refuse_wider(actor, given.role, given.function)
    _refuse_other_kind(newcomer, given)
    _link(session, actor, newcomer, given)
    return given


def welcome(
    session: Session,
    author: Author,
    who: Identity,
    role: Role,
    organisation: Organisation | None,
    function: Function | None,
) -> Account:
    """Open an account for who comes and was invited; with a number where somebody has their name there already.

    Raises Conflict when they have an account of this role there.
    """
    seen = _note(session, who)
    place = organisation.id if organisation else None
    had = queries.accounts_of(session, who.issuer, who.subject)
    if any(account.role is role and account.organisation_id == place for account in had):
        raise Conflict(
            "Vous avez déjà un compte de ce rôle ici : connectez-vous, rien d'autre n'est à faire."
        )
    where = organisation.name if organisation else None
    name, number = who.name, 1
    while is_taken(session, name, role, organisation):
        number += 1
        name = f"{who.name} ({number})"
    account = register_account(session, author, name, role, where, function)
    seen.refusal = None
    _link(session, author, seen, account)
    return account


def refuse(session: Session, actor: Actor, newcomer_id: UUID, reason: str) -> None:
    """Say no to somebody who waits, and why: they are told when they come again."""
    newcomer = queries.newcomer(session, actor, newcomer_id, lock=True)
    newcomer.waiting, newcomer.refusal = False, reason
    record(session, actor, "newcomer.refused", f"newcomer:{newcomer.id}", {"reason": reason})


def forget_strangers(session: Session) -> None:
    """Remove those who have no account and have not come for a while."""
    late = now(session) - KEPT
    session.execute(
        sa.delete(ExternalIdentity).where(~ExternalIdentity.linked, ExternalIdentity.seen_at < late)
    )


def unlink(session: Session, account_id: UUID) -> None:
    """Nobody whom an issuer names speaks for this account any more; who speaks for no other one is forgotten."""
    links = sa.delete(IdentityLink).where(IdentityLink.account_id == account_id)
    unlinked = session.scalars(links.returning(IdentityLink.identity_id)).all()
    elsewhere = sa.exists().where(IdentityLink.identity_id == ExternalIdentity.id)
    session.execute(sa.delete(ExternalIdentity).where(ExternalIdentity.id.in_(unlinked), ~elsewhere))


def _refuse_other_kind(newcomer: ExternalIdentity, account: Account) -> None:
    """Raises Conflict where a machine would speak for a person, or a person for a machine."""
    if newcomer.machine != (account.role is Role.INTEGRATION):
        raise Conflict(
            "Une machine reçoit un compte d'intégration, une personne un autre : choisissez un compte qui convient."
        )


def _note(session: Session, who: Identity) -> ExternalIdentity:
    """The row of an identity, as it is said now, and held.

    Who was refused in one organisation may ask in another. An access token may name none: that is not another.
    """
    said = {"name": who.name, "email": who.email, "siren": who.siren, "seen_at": now(session)}
    noted = insert(ExternalIdentity).values(
        id=new_id(),
        issuer=who.issuer,
        subject=who.subject,
        machine=who.machine,
        first_seen_at=now(session),
        waiting=True,
        linked=False,
        **said,
    )
    siren = noted.excluded.siren
    moved = sa.and_(siren.is_not(None), ExternalIdentity.siren.is_distinct_from(siren))
    stays_refused = sa.and_(ExternalIdentity.refusal.is_not(None), sa.not_(moved))
    row = noted.on_conflict_do_update(
        index_elements=[ExternalIdentity.issuer, ExternalIdentity.subject],
        set_={
            **said,
            "siren": sa.case((stays_refused, ExternalIdentity.siren), else_=siren),
            "refusal": sa.case((stays_refused, ExternalIdentity.refusal), else_=None),
        },
    ).returning(ExternalIdentity)
    return session.scalars(row, execution_options={"populate_existing": True}).one()


def _granted(session: Session, seen: ExternalIdentity, who: Identity) -> Account | None:
    """The account that the claims give, opened, where there is none yet of that role and organisation.

    None where they give none, where the organisation is not known, and where somebody else has that name there.
    """
    post = who.post
    if post is None or seen.refusal is not None or who.machine != (post.role is Role.INTEGRATION):
        return None
    organisation = queries.organisation_of(session, who.siren) if needs_organisation(post) else None
    if needs_organisation(post) and organisation is None:
        return None
    had = (
        sa.select(IdentityLink.account_id)
        .join(IdentityLink.account)
        .where(IdentityLink.identity_id == seen.id, Account.role == post.role)
        .where(Account.organisation_id.is_not_distinct_from(organisation.id if organisation else None))
    )
    if session.scalar(had.limit(1)) is not None:
        return None
    try:
        name = organisation.name if organisation else None
        return register_account(session, SYSTEM, who.name, post.role, name, post.function)
    except Conflict:
        return None


def _link(session: Session, author: Author, seen: ExternalIdentity, account: Account) -> None:
    seen.waiting, seen.linked = False, True
    link = IdentityLink(identity_id=seen.id, account_id=account.id, linked_at=now(session))
    session.add(link)
    session.flush()
    record(session, author, "account.identity_linked", f"account:{account.id}", {"issuer": seen.issuer})

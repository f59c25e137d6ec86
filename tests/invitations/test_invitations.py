"""Somebody is invited by their address: a letter carries the link, which opens one account, once, for a while."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.openid.claims import Identity
from referencing.accounts.openid.queries import accounts_of
from referencing.accounts.operations import acting, close_account
from referencing.accounts.queries import email_address
from referencing.base.db import now
from referencing.base.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound, TooMany
from referencing.base.models import Job
from referencing.base.permissions import Actor, Function, Role
from referencing.invitations import operations
from referencing.invitations.acceptance import accept_by_identity, accept_by_name, invited
from referencing.invitations.models import Invitation
from referencing.invitations.operations import MOST_LETTERS, Terms, invite, resend, revoke
from referencing.invitations.queries import invitations
from referencing.invitations.sending import send_invitation
from referencing.journal.models import Entry
from referencing.mail.models import Outcome
from referencing.mail.relay import Relay
from tests.builders import person, unheard
from tests.conftest import Time
from tests.duo.smtp import Mailbox, receiving

ADDRESS = "theo@alize.example"
HERE = "https://referencement.example"
WEEK = timedelta(days=7)
BY_HAND, BY_MAIL = Terms(WEEK, by_mail=False), Terms(WEEK, by_mail=True)
TOKEN = re.compile(rf"{HERE}/invitation/([\w-]{{43}})")


@pytest.fixture
def mandataire(scratch: Session) -> Actor:
    return person(scratch, Role.EDITOR, f"Alizé {unheard()}")


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


def salarie(session: Session, actor: Actor, terms: Terms = BY_HAND, address: str = ADDRESS) -> Any:
    return invite(session, actor, terms, address, Role.EDITOR, Function.SALARIE)


def link_of(session: Session, actor: Actor) -> str:
    _, token = salarie(session, actor)
    assert token is not None
    return str(token)


def sent(session: Session, server: Mailbox) -> None:
    """Do the jobs that were asked for, with this server."""
    for job in session.scalars(sa.select(Job).where(Job.task == "send_invitation")).all():
        session.delete(job)
        relay = Relay.of(server.url, "ne-pas-repondre@agence.example")
        send_invitation(session, **job.arguments, relay=relay, public_url=HERE)
    session.flush()


def token_in(server: Mailbox) -> str:
    (token,) = TOKEN.findall(server.messages[-1].get_content())
    return str(token)


def test_a_letter_carries_the_link_and_nothing_else_does(scratch: Session, mandataire: Actor) -> None:
    (invitation, _), token = salarie(scratch, mandataire, BY_MAIL)
    assert (token, invitation.outcome) == (None, Outcome.WAITING)
    with receiving() as server:
        sent(scratch, server)
    assert (server.recipients, invitation.outcome) == ([ADDRESS], Outcome.SENT)
    text, token = server.messages[0].get_content(), token_in(server)
    assert mandataire.name in text
    assert "éditeur, salarié" in text
    assert "jusqu'au 9 mars 2026" in text
    kept = [*vars(invitation).values(), *scratch.scalars(sa.select(Entry.detail)).all()]
    assert not [words for words in kept if token in str(words)]
    assert not [detail for detail in scratch.scalars(sa.select(Entry.detail)) if ADDRESS in str(detail)]
    account, _ = accept_by_name(scratch, token, "Théo Blanc")
    assert account.organisation_id == mandataire.organisation_id
    assert account.function is Function.SALARIE
    assert email_address(scratch, account.id) == ADDRESS


def test_a_letter_that_does_not_go_is_tried_again_with_another_link(
    scratch: Session, mandataire: Actor
) -> None:
    (invitation, _), _ = salarie(scratch, mandataire, BY_MAIL)
    with receiving() as server:
        server.to_recipients = ["451 later", "550 never"]
        sent(scratch, server)
        assert (invitation.outcome, invitation.attempts) == (Outcome.WAITING, 1)
        first = invitation.token_digest
        sent(scratch, server)
    assert invitation.outcome is Outcome.REFUSED
    assert invitation.token_digest != first


@pytest.mark.parametrize("end", [resend, revoke])
def test_what_was_overtaken_is_not_sent(scratch: Session, mandataire: Actor, end: Callable[..., Any]) -> None:
    (invitation, _), _ = salarie(scratch, mandataire, BY_MAIL)
    job = scratch.scalars(sa.select(Job).where(Job.task == "send_invitation")).one()
    end(scratch, mandataire, *([BY_MAIL] if end is resend else []), invitation.id)
    with receiving() as server:
        relay = Relay.of(server.url, "ne-pas-repondre@agence.example")
        send_invitation(scratch, **job.arguments, relay=relay, public_url=HERE)
    assert server.messages == []


def expire(_: Session, __: Actor, ___: UUID, time: Time) -> None:
    time.now += WEEK


def accept(session: Session, _: Actor, __: UUID, ___: Time) -> None:
    (token,) = TAKEN
    accept_by_name(session, token, "Théo Blanc")


def take_back(session: Session, actor: Actor, invitation: UUID, _: Time) -> None:
    revoke(session, actor, invitation)


def renew(session: Session, actor: Actor, invitation: UUID, _: Time) -> None:
    resend(session, actor, BY_HAND, invitation)


def leave(session: Session, actor: Actor, _: UUID, __: Time) -> None:
    close_account(session, actor, session.get_one(Account, actor.account_id))


def step_down(session: Session, actor: Actor, _: UUID, __: Time) -> None:
    session.get_one(Account, actor.account_id).function = Function.SALARIE


TAKEN: list[str] = []


@pytest.mark.parametrize(
    ("happens", "error", "sentence"),
    [
        (expire, Gone, "a expiré : demandez"),
        (accept, Gone, "a déjà servi : connectez-vous"),
        (take_back, Gone, "a été retirée"),
        (renew, NotFound, "celui du dernier message reçu"),
        (leave, Conflict, "demandez une nouvelle invitation"),
        (step_down, Conflict, "demandez une nouvelle invitation"),
    ],
)
def test_a_link_that_opens_nothing_any_more_says_why(
    scratch: Session,
    mandataire: Actor,
    time: Time,
    happens: Callable[..., None],
    error: type[DomainError],
    sentence: str,
) -> None:
    (invitation, _), token = salarie(scratch, mandataire)
    TAKEN[:] = [token]
    happens(scratch, mandataire, invitation.id, time)
    scratch.flush()
    with pytest.raises(error, match=sentence):
        invited(scratch, token)
    with pytest.raises(error, match=sentence):
        accept_by_name(scratch, token, "Léa")


def test_an_invitation_that_ended_is_not_sent_again_but_one_that_expired_is(
    scratch: Session, mandataire: Actor, time: Time
) -> None:
    (invitation, _), token = salarie(scratch, mandataire)
    time.now += WEEK
    (_, state), again = resend(scratch, mandataire, BY_HAND, invitation.id)
    assert (state, again == token) == ("open", False)
    accept_by_name(scratch, str(again), "Théo Blanc")
    for end in (
        lambda: resend(scratch, mandataire, BY_HAND, invitation.id),
        lambda: revoke(scratch, mandataire, invitation.id),
    ):
        with pytest.raises(Conflict, match="est acceptée"):
            end()


def test_an_address_is_invited_once_at_a_time_in_each_organisation(
    scratch: Session, mandataire: Actor, lead: Actor
) -> None:
    salarie(scratch, mandataire)
    salarie(scratch, person(scratch, Role.EDITOR, f"Bise {unheard()}"))
    invite(scratch, lead, BY_HAND, ADDRESS, Role.VERIFIER)
    with pytest.raises(Conflict, match="renvoyez son invitation"), scratch.begin_nested():
        salarie(scratch, mandataire)


def test_an_address_that_is_somebodys_is_invited_as_any_other(scratch: Session, mandataire: Actor) -> None:
    """Nothing tells whether it is known here: neither the answer nor what the person finds."""
    accept_by_name(scratch, link_of(scratch, mandataire), "Théo Blanc")
    other = person(scratch, Role.EDITOR, f"Bise {unheard()}")
    (known, _), _ = salarie(scratch, other)
    (unknown, _), _ = salarie(scratch, other, address="personne@alize.example")
    told = ("role", "function", "organisation_id", "outcome", "expires_at", "sendings")
    assert [getattr(known, name) for name in told] == [getattr(unknown, name) for name in told]


def test_a_consultant_of_two_organisations_has_an_account_in_each(
    scratch: Session, mandataire: Actor
) -> None:
    who = Identity("https://agence.example", unheard(), "Lou Conseil", "lou@conseil.example")
    accept_by_identity(scratch, link_of(scratch, mandataire), who)
    other = person(scratch, Role.EDITOR, f"Bise {unheard()}")
    accept_by_identity(scratch, link_of(scratch, other), who)
    accounts = accounts_of(scratch, who.issuer, who.subject)
    assert [one.organisation_id for one in accounts] == [mandataire.organisation_id, other.organisation_id]
    with pytest.raises(Conflict, match="déjà un compte"):
        accept_by_identity(scratch, link_of(scratch, mandataire), who)


def test_two_people_of_one_name_are_told_apart(scratch: Session, mandataire: Actor) -> None:
    accept_by_name(scratch, link_of(scratch, mandataire), "Lou Conseil")
    token = link_of(scratch, mandataire)
    with pytest.raises(Conflict, match="choisissez un autre nom"):
        accept_by_name(scratch, token, "Lou Conseil")
    who = Identity("https://agence.example", unheard(), "Lou Conseil")
    assert accept_by_identity(scratch, token, who).name == "Lou Conseil (2)"
    another = Identity("https://agence.example", unheard(), "Lou Conseil")
    assert accept_by_identity(scratch, link_of(scratch, mandataire), another).name == "Lou Conseil (3)"
    assert not [detail for detail in scratch.scalars(sa.select(Entry.detail)) if ADDRESS in str(detail)]


def test_walls_hold(scratch: Session, mandataire: Actor, lead: Actor) -> None:
    (invitation, _), _ = salarie(scratch, mandataire)
    stranger = person(scratch, Role.EDITOR, f"Bise {unheard()}")
    assert list(invitations(scratch, stranger, None, 50)) == []
    for end in (
        lambda: resend(scratch, stranger, BY_HAND, invitation.id),
        lambda: revoke(scratch, stranger, invitation.id),
    ):
        with pytest.raises(NotFound):
            end()
    with pytest.raises(Forbidden):
        invite(scratch, mandataire, BY_HAND, "x@x.example", Role.LEAD)
    with pytest.raises(Forbidden):
        invite(scratch, person(scratch, Role.VERIFIER), BY_HAND, "x@x.example", Role.VERIFIER)
    with pytest.raises(Invalid, match="programme"):
        invite(scratch, lead, BY_HAND, "x@x.example", Role.INTEGRATION, organisation="Alizé")
    assert invitation.id in [row.invitation.id for row in invitations(scratch, lead, None, 50)]


def test_who_stepped_down_makes_no_mandataire_by_an_invitation_from_before(
    scratch: Session, mandataire: Actor, time: Time
) -> None:
    _, token = invite(scratch, mandataire, BY_HAND, ADDRESS, Role.EDITOR, Function.MANDATAIRE)
    account = scratch.get_one(Account, mandataire.account_id)
    account.function = Function.SALARIE
    account.delegated_from = account.delegated_until = time.now.date()  # for whom it was delegated again
    with pytest.raises(Conflict, match="ne gère plus"):
        accept_by_name(scratch, str(token), "Théo")
    _, token = salarie(scratch, acting(scratch, mandataire.account_id), address="lea@alize.example")
    assert invited(scratch, token).function is Function.SALARIE


def test_who_does_not_want_letters_is_not_flooded(
    scratch: Session, mandataire: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_LETTERS", 2)
    assert MOST_LETTERS > 2
    (invitation, _), _ = salarie(scratch, mandataire, BY_MAIL)
    scratch.flush()
    resend(scratch, mandataire, BY_MAIL, invitation.id)
    scratch.flush()
    with pytest.raises(TooMany):
        resend(scratch, mandataire, BY_MAIL, invitation.id)
    time.pass_days(2)
    resend(scratch, mandataire, BY_MAIL, invitation.id)
    assert invitation.asked_at == now(scratch)


def test_the_journal_tells_each_step(scratch: Session, mandataire: Actor) -> None:
    (invitation, _), _ = salarie(scratch, mandataire)
    _, token = resend(scratch, mandataire, BY_HAND, invitation.id)
    accept_by_name(scratch, str(token), "Théo Blanc")
    told = scratch.scalars(
        sa.select(Entry.action).where(Entry.stream == f"invitation:{invitation.id}").order_by(Entry.number)
    )
    assert list(told) == ["invitation.made", "invitation.resent", "invitation.accepted"]
    assert scratch.get_one(Invitation, invitation.id).accepted_at is not None

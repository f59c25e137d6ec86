"""Who signed in at an issuer and has no account: a lead or the mandataire of the organisation sees them and answers."""

import pytest
import sqlalchemy as sa

from referencing.accounts.models import Organisation
from referencing.accounts.openid.claims import Identity
from referencing.accounts.openid.operations import KEPT, forget_strangers, recognise, refusal_of
from referencing.accounts.openid.queries import accounts_of
from referencing.accounts.operations import register_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.operations import SYSTEM
from tests.candidatures.dossiers import People
from tests.conftest import Time
from tests.console.browser import Browser
from tests.console.conftest import SignIn

SIREN = "732829320"
INES = Identity("https://agence.example", "42", "Inès Morel", "ines@alize.example", SIREN)
LIST = "/personnes/en-attente"


@pytest.fixture
def waiting(people: People) -> Identity:
    with db.transaction(people.parts.sessions) as session:
        assert recognise(session, INES) == []
    return INES


def accounts(people: People) -> list[tuple[str, str]]:
    with db.transaction(people.parts.sessions) as session:
        return [(one.name, one.role) for one in accounts_of(session, INES.issuer, INES.subject)]


def test_without_an_issuer_the_sign_in_takes_keys_alone(people: People) -> None:
    browser = Browser(people.app.test_client())
    assert "identité professionnelle" not in browser.open("/connexion")
    browser.open("/connexion/aupres/agence", 404)


def test_a_lead_gives_a_role(people: People, signed_in: SignIn, waiting: Identity) -> None:
    browser = signed_in(Role.LEAD, "Dominique")
    assert INES.name in browser.open(LIST)
    assert "aucune organisation connue" in browser.follow(INES.name)
    problem = browser.press("Donner cet accès", 422)
    assert "Choisissez un compte existant et rien d'autre, ou un rôle" in problem
    assert "L'accès est donné" in browser.press("Donner cet accès", role="verifier")
    assert accounts(people) == [("Inès Morel", "verifier")]
    assert "Personne n'attend" in browser.open(LIST)


def test_two_people_of_one_name_come_in_by_names_that_differ(
    people: People, signed_in: SignIn, waiting: Identity
) -> None:
    namesake = Identity(INES.issuer, "43", INES.name, "ines@bise.example", SIREN)
    with db.transaction(people.parts.sessions) as session:
        register_account(session, SYSTEM, INES.name, Role.VERIFIER)
        recognise(session, namesake)
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open(LIST)
    lead.follow(INES.name)
    assert "choisissez un autre nom" in lead.press("Donner cet accès", 409, role="verifier")
    lead.press("Donner cet accès", role="verifier", name="Inès Morel (Alizé)")
    assert accounts(people) == [("Inès Morel (Alizé)", "verifier")]


def test_an_account_that_is_there_is_given_with_nothing_said_of_a_new_one(
    people: People, waiting: Identity
) -> None:
    lead = people.lead
    (newcomer,) = [one for one in lead.every("/newcomers") if one["name"] == INES.name]
    address = f"/newcomers/{newcomer['id']}/acceptance"
    for said in ({"name": "Inès"}, {"role": "verifier"}, {"function": "salarie"}, {"organisation": "Alizé"}):
        asked = {"account": lead.get("/me")["id"], **said}
        assert "rien d'autre" in lead.refused(422, "POST", address, json=asked)["detail"]


def test_a_mandataire_answers_for_the_organisation_alone(
    people: People, signed_in: SignIn, waiting: Identity
) -> None:
    browser = signed_in(Role.EDITOR)
    assert "Personne n'attend" in browser.open(LIST)
    with db.transaction(people.parts.sessions) as session:
        own = sa.select(Organisation).where(Organisation.name == people.editor.get("/me")["organisation"])
        session.scalars(own).one().siren = SIREN
    browser.open(LIST)
    browser.follow(INES.name)
    browser.press("Donner cet accès", role="editor", function="salarie")
    assert accounts(people) == [("Inès Morel", "editor")]


def test_who_manages_nobody_sees_nobody(signed_in: SignIn, waiting: Identity) -> None:
    signed_in(Role.VERIFIER).open(LIST, 403)


def test_who_is_refused_is_told_why_and_may_ask_in_another_organisation(
    people: People, signed_in: SignIn, waiting: Identity
) -> None:
    browser = signed_in(Role.LEAD, "Dominique")
    browser.open(LIST)
    browser.follow(INES.name)
    assert "La demande est refusée" in browser.press("Refuser cette demande", reason="Inconnue ici.")
    with db.transaction(people.parts.sessions) as session:
        assert "Inconnue ici." in (refusal_of(session, INES) or "")
        recognise(session, Identity(INES.issuer, INES.subject, INES.name))
        recognise(session, INES)
        assert "Inconnue ici." in (refusal_of(session, INES) or "")
    assert INES.name not in browser.open(LIST)
    moved = Identity(INES.issuer, INES.subject, INES.name, INES.email, "552100554")
    with db.transaction(people.parts.sessions) as session:
        recognise(session, moved)
        assert refusal_of(session, moved) is None
    assert INES.name in browser.open(LIST)


def test_who_never_comes_again_is_forgotten(
    people: People, signed_in: SignIn, waiting: Identity, time: Time
) -> None:
    time.now += KEPT * 2
    with db.transaction(people.parts.sessions) as session:
        forget_strangers(session)
    assert "Personne n'attend" in signed_in(Role.LEAD, "Dominique").open(LIST)

"""Signing in at two real issuers, with what they say deciding who may do what; every other answer is refused."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from referencing.accounts.sessions.models import BrowserSession
from referencing.base import db
from referencing.console.guard import FRESH
from tests.builders import unheard
from tests.clients import Client
from tests.conftest import parts
from tests.console.browser import Browser

from .issuer import HOME, Issuer

pytestmark = pytest.mark.services

SIREN = "732829320"
SIRET = f"{SIREN}00074"


class Person:
    """A browser of somebody whom an issuer knows: it keeps the cookies of both sides."""

    def __init__(self, application: Flask, issuer: Issuer) -> None:
        self.browser = Browser(application.test_client())
        self.at_issuer = requests.Session()
        self.issuer = issuer

    def leave(self, onward: str = "", below: str = "/connexion") -> str:
        """The address to which the issuer sends the browser back."""
        return self.back_from(self.open(f"{below}/aupres/{self.issuer.name}{onward}").location)

    def back_from(self, address: str) -> str:
        while not address.startswith(f"{HOME}/"):
            address = requests.compat.urljoin(
                self.issuer.url, self.at_issuer.get(address, allow_redirects=False).headers["Location"]
            )
        return address

    def sign_in(self, onward: str = "", below: str = "/connexion") -> TestResponse:
        return self.open(self.leave(onward, below))

    def open(self, address: str) -> TestResponse:
        return self.browser.http.get(address.removeprefix(HOME), base_url=HOME)

    def makes_a_key(self) -> TestResponse:
        words, here = {"name": unheard()}, {"Origin": HOME}
        return self.browser.http.post("/compte/cles", base_url=HOME, data=words, headers=here)

    def reads(self, address: str) -> str:
        answer = self.open(address)
        assert answer.status_code == 200, answer.location
        return answer.get_data(as_text=True)


@pytest.fixture(scope="module")
def organisation(lead: Client) -> Any:
    """The organisation of the SIREN, which the lead has noted."""
    opened = lead.post("/accounts", {"name": "Ada", "role": "editor", "organisation": f"Alizé {unheard()}"})
    lead.put(f"/organisations/{opened['organisation']['id']}/siren", {"siren": SIREN})
    return {**opened["organisation"], "mandataire": Client(lead.http, opened["key"])}


def test_both_issuers_give_the_role_that_the_settings_say(
    application: Flask, agence: Issuer, portail: Issuer, organisation: Any
) -> None:
    agence.expects("paul", name="Paul Pilote", roles=["pilotes"], acr="eidas2")
    portail.expects("ines", name="Inès Morel", roles=["mandataires"], siret=SIRET)
    pilot, editor = Person(application, agence), Person(application, portail)
    assert "Se connecter avec Agence" in pilot.reads("/connexion")
    assert pilot.sign_in("?vers=/pilotage").location == "/pilotage"
    assert "Paul Pilote" in pilot.reads("/pilotage")
    assert editor.sign_in().location == "/travail"
    assert organisation["name"] in editor.reads("/compte")
    assert editor.open("/pilotage").status_code == 403
    again = Person(application, portail)
    again.sign_in()
    assert "Inès Morel" in again.reads("/travail")


def test_who_is_not_known_waits_and_comes_in_once_accepted(
    application: Flask, portail: Issuer, organisation: Any, lead: Client
) -> None:
    portail.expects("theo", name="Théo Blanc", email="theo@alize.example", siret=SIRET)
    person = Person(application, portail)
    assert person.sign_in().location == "/connexion/en-attente"
    assert "en attente" in person.reads("/connexion/en-attente")
    assert person.open("/travail").location.startswith("/connexion")
    mandataire = organisation["mandataire"]
    (waiting,) = mandataire.get("/newcomers")["items"]
    assert (waiting["name"], waiting["email"], waiting["siren"]) == (
        "Théo Blanc",
        "theo@alize.example",
        SIREN,
    )
    stranger = lead.post("/accounts", {"name": "Zoé", "role": "editor", "organisation": unheard()})
    other = Client(lead.http, stranger["key"])
    address = f"/newcomers/{waiting['id']}/acceptance"
    assert other.get("/newcomers")["items"] == []
    other.refused(404, "POST", address, json={"role": "editor", "function": "salarie"})
    mandataire.refused(403, "POST", address, json={"role": "lead"})
    accepted = mandataire.post(address, {"role": "editor", "function": "salarie"}, status=200)
    assert accepted["organisation"]["name"] == organisation["name"]
    person.sign_in()
    assert "Théo Blanc" in person.reads("/travail")
    mandataire.post(f"/accounts/{accepted['id']}/closing", status=200)
    assert person.open("/travail").location.startswith("/connexion")


def test_who_is_invited_comes_in_by_the_link_whatever_address_the_issuer_knows(
    application: Flask, portail: Issuer, organisation: Any
) -> None:
    mandataire = organisation["mandataire"]
    words = {"address": "noe@alize.example", "function": "salarie"}
    made = mandataire.post(f"/organisations/{organisation['id']}/invitations", words)
    portail.expects("noe", name="Noé Roy", email="noe@ailleurs.example")
    person, link = Person(application, portail), urlsplit(made["link"]).path
    shown = person.reads(link)
    assert "Accepter avec Portail" in shown
    assert f'href="{link}/aupres/' in shown, "where proxies log no address"
    assert person.sign_in(below=link).location == "/travail"
    assert "Noé Roy" in person.reads("/travail")
    accepted = mandataire.get(f"/invitations/{made['id']}")
    assert (accepted["state"], accepted["actions"]) == ("accepted", [])
    again = Person(application, portail).sign_in(below=link)
    assert again.status_code == 410
    assert "a déjà servi" in again.get_data(as_text=True)
    refused = person.browser.post(link, {"name": "Noé"})
    assert refused.status_code == 410
    assert person.sign_in().location == "/travail"


def test_who_is_refused_reads_why(application: Flask, portail: Issuer, lead: Client) -> None:
    portail.expects("nemo", name="Nemo")
    person = Person(application, portail)
    person.sign_in()
    (waiting,) = [one for one in lead.every("/newcomers") if one["name"] == "Nemo"]
    lead.post(f"/newcomers/{waiting['id']}/refusal", {"reason": "Inconnu de nos services."}, status=204)
    answer = person.sign_in()
    assert answer.status_code == 403
    assert "Inconnu de nos services." in answer.get_data(as_text=True)
    assert waiting["id"] not in [one["id"] for one in lead.every("/newcomers")]


def test_an_identity_is_given_an_account_that_is_there(
    application: Flask, portail: Issuer, organisation: Any, lead: Client
) -> None:
    kept = lead.post("/accounts", {"name": "Maud", "role": "editor", "organisation": organisation["name"]})
    portail.expects("maud", name="Maud", siret=SIRET, roles=["salaries"])
    person = Person(application, portail)
    person.sign_in()
    (waiting,) = [one for one in lead.every("/newcomers") if one["name"] == "Maud"]
    given = lead.post(f"/newcomers/{waiting['id']}/acceptance", {"account": kept["id"]}, status=200)
    assert given["id"] == kept["id"]
    person.sign_in()
    assert "Maud" in person.reads("/travail")


def test_a_person_of_two_organisations_chooses_at_the_sign_in(
    application: Flask, portail: Issuer, organisation: Any, lead: Client
) -> None:
    second = lead.post("/accounts", {"name": "Bo", "role": "editor", "organisation": f"Bise {unheard()}"})
    lead.put(f"/organisations/{second['organisation']['id']}/siren", {"siren": "552100554"})
    person = Person(application, portail)
    for siret in (SIRET, "55210055400013"):
        portail.expects("lou", name="Lou Conseil", roles=["salaries"], siret=siret)
        answer = person.sign_in("?vers=/dossiers")
    assert answer.location == "/comptes?vers=/dossiers"
    before = person.browser.http.get_cookie("session", domain="127.0.0.1")
    person.browser.open("/comptes?vers=/dossiers")
    person.browser.press(second["organisation"]["name"])
    after = person.browser.http.get_cookie("session", domain="127.0.0.1")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert second["organisation"]["name"] in person.reads("/compte")
    assert person.sign_in("?encore=1").location == "/travail"
    assert second["organisation"]["name"] in person.reads("/compte"), "what is sent again is of the same one"


@pytest.mark.usefixtures("organisation")
def test_who_signs_in_again_does_so_at_the_issuer(application: Flask, portail: Issuer) -> None:
    portail.expects("ines", name="Inès Morel", roles=["mandataires"], siret=SIRET)
    person = Person(application, portail)
    asked = person.open(f"/connexion/aupres/{portail.name}?encore=1").location
    assert parse_qs(urlsplit(asked).query)["max_age"] == ["0"]
    person.sign_in()
    with db.transaction(parts(application).sessions) as session:
        long_ago = BrowserSession.authenticated_at - 2 * FRESH
        own = sa.update(BrowserSession).where(BrowserSession.subject == "ines")
        session.execute(own.values(authenticated_at=long_ago))
    refused = person.makes_a_key()
    assert (refused.status_code, "Confirmez" in refused.text) == (401, True)
    person.sign_in("?encore=1")
    assert person.makes_a_key().status_code == 201


@pytest.mark.usefixtures("organisation")
def test_a_sign_in_of_which_the_issuer_does_not_say_when_opens_nothing_grave(
    application: Flask, portail: Issuer
) -> None:
    """Nor does who takes the wish for a new sign-in out of the address that leads to the issuer."""
    portail.expects("ines", name="Inès Morel", roles=["mandataires"], siret=SIRET)
    person = Person(application, portail)
    asked = urlsplit(person.open(f"/connexion/aupres/{portail.name}?encore=1").location)
    without = {name: value for name, (value,) in parse_qs(asked.query).items()} | {
        "max_age": "",
        "prompt": "",
    }
    words = urlencode({name: value for name, value in without.items() if value})
    person.open(person.back_from(asked._replace(query=words).geturl()))
    assert "Inès Morel" in person.reads("/travail")
    refused = person.makes_a_key()
    assert (refused.status_code, "auth_time" in refused.text) == (403, True)


def test_an_acr_that_is_not_demanded_is_refused(application: Flask, agence: Issuer) -> None:
    agence.expects("faible", name="Faible", roles=["pilotes"], acr="eidas1")
    answer = Person(application, agence).sign_in()
    assert answer.status_code == 401
    assert "n&#39;a pas abouti" in answer.get_data(as_text=True)


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(application: Flask, portail: Issuer) -> None:
    portail.expects("ines", name="Inès Morel", roles=["mandataires"], siret=SIRET)
    person, thief = Person(application, portail), Person(application, portail)
    back = person.leave()
    assert thief.open(back).status_code == 403
    thief.leave()
    assert thief.open(back).status_code == 403
    assert person.open(back).status_code == 303
    assert person.open(back).status_code == 403


def test_a_code_of_another_sign_in_is_refused(application: Flask, portail: Issuer) -> None:
    portail.expects("ines", name="Inès Morel", roles=["mandataires"], siret=SIRET)
    victim, thief = Person(application, portail), Person(application, portail)
    stolen = parse_qs(urlsplit(victim.leave()).query)["code"][0]
    own = urlsplit(thief.leave())
    code = parse_qs(own.query)["code"][0]
    assert thief.open(own.geturl().replace(code, stolen)).status_code == 401


@pytest.mark.parametrize("named", ["", "https://another.example"])
def test_an_answer_that_another_issuer_gave_is_refused(
    application: Flask, portail: Issuer, named: str
) -> None:
    person = Person(application, portail)
    back = urlsplit(person.leave())
    words = {name: value[0] for name, value in parse_qs(back.query).items() if name != "iss"}
    words |= {"iss": named} if named else {}
    answer = person.browser.http.get(back.path, base_url=HOME, query_string=words)
    assert answer.status_code == 401


@pytest.mark.usefixtures("organisation")
def test_who_goes_out_goes_out_at_the_issuer_as_well(application: Flask, portail: Issuer) -> None:
    portail.expects("ines", name="Inès Morel", roles=["mandataires"], siret=SIRET)
    person = Person(application, portail)
    person.sign_in()
    person.browser.open("/travail")
    farewell = person.browser.press("Se déconnecter", status=200)
    assert "Vous êtes déconnecté d'ici" in farewell
    assert "Se déconnecter" not in farewell
    (address,) = [link for link in person.browser.page.links.values() if link.startswith(portail.url)]
    asked = person.at_issuer.get(address, timeout=30)
    assert asked.status_code == 200
    assert person.open("/travail").location.startswith("/connexion")


def test_keys_that_rotate_are_fetched_and_those_before_serve_no_more(
    application: Flask, agence: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agence.expects("paul", name="Paul Pilote", roles=["pilotes"], acr="eidas2")
    Person(application, agence).sign_in()
    before = agence.signed(sub="paul")
    client = Client(application.test_client(), before)
    client.get("/me")
    agence.rotate()
    monkeypatch.setattr("referencing.accounts.openid.provider.SPARED", 0)
    person = Person(application, agence)
    assert person.sign_in().status_code == 303
    assert "Paul Pilote" in person.reads("/travail")
    client.refused(401, "GET", "/me")
    Client(application.test_client(), agence.signed(sub="paul")).get("/me")

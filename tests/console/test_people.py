"""A mandataire manages the organisation's people and keys by browser, a lead everybody's."""

import re
from uuid import uuid4

import pytest

from referencing.base.permissions import MAY, Right, Role
from tests.candidatures.dossiers import People
from tests.clients import Client
from tests.console.browser import Browser
from tests.console.conftest import SignIn

WORDS = re.compile(r"ref_[\w-]{43}")


@pytest.fixture
def mandataire(signed_in: SignIn) -> Browser:
    return signed_in(Role.EDITOR)


def open_account(mandataire: Browser, name: str = "Théo Blanc") -> str:
    """The key of a new salarié, as it is shown."""
    mandataire.open("/personnes/nouveau")
    (key,) = WORDS.findall(
        mandataire.press("Ouvrir ce compte", 201, name=name, role="editor", function="salarie")
    )
    return str(key)


def test_an_account_is_opened_and_its_key_is_shown_once(mandataire: Browser, people: People) -> None:
    key = open_account(mandataire)
    person = Client(people.app.test_client(), key).get("/me")
    assert [person["name"], person["function"]] == ["Théo Blanc", "salarie"]
    shown = mandataire.follow("Le compte de Théo Blanc")
    assert "Fonctionsalarié" in shown
    assert not WORDS.search(shown)
    assert "Théo Blanc" in mandataire.open("/personnes")


def test_what_is_wrong_with_a_new_account_stands_beside_it_and_is_kept(mandataire: Browser) -> None:
    mandataire.open("/personnes/nouveau")
    mandataire.press("Ouvrir ce compte", 422, name="", role="integration", function="")
    assert mandataire.answer is not None
    shown = mandataire.answer.get_data(as_text=True)
    assert 'id="name-wrong"' in shown
    assert 'value="integration" selected' in shown


def test_a_function_is_changed_and_the_last_mandataire_stays(mandataire: Browser, people: People) -> None:
    open_account(mandataire)
    mandataire.follow("Le compte de Théo Blanc")
    assert "La fonction est changée" in mandataire.press("Donner cette fonction", function="representant")
    own = people.editor.get("/me")["id"]
    mandataire.open(f"/personnes/{own}")
    assert "n'aurait plus de mandataire" in mandataire.press("Donner cette fonction", 409, function="salarie")


def test_managing_people_is_delegated_for_a_time(mandataire: Browser, people: People) -> None:
    key = open_account(mandataire)
    mandataire.follow("Le compte de Théo Blanc")
    assert "Donnez un dernier jour" in mandataire.press("Déléguer", 422, ends_on="2026-02-27")
    assert "du 2 mars 2026 au 31 mars 2026" in mandataire.press("Déléguer", ends_on="2026-03-31")
    theirs = Browser(people.app.test_client())
    theirs.sign_in(key)
    assert "Théo Blanc" in theirs.open("/personnes")
    assert "La délégation est terminée" in mandataire.press("Terminer cette délégation")
    theirs.sign_in(key)
    theirs.open("/personnes", 403)


def test_a_lead_says_why_a_function_changes(mandataire: Browser, signed_in: SignIn) -> None:
    open_account(mandataire)
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open("/personnes?q=théo")
    lead.follow("Théo Blanc")
    assert "Dites pourquoi" in lead.press("Donner cette fonction", 422, function="mandataire")
    lead.press("Donner cette fonction", function="mandataire", reason="La mandataire est partie.")
    assert "Fonctionmandataire" in lead.page.text.replace("\n", "")


def test_an_account_is_closed_once_it_is_meant(mandataire: Browser, people: People) -> None:
    key = open_account(mandataire)
    mandataire.follow("Le compte de Théo Blanc")
    assert "Cochez la case" in mandataire.press("Fermer ce compte", 422)
    assert "Le compte est fermé" in mandataire.press("Fermer ce compte", meant="1")
    Client(people.app.test_client(), key).refused(401, "GET", "/me")
    assert "Théo Blanc" not in mandataire.open("/personnes")
    assert "Théo Blanc" in mandataire.open("/personnes?closed=true")
    assert "Théo Blanc" in mandataire.open("/personnes?closed=")


def test_keys_of_somebody_are_made_and_revoked(mandataire: Browser, people: People) -> None:
    open_account(mandataire)
    mandataire.follow("Le compte de Théo Blanc")
    shown = mandataire.press("Faire cette clé", 201, name="Poste du cabinet", reading="1")
    (key,) = WORDS.findall(shown)
    reading = Client(people.app.test_client(), key)
    assert reading.get("/softwares")["items"] != []
    reading.refused(403, "POST", "/softwares", json={"name": "Alizé", "nil": "NIL-LU"})
    assert "Poste du cabinet" in mandataire.follow("Le compte de Théo Blanc")
    passed = {"name": "Été", "last_day": "2026-02-27"}
    assert "Ce jour est passé" in mandataire.press("Faire cette clé", 422, **passed)
    mandataire.press("la clé Poste du cabinet")
    reading.refused(401, "GET", "/me")


def test_browsers_of_somebody_are_ended(mandataire: Browser, people: People) -> None:
    theirs = Browser(people.app.test_client())
    theirs.sign_in(open_account(mandataire))
    mandataire.follow("Le compte de Théo Blanc")
    ended = next(words for form in mandataire.page.forms for words in form.buttons if "Terminer" in words)
    assert "Aucun navigateur n'est connecté" in mandataire.press(ended)
    theirs.open("/travail")
    assert theirs.address == "/connexion"


def test_everybody_sees_to_their_own_keys(signed_in: SignIn, people: People) -> None:
    verifier = signed_in(Role.VERIFIER)
    verifier.open("/compte/cles")
    (key,) = WORDS.findall(verifier.press("Faire cette clé", 201, name="Poste de Camille"))
    assert Client(people.app.test_client(), key).get("/me")["role"] == "verifier"
    assert "Poste de Camille" in verifier.follow("Mes clés")
    assert "révoquée" in verifier.press("la clé Poste de Camille")
    Client(people.app.test_client(), key).refused(401, "GET", "/me")


def test_a_key_for_reading_alone_opens_nothing_that_a_conflict_of_interest_closes(
    signed_in: SignIn, people: People
) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open("/compte/cles")
    (key,) = WORDS.findall(lead.press("Faire cette clé", 201, name="Tableau de bord", reading="1"))
    (kept,) = (one for one in people.lead.get("/me/keys")["items"] if one["name"] == "Tableau de bord")
    assert {right for right in kept["rights"] if Role.LEAD not in MAY[Right(right)]} == set()
    reading = Client(people.app.test_client(), key)
    assert reading.get("/softwares")["items"] != []
    declared = f"/conflicts/{uuid4()}/reading"
    refused = reading.refused(403, "POST", declared, json={"reason": "Pour voir."})
    assert "read_in_conflict" in str(refused)


def test_the_siren_of_an_organisation_is_noted_by_the_agency(mandataire: Browser, signed_in: SignIn) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open("/personnes/organisations")
    (name,) = [words for words, to in lead.page.links.items() if "/organisations/" in to][:1]
    lead.follow(name)
    address = lead.address
    assert "Ce n'est pas un SIREN" in lead.press("Noter ce SIREN", 422, siren="732829321")
    assert "Le SIREN est noté" in lead.press("Noter ce SIREN", siren="732 829 320")
    assert "Noter ce SIREN" not in mandataire.open(address)


def test_a_lead_says_of_which_organisation_an_account_is(signed_in: SignIn) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open("/personnes/nouveau")
    assert "dites laquelle" in lead.press("Ouvrir ce compte", 422, name="Ana", role="editor", organisation="")
    assert lead.answer is not None
    assert 'id="organisation-wrong"' in lead.answer.get_data(as_text=True)
    lead.press("Ouvrir ce compte", 201, name="Ana", role="editor", organisation="Bise")


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.INTEGRATION, Role.AUDITOR])
def test_who_manages_nobody_is_refused(signed_in: SignIn, mandataire: Browser, role: Role) -> None:
    browser = signed_in(role, "Sasha")
    for address in ("/personnes", "/personnes/nouveau", "/personnes/organisations"):
        browser.open(address, 403)


def test_nobody_of_another_organisation_is_found(mandataire: Browser, people: People) -> None:
    other = people(Role.EDITOR, "Bérénice", "Bise")
    away = other.get("/me")["id"]
    assert "Bérénice" not in mandataire.open("/personnes")
    mandataire.open(f"/personnes/{away}", 404)
    for act in ("fonction", "fermeture", "cles"):
        answer = mandataire.post(
            f"/personnes/{away}/{act}", {"function": "salarie", "meant": "1", "name": "x"}
        )
        assert answer.status_code == 404


def test_lists_go_on_page_after_page(
    mandataire: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("referencing.console.people.routes.MOST", 1)
    open_account(mandataire)
    assert "Théo Blanc" not in mandataire.open("/personnes?closed=")
    assert "Théo Blanc" in mandataire.follow("Suivants")


def test_a_lead_sees_what_an_erasure_does_and_erases(signed_in: SignIn, people: People) -> None:
    lead = signed_in(Role.LEAD)
    account = people(Role.VERIFIER, f"Apolline {uuid4().hex[:8]}").get("/me")["id"]
    lead.open(f"/personnes/{account}")
    taken = lead.post(f"/personnes/{account}/donnees", {})
    assert (taken.status_code, taken.get_json()["account"]) == (200, account)
    assert lead.post(f"/personnes/{account}/donnees", {}, headers={}).status_code == 403, "from elsewhere"
    shown = lead.follow("Voir ce qu'un effacement ferait")
    assert "Ce qui reste, et pourquoi" in shown
    assert "Messages écrits" in shown
    assert "Cochez la case" in lead.press("Effacer cette personne", 422, reason="Demande du 2 mars.")
    shown = lead.press("Effacer cette personne", reason="Demande du 2 mars.", meant="1")
    assert "La personne est effacée." in shown
    assert "Personne effacée n°" in shown
    assert "Voir ce qu'un effacement ferait" not in shown


def test_everybody_takes_a_copy_of_what_is_held_about_them(signed_in: SignIn, people: People) -> None:
    browser = signed_in(Role.EDITOR)
    assert "Ce que l'on sait de moi" in browser.open("/compte")
    browser.open("/compte/donnees")
    assert browser.answer is not None
    assert browser.answer.get_json()["account"] == people.editor.get("/me")["id"]
    other = people(Role.VERIFIER, "Vasseur").get("/me")["id"]
    assert browser.post(f"/personnes/{other}/donnees", {}).status_code == 403
    browser.open(f"/personnes/{other}/effacement", 403)

"""Invitations over HTTP and by browser, where this service sends no e-mail: the link is shown once to who invites."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from referencing.base.permissions import Role
from tests.builders import somebody, unheard
from tests.clients import Client
from tests.console.browser import Browser


@pytest.fixture
def mandataire(shared_app: Flask) -> Client:
    return somebody(shared_app, Role.EDITOR, f"Alizé {unheard()}")


@pytest.fixture
def organisation(mandataire: Client) -> str:
    return str(mandataire.get("/organisations")["items"][0]["id"])


def invited(by: Client, organisation: str, address: str = "theo@alize.example") -> Any:
    return by.post(
        f"/organisations/{organisation}/invitations", {"address": address, "function": "representant"}
    )


def test_an_invitation_lives_by_its_actions(mandataire: Client, organisation: str) -> None:
    made = invited(mandataire, organisation)
    assert made["link"].startswith("http://localhost/invitation/")
    assert (made["state"], made["letter"], made["actions"]) == ("open", "no_server", ["resend", "revoke"])
    address = f"/invitations/{made['id']}"
    again = mandataire.post(f"{address}/sending", status=200)
    assert again["link"] != made["link"]
    revoked = mandataire.post(f"{address}/revocation", status=200)
    assert (revoked["state"], revoked["actions"]) == ("revoked", [])
    assert mandataire.get(address) == revoked
    assert "est révoquée" in mandataire.refused(409, "POST", f"{address}/sending")["detail"]
    assert [one["id"] for one in mandataire.every(f"/invitations?organisation={organisation}")] == [
        made["id"]
    ]


def test_the_link_is_shown_once_also_to_who_repeats_the_request(
    mandataire: Client, organisation: str
) -> None:
    words = {"address": "a@x.example", "function": "salarie"}
    path, headers = f"/organisations/{organisation}/invitations", {"Idempotency-Key": "once"}
    first = mandataire.post(path, words, headers=headers)
    assert mandataire.post(path, words, headers=headers) == first | {"link": None}


def test_nobody_outside_sees_an_invitation(shared_app: Flask, mandataire: Client, organisation: str) -> None:
    made = invited(mandataire, organisation)
    stranger = somebody(shared_app, Role.EDITOR, f"Bise {unheard()}")
    stranger.refused(404, "GET", f"/invitations/{made['id']}")
    stranger.refused(404, "POST", f"/invitations/{made['id']}/revocation")
    words = {"address": "x@x.example", "function": "salarie"}
    stranger.refused(404, "POST", f"/organisations/{organisation}/invitations", json=words)
    assert list(stranger.every("/invitations")) == []
    somebody(shared_app, Role.VERIFIER).refused(403, "GET", "/invitations")
    lead = somebody(shared_app, Role.LEAD)
    (seen,) = lead.every(f"/organisations/{organisation}/invitations")
    assert seen["id"] == made["id"]


@pytest.mark.parametrize(("address", "status"), [("personne", 422), ("a@b.example\nBcc: c@d.example", 422)])
def test_what_is_no_address_is_refused(
    mandataire: Client, organisation: str, address: str, status: int
) -> None:
    words = {"address": address, "function": "salarie"}
    refused = mandataire.refused(status, "POST", f"/organisations/{organisation}/invitations", json=words)
    assert refused["errors"][0]["pointer"] == "/address"


def test_who_has_the_link_takes_the_account_by_a_name_and_is_shown_its_key(
    shared_app: Flask, mandataire: Client, organisation: str
) -> None:
    link = urlsplit(invited(mandataire, organisation)["link"]).path
    person = Browser(shared_app.test_client())
    assert "éditeur, représentant" in person.open(link)
    assert "Ce champ est requis" in person.press("Accepter et recevoir ma clé", 422, name=" ")
    shown = person.press("Accepter et recevoir ma clé", 201, name="Théo Blanc")
    key = shown[shown.index("ref_") :].split()[0]
    me = Client(shared_app.test_client(), key).get("/me")
    assert (me["name"], me["function"], me["email"]) == ("Théo Blanc", "representant", "theo@alize.example")
    assert "a déjà servi" in person.open(link, 410)
    assert "n'ouvre aucune invitation" in person.open("/invitation/inconnue", 404)


def test_a_mandataire_invites_by_browser(shared_app: Flask, mandataire: Client) -> None:
    browser = Browser(shared_app.test_client())
    browser.sign_in(mandataire.key)
    assert "Personne n'est invité" in browser.open("/personnes/invitations")
    problem = browser.press("Inviter", 422, address="personne", role="editor", function="salarie")
    assert "Donnez une adresse de messagerie" in problem
    shown = browser.press("Inviter", 201, address="theo@alize.example", role="editor", function="salarie")
    assert "/invitation/" in shown
    assert "en cours" in browser.follow("Les invitations")
    browser.press("l'invitation de theo@alize.example", 201)
    browser.open("/personnes/invitations")
    (revoke,) = {one for form in browser.page.forms for one in form.buttons if one == "Révoquer"}
    assert "son lien n'ouvre plus rien" in browser.press(revoke)
    assert "révoquée" in browser.open("/personnes/invitations")

"""Access tokens of real issuers, beside keys: of people and of machines; and what is none."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.accounts.test_at_once import Attempts
from tests.builders import unheard
from tests.clients import Client
from tests.reviews.test_at_once import at_once

from .issuer import Issuer, new_key

pytestmark = pytest.mark.services


def bearer(application: Flask, token: str) -> Client:
    return Client(application.test_client(), token)


@pytest.fixture
def known(application: Flask, agence: Issuer, lead: Client) -> str:
    return accepted(application, agence, lead)


def accepted(application: Flask, agence: Issuer, lead: Client) -> str:
    """The subject of somebody who was accepted as a verifier."""
    subject = unheard()
    waits = bearer(application, agence.signed(sub=subject, name=subject)).refused(403, "GET", "/me")
    assert "vous n'avez pas encore accès" in waits["detail"]
    (waiting,) = [one for one in lead.every("/newcomers") if one["name"] == subject]
    lead.post(f"/newcomers/{waiting['id']}/acceptance", {"role": "verifier"}, status=200)
    return subject


def test_a_token_speaks_for_whom_its_issuer_names(application: Flask, agence: Issuer, known: str) -> None:
    me = bearer(application, agence.signed(sub=known)).get("/me")
    assert (me["name"], me["role"]) == (known, "verifier")


def test_scopes_that_are_rights_narrow_a_token(application: Flask, agence: Issuer, known: str) -> None:
    narrow = bearer(application, agence.signed(sub=known, scope="openid read_catalogue"))
    assert narrow.get("/me")["rights"] == ["read_catalogue"]
    narrow.refused(403, "GET", "/queues")


def test_one_subject_of_two_issuers_is_two_people(application: Flask, portail: Issuer, known: str) -> None:
    bearer(application, portail.signed(sub=known)).refused(403, "GET", "/me")


def test_a_forged_token_is_refused(application: Flask, agence: Issuer, portail: Issuer, known: str) -> None:
    foreign = new_key()
    forged = Issuer(agence.name, agence.port, keys=[foreign])
    refused = [
        forged.signed(sub=known),
        forged.signed({"kid": agence.keys[0].kid}, sub=known),
        portail.signed(sub=known, iss=agence.url),
        agence.signed(sub=known, iss=portail.url),
        agence.signed(sub=known, aud="another"),
        agence.signed(sub=known, aud=f"referencing-{agence.name}"),
        agence.signed(sub=known, exp=1),
        agence.signed({"typ": "JWT"}, sub=known),
        agence.signed({"kid": None}, sub=known),
    ]
    for token in refused:
        problem = bearer(application, token).refused(401, "GET", "/me")
        assert "Ce jeton n'est pas accepté" in problem["detail"]


def test_a_machine_comes_by_client_credentials(application: Flask, portail: Issuer, lead: Client) -> None:
    machine = bearer(application, portail.machine_token())
    machine.refused(403, "GET", "/me")
    (waiting,) = [one for one in lead.every("/newcomers") if one["machine"]]
    acceptance = f"/newcomers/{waiting['id']}/acceptance"
    lead.refused(409, "POST", acceptance, json={"role": "lead"})
    lead.post(acceptance, {"role": "integration", "organisation": f"Usine {unheard()}"}, status=200)
    me = bearer(application, portail.machine_token()).get("/me")
    assert (me["name"], me["role"], me["rights"]) == ("pipeline", "integration", ["read_catalogue"])


def test_a_token_serves_nothing_that_is_begun_once_its_account_is_closed(
    application: Flask, agence: Issuer, lead: Client
) -> None:
    attempts = Attempts(application)

    def on_a_new_account() -> Iterator[Callable[[], None]]:
        token = agence.signed(sub=accepted(application, agence, lead))
        account = bearer(application, token).get("/me")["id"]
        closing = Client(application.test_client(), lead.key)
        tried = (attempts.read, attempts.make_key, attempts.read)
        yield from attempts.on(token, tried, lambda: closing.post(f"/accounts/{account}/closing", status=200))

    threads = [act for _ in range(4) for act in on_a_new_account()]
    at_once(threads)
    assert len(threads) == 16
    assert attempts.came_after() == []


def test_a_closed_account_is_closed_for_its_tokens(
    application: Flask, agence: Issuer, lead: Client, known: str
) -> None:
    client = bearer(application, agence.signed(sub=known))
    account = client.get("/me")["id"]
    lead.post(f"/accounts/{account}/closing", status=200)
    client.refused(403, "GET", "/me")

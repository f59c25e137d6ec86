"""Where keys are for programs alone, a person has nothing but what an issuer says of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from referencing.base.permissions import Role
from referencing.config import Settings
from tests.builders import somebody
from tests.clients import Client
from tests.conftest import parts

HOST = "http://127.0.0.1"
SENTENCE = "Les clés servent ici aux programmes seuls"


@pytest.fixture
def close(shared_app: Flask) -> Iterator[Callable[[], None]]:
    """From now on keys are for programs alone."""
    whole = parts(shared_app)

    def closed() -> None:
        settings = replace(whole.settings, keys_for_people=False)
        shared_app.extensions["referencing"] = replace(whole, settings=settings)

    yield closed
    shared_app.extensions["referencing"] = whole


@pytest.fixture
def lead(shared_app: Flask) -> Client:
    return somebody(shared_app, Role.LEAD)


def test_a_persons_key_opens_neither_the_api_nor_the_console(
    shared_app: Flask, lead: Client, close: Callable[[], None]
) -> None:
    program = somebody(shared_app, Role.INTEGRATION)
    close()
    assert SENTENCE in lead.refused(403, "GET", "/me")["detail"]
    assert program.get("/me")["role"] == "integration"
    for key in (lead.key, program.key):
        browser = shared_app.test_client()
        answer = browser.post("/connexion", base_url=HOST, data={"key": key}, headers={"Origin": HOST})
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
        assert SENTENCE in answer.get_data(as_text=True)


def test_who_came_in_with_a_key_is_out(shared_app: Flask, lead: Client, close: Callable[[], None]) -> None:
    browser = shared_app.test_client()
    browser.post("/connexion", base_url=HOST, data={"key": lead.key}, headers={"Origin": HOST})
    assert browser.get("/compte", base_url=HOST).status_code == 200
    close()
    assert browser.get("/compte", base_url=HOST).location.startswith("/connexion")


def test_the_sign_in_asks_for_no_key(shared_app: Flask, close: Callable[[], None]) -> None:
    before = shared_app.test_client().get("/connexion").get_data(as_text=True)
    close()
    after = shared_app.test_client().get("/connexion").get_data(as_text=True)
    assert ('name="key"' in before, 'name="key"' in after) == (True, False)


def test_it_takes_an_issuer() -> None:
    _, problems = Settings.read({"KEYS_FOR": "programs"})
    assert problems == ["KEYS_FOR=programs lets people in by OIDC_ISSUERS alone: name one"]
    settings, problems = Settings.read({"KEYS_FOR": "programs", "OIDC_ISSUERS": "agence"})
    assert (settings.keys_for_people, problems) == (False, [])

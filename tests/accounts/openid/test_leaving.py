"""A sign-in begins by what a person does here: no other site begins one for them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from referencing.app import create_app
from referencing.config import Settings


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that trusts an issuer."""
    settings = Settings.from_environment(
        {
            "REFERENCING_DATA": str(tmp_path_factory.mktemp("trusting")),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "OIDC_ISSUERS": "agence",
            "OIDC_AGENCE_URL": "https://agence.example",
            "OIDC_AGENCE_CLIENT_ID": "referencing",
        }
    )
    return create_app(settings)


@pytest.fixture
def browser(trusting: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser before it; the issuer is silent."""

    def send(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("referencing.accounts.openid.provider.send", send)
    return trusting.test_client()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/connexion/aupres/agence", "/connexion"),
        ("/invitation/lien/aupres/agence", "/invitation/lien"),
    ],
)
def test_who_comes_by_a_link_of_another_site_is_shown_the_button(
    browser: FlaskClient, address: str, shown: str, site: str
) -> None:
    answer = browser.get(address, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.location) == (303, shown)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}], ids=str
)
def test_who_presses_the_button_is_led_to_the_issuer(browser: FlaskClient, headers: dict[str, str]) -> None:
    assert browser.get("/connexion/aupres/agence", headers=headers).status_code == 503, "it was asked"

"""People say where they are written to, read their letters, and see where they are signed in."""

from uuid import UUID

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.mail.operations import write
from tests.candidatures.dossiers import People
from tests.console.browser import Browser
from tests.console.conftest import SignIn


@pytest.fixture
def verifier(signed_in: SignIn) -> Browser:
    return signed_in(Role.VERIFIER)


def test_ones_name_leads_to_ones_account(verifier: Browser) -> None:
    shown = verifier.follow("Camille")
    assert "Rôlevérification" in shown
    assert "Organisationl'agence" in shown
    assert "ce navigateur" in verifier.follow("Où je suis connecté")


def test_an_address_is_noted_and_erased(verifier: Browser, people: People) -> None:
    verifier.open("/compte")
    assert "Votre adresse est notée." in verifier.press("Noter cette adresse", address="camille@exemple.fr")
    assert people(Role.VERIFIER).get("/me")["email"] == "camille@exemple.fr"
    assert "Votre adresse est effacée" in verifier.press("Effacer mon adresse")
    assert people(Role.VERIFIER).get("/me")["email"] is None
    assert "Effacer mon adresse" not in verifier.page.text


@pytest.mark.parametrize("address", ["camille", ""])
def test_what_is_no_address_is_said_beside_the_field_and_kept(verifier: Browser, address: str) -> None:
    verifier.open("/compte")
    verifier.press("Noter cette adresse", 422, address=address)
    assert verifier.answer is not None
    shown = verifier.answer.get_data(as_text=True)
    assert 'id="address-wrong"' in shown
    assert f'value="{address}"' in shown


def test_nothing_written_yet_is_said(verifier: Browser) -> None:
    assert "Rien ne vous a encore été écrit" in verifier.open("/compte")


def test_letters_are_read_by_their_person_alone_page_after_page(
    verifier: Browser, people: People, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("referencing.console.account.routes.MOST", 1)
    account = people(Role.VERIFIER).get("/me")["id"]
    with db.transaction(people.parts.sessions) as session:
        for number in ("une", "deux"):
            write(session, UUID(account), f"essai:{number}", f"Lettre {number}", "Bonjour.")
    shown = verifier.open("/compte")
    assert "Lettre deux" in shown
    assert "Lettre une" not in shown
    assert "Lettre une" in verifier.follow("Plus anciens")
    assert "Lettre" not in signed_in(Role.LEAD, "Dominique").open("/compte")


def test_an_integration_is_not_written_to(signed_in: SignIn) -> None:
    browser = signed_in(Role.INTEGRATION)
    assert "Une intégration ne reçoit pas de courrier." in browser.open("/compte")
    assert "Noter cette adresse" not in browser.page.text

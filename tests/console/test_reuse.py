"""Confirming a reuse: the derivation drawn, both texts, the earlier file, and the verdict."""

from collections.abc import Iterator

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import CNDA, OLD_CNDA, Dossier, People
from tests.candidatures.running import Running
from tests.console.browser import Browser
from tests.console.conftest import SignIn


def second_referencing(people: People) -> list[Dossier]:
    """The first wave is referenced; the second asks for the same, and one reuse of it is to be confirmed."""
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    return [people.in_review("LGC-V2", solution)]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(second_referencing) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def browser(dossier: Dossier, signed_in: SignIn) -> Browser:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.open("/travail")
    browser.press("la suivante de la file Réemplois à confirmer")
    return browser


def test_the_derivation_leads_from_what_is_asked_to_the_earlier_file(browser: Browser) -> None:
    shown = browser.open(browser.address)
    assert f"{CNDA} demande la même chose que (règle « CNDA ») : {OLD_CNDA}" in shown
    assert "Fichier d'alors" in shown
    assert "Les deux textes" in shown


def test_its_editor_sees_the_derivation_on_the_page_of_the_proof(dossier: Dossier, signed_in: SignIn) -> None:
    item = dossier.item(CNDA)["id"]
    shown = signed_in(Role.EDITOR).open(f"/dossiers/{dossier.id}/preuves/{item}")
    assert f"{CNDA} demande la même chose que (règle « CNDA ») : {OLD_CNDA}" in shown


def test_a_reuse_is_confirmed_by_one_button(browser: Browser, dossier: Dossier) -> None:
    assert f"Verdict rendu sur {CNDA} : conforme." in browser.press("Confirmer, et la suivante")
    assert dossier.item(CNDA)["state"] == "covered"


def test_a_reuse_is_refused_with_a_reason(browser: Browser, dossier: Dossier) -> None:
    button = "Rendre ce verdict, et la suivante"
    assert "Dites à l'éditeur" in browser.press(button, 422, outcome="nonconform")
    browser.press(button, outcome="nonconform", comment="Un autre numéro.")
    assert dossier.item(CNDA)["state"] == "required"


def test_the_earlier_file_is_read_from_a_response_of_its_own(browser: Browser) -> None:
    addresses = [link for link in browser.page.links.values() if link.startswith("/fichiers/preuves/")]
    assert addresses
    assert browser.fetch(addresses[0]).headers["Content-Security-Policy"].startswith("sandbox")

"""An editor registers a software and opens a candidature for it."""

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn

OPEN = "Ouvrir la candidature"


@pytest.fixture
def browser(signed_in: SignIn) -> Browser:
    browser = signed_in(Role.EDITOR)
    browser.open("/dossiers")
    browser.follow("Ouvrir une candidature")
    return browser


def test_a_software_its_names_and_a_candidature(browser: Browser, people: People) -> None:
    browser.press("Enregistrer ce logiciel", name="Bise", nil="NIL-BISE", commercial_name="Bise Cabinet")
    (software,) = [one for one in people.editor.get("/softwares")["items"] if one["nil"] == "NIL-BISE"]
    browser.press("Ajouter ce nom", software=software["id"], commercial_name="Bise Hôpital")
    (software,) = [one for one in people.editor.get("/softwares")["items"] if one["nil"] == "NIL-BISE"]
    names = {one["commercial_name"]: one["id"] for one in software["solutions"]}
    shown = browser.press(
        OPEN,
        solution=names["Bise Hôpital"],
        software_version="2.1",
        dsr="LGC-V2",
        composition="mss : Facteur-MSS@3.1\n",
        profiles="Messagerie organisationnelle",
    )
    assert "Bise Hôpital 2.1 – LGC-V2" in shown
    assert "preuves à fournir" in shown
    opened = people.editor.get("/candidatures?sort=newest&limit=1")["items"][0]
    assert opened["composition"] == [{"role": "mss", "component": "Facteur-MSS@3.1"}]
    assert opened["profiles"] == ["Messagerie organisationnelle"]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(browser: Browser) -> None:
    shown = browser.press(OPEN, 422, dsr="LGC-V2", software_version="", composition="Facteur-MSS@3.1")
    assert "écrivez « mss : Facteur-MSS@3.1 »" in shown
    shown = browser.press(OPEN, 422, dsr="LGC-V2", software_version="", composition="mss : Facteur@1")
    assert "Ce champ est requis." in shown
    assert "mss : Facteur@1" in shown


def test_what_a_list_asks_for_is_read_from_where_its_profiles_are_named(browser: Browser) -> None:
    browser.follow("Ce que demande chaque référentiel")
    browser.follow("LGC-V2")
    assert "Profil Général" in browser.follow("Lire les exigences")


def test_a_nil_that_is_taken_registers_nothing(browser: Browser, people: People) -> None:
    browser.press("Enregistrer ce logiciel", 409, name="Autre", nil="NIL-1", commercial_name="Autre")
    assert [one["name"] for one in people.editor.get("/softwares")["items"]] == ["Alizé Cabinet"]


def test_only_editors_open_candidatures(dossier: Dossier, signed_in: SignIn) -> None:
    signed_in(Role.VERIFIER, "Vasseur").open("/dossiers/nouveau", 403)

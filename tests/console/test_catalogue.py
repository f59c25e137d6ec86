"""A catalogue manager imports a REM, reads what became of each row, corrects what its text proposed, and publishes."""

from io import BytesIO
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import People
from tests.catalogue.workbooks import row, workbook
from tests.clients import Client, escaped
from tests.console.browser import Browser
from tests.console.conftest import SignIn


@pytest.fixture
def browser(signed_in: SignIn) -> Browser:
    return signed_in(Role.CATALOGUE, "Auteur")


def imported(browser: Browser, *rows: dict[str, object]) -> str:
    """What the page says once a workbook was chosen and sent."""
    return browser.press("Importer", file=(workbook(*rows), "rem.xlsx"))


def begun(browser: Browser, code: str = "SIL-V3") -> str:
    browser.open("/catalogue")
    words: dict[str, Any] = {"dispositif": "SIL", "vague": "3", "couloir": "Biologie", "title": "Laboratoire"}
    return browser.press("Créer ce DSR", code=code, **words)


@pytest.fixture
def manager(people: People) -> Client:
    """The same person's program."""
    return people(Role.CATALOGUE, "Auteur")


def test_a_list_goes_from_its_import_to_its_publication(
    browser: Browser, manager: Client, people: People
) -> None:
    assert "version 1 en préparation" in begun(browser)
    assert browser.address == "/catalogue/SIL-V3"
    page = imported(browser, row(), row("INS.02", "INS.02.01.01", ID=""))
    assert "1 exigence ajoutée" in page
    assert "Ligne 3 : La ligne n'a pas d'ID : elle est laissée de côté." in page
    people(Role.LEAD, "Pilote").post("/platforms", {"code": "mire", "name": "Mire", "description": ""})
    browser.open("/catalogue/SIL-V3/exigences?version=1&kind=demonstration")
    page = browser.press("Corriger", 422, kind="document", guichet="CNDA", roles="", platforms="mires")
    assert "Aucune plateforme n'a le code « mires »" in page
    page = browser.press("Corriger", kind="document", guichet="CNDA", roles="dmp, mss", platforms="mire")
    assert "SIL-V3:INS.01#01.01" not in page  # it is no demonstration any more
    (requirement,) = manager.get("/dsrs/SIL-V3/requirements?version=1&kind=document")["items"]
    (proof,) = requirement["proofs"]
    assert (proof["guichet"], proof["roles"], proof["corrected"]) == ("CNDA", ["dmp", "mss"], True)
    assert proof["platforms"] == ["mire"]
    assert "C'est la première version." in browser.open("/catalogue/SIL-V3")
    assert "La version 1 est publiée" in browser.press("Publier")
    page = imported(browser, row(Preuve="Une capture d'écran."), row("INS.02", "INS.02.01.01"))
    assert "1 exigence ajoutée, 1 changée" in page
    assert "Par rapport à la version 1 : 1 preuve attendue de plus, 0 de moins, 1 demandée" in page


def test_a_list_that_nobody_published_has_no_page_for_others(browser: Browser, signed_in: SignIn) -> None:
    begun(browser, "SIL-V9")
    for role in (Role.EDITOR, Role.LEAD):
        reader = signed_in(role)
        reader.open("/catalogue/SIL-V9", 404)
        reader.open("/catalogue/SIL-V9/exigences", 404)


def test_what_is_wrong_is_said_and_loses_nothing(browser: Browser, manager: Client) -> None:
    browser.open("/catalogue")
    page = browser.press(
        "Créer ce DSR", 422, code="SIL V3", dispositif="SIL", vague="3", couloir="B", title="L"
    )
    assert "Le code d'un DSR est fait de lettres" in page
    assert [form.fields.get("code") for form in browser.page.forms if "code" in form.fields] == ["SIL V3"]
    begun(browser, "SIL-V4")
    assert "classeur" in browser.press("Importer", 422, file=(BytesIO(b"Une lettre."), "rem.xlsx"))
    assert manager.get("/dsrs/SIL-V4/summary?version=1")["proofs"] == []
    imported(browser, row())
    browser.open("/catalogue/SIL-V4/exigences?version=1")
    manager.send(
        "PATCH",
        f"/dsrs/SIL-V4/proofs/{escaped('SIL-V4:INS.01#01.01')}",
        json={"duo": False},
        headers={"If-Match": '"1"'},
    )
    page = browser.press("Corriger", 412, kind="log")
    assert "Quelqu'un a corrigé cette preuve entre-temps" in page


def test_socles_come_from_a_table(browser: Browser, manager: Client) -> None:
    begun(browser, "SIL-V5")
    imported(browser, row())
    table = "vague;dispositif;exigence;socle;texte\n3;SIL;INS.01;SOCLE-INS.01;identique\n"
    page = browser.press("Rattacher", file=(BytesIO(table.encode()), "socles.csv"))
    assert "1 exigence rattachée" in page
    (requirement,) = manager.get("/dsrs/SIL-V5/requirements?version=1")["items"]
    assert requirement["socle"] == "SOCLE-INS.01"


def test_who_does_not_keep_the_catalogue_reads_what_is_published(signed_in: SignIn) -> None:
    reader = signed_in(Role.VERIFIER)
    page = reader.open("/catalogue/LGC-V1")
    assert "Publier" not in page
    assert "Importer" not in page
    assert "Corriger" not in reader.open("/catalogue/LGC-V1/exigences")
    assert "Version 2" not in page
    refused: Any = reader.post("/catalogue/LGC-V1/publication", {})
    assert refused.status_code == 403

"""A past referencing has its pages, as any dossier: they say that it was taken over, and nothing that is not known."""

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, OLD_TRAITS, People
from tests.clients import Client
from tests.console.browser import Browser
from tests.takeover.files import going_on, row
from tests.takeover.test_taking_over import became, taken_over


@pytest.mark.parametrize(
    ("role", "nil"), [(Role.EDITOR, "NIL-A"), (Role.LEAD, "NIL-B"), (Role.AUDITOR, "NIL-C")]
)
def test_its_pages_say_that_it_was_taken_over(people: People, role: Role, nil: str) -> None:
    told = going_on(OLD_PART, "non conforme"), going_on(OLD_TRAITS, "sans objet")
    (dossier,) = became(people, taken_over(people, row(NIL=nil), *told))
    browser = signed_in(people, people(role))
    page = browser.open(f"/dossiers/{dossier.id}")
    assert "d'un référencement d'avant ce service" in page
    assert "pas encore" not in page
    items = {item["code"]: item["id"] for item in dossier.items()}
    page = browser.open(f"/dossiers/{dossier.id}/preuves/{items[OLD_IDENTITY]}")
    assert "Reprise sans fichier" in page
    assert "source « stock.csv »" in page
    for code in (OLD_PART, OLD_TRAITS):
        assert "source « stock.csv »" in browser.open(f"/dossiers/{dossier.id}/preuves/{items[code]}")
    assert "Référencement antérieur repris" in browser.open(f"/dossiers/{dossier.id}/historique")


def signed_in(people: People, client: Client) -> Browser:
    browser = Browser(people.app.test_client())
    browser.sign_in(client.key)
    return browser

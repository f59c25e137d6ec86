"""A past referencing has its pages, as any dossier: they say that it was taken over, and nothing that is not known."""

import io
from zipfile import ZipFile

import pytest

from referencing.base.permissions import Role
from tests.audits.inquiry import of
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, OLD_TRAITS, TRAITS, People, verdict
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


def test_a_verifier_confirms_a_reuse_of_it_knowing_where_it_comes_from(people: People) -> None:
    registered = people.software("NIL-D")
    taken_over(people, row(NIL="NIL-D", Preuve=OLD_PART))
    dossier = people.in_review("LGC-V2", people.solution("Bêta", registered))
    task = dossier.task(TRAITS)
    page = signed_in(people, people.verifier).open(f"/taches/{task}")
    assert "reprise d'un référencement antérieur (source « stock.csv »" in page
    taken = people.verifier.post(f"/tasks/{task}/claim", status=200)
    people.verifier.post(f"/tasks/{taken['id']}/verdict", verdict(taken), status=200)
    assert dossier.states()[TRAITS] == "covered"


def test_an_audit_of_it_has_its_file(people: People) -> None:
    (dossier,) = became(people, taken_over(people, row(NIL="NIL-E")))
    inquiry = of(dossier, size=1).open()
    (sampled,) = inquiry.sample()
    assert [fact["verification"] for fact in sampled["facts"]] != [None]
    inquiry.find_all()
    with ZipFile(io.BytesIO(inquiry.export())) as archive:
        assert archive.testzip() is None
    page = signed_in(people, inquiry.auditor).open(f"/audits/{inquiry.id}")
    assert OLD_IDENTITY in page


def test_the_list_of_dossiers_tells_it_from_what_was_filed_here(people: People) -> None:
    filed = people.draft("LGC-V2", people.solution("Alpha", people.software("NIL-F")))
    filed.submit(incomplete=True)
    (past,) = became(people, taken_over(people, row(NIL="NIL-F")))
    browser = signed_in(people, people.lead)
    for imported, shown, hidden in (("true", past, filed), ("false", filed, past)):
        browser.open("/dossiers")
        browser.press("Chercher", q="NIL-F", imported=imported)
        addresses = browser.page.links.values()
        assert f"/dossiers/{shown.id}" in addresses
        assert f"/dossiers/{hidden.id}" not in addresses

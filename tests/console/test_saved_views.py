"""The views beside a list: kept under a name, the list opens with one, a lead shares one, without script and by key."""

import re

import pytest

from referencing.base.permissions import Role
from referencing.console.saved_views import shelf
from tests.candidatures.dossiers import Dossier, People
from tests.console.browser import Browser
from tests.console.chromium import Window
from tests.console.conftest import SignIn

KEEP = "Garder"


@pytest.fixture
def lead(signed_in: SignIn) -> Browser:
    return signed_in(Role.LEAD, "Dominique")


def address(browser: Browser) -> str:
    assert browser.answer is not None
    return browser.answer.request.full_path.rstrip("?")


def test_what_the_list_shows_is_kept_and_found_again(lead: Browser, people: People, dossier: Dossier) -> None:
    people.draft("LGC-V1", people.solution("Bêta"))
    lead.open("/dossiers?state=in_review&q=alpha")
    assert "En instruction" in lead.press(KEEP, name="En instruction")
    lead.open("/dossiers")
    assert "Alpha" in lead.follow("En instruction")
    assert address(lead) == "/dossiers?q=alpha&state=in_review"
    assert 'aria-current="page" data-key="1"' in written(lead)
    lead.press("Supprimer la vue « En instruction »")
    assert "En instruction" not in lead.page.links
    assert dossier.state == "in_review"


def written(browser: Browser) -> str:
    assert browser.answer is not None
    return browser.answer.get_data(as_text=True)


def test_the_list_opens_with_a_view_and_shows_all_when_asked(lead: Browser, dossier: Dossier) -> None:
    lead.open("/dossiers?state=refused")
    lead.press(KEEP, name="Refusés", opens="on")
    assert "Aucun dossier ne répond" in lead.open("/dossiers")
    assert address(lead) == "/dossiers?state=refused"
    assert "Alpha" in lead.follow("Tout")
    lead.open("/dossiers?state=refused")
    lead.press(KEEP, name="Refusés", opens=[])
    assert "Alpha" in lead.open("/dossiers")


def test_a_view_of_the_same_name_takes_the_place_of_the_first(lead: Browser, people: People) -> None:
    lead.open("/dossiers?state=refused")
    lead.press(KEEP, name="La mienne")
    lead.open("/dossiers?state=in_review")
    lead.press(KEEP, name="La mienne")
    (view,) = people(Role.LEAD, "Dominique").get("/saved-views?list_of=candidatures")["items"]
    assert view["filters"] == {"state": "in_review"}


def test_what_a_lead_shares_is_beside_the_list_of_a_verifier_and_of_no_editor(
    lead: Browser, signed_in: SignIn
) -> None:
    lead.open("/dossiers?state=in_review")
    lead.press(KEEP, name="En instruction", shared="on")
    verifier = signed_in(Role.VERIFIER)
    assert "En instruction (de Dominique)" in verifier.open("/dossiers")
    verifier.follow("En instruction")
    assert "Supprimer la vue" not in verifier.page.text
    assert "partager" not in verifier.page.text
    editor = signed_in(Role.EDITOR)
    editor.open("/dossiers")
    assert "En instruction" not in editor.page.links


def test_a_view_without_a_name_is_said_beside_the_field(lead: Browser) -> None:
    lead.open("/dossiers?state=in_review")
    lead.press(KEEP, 422, name=" ")
    assert 'id="view-name-wrong"' in written(lead)
    assert '<option value="in_review" selected>' in written(lead)


def test_a_lead_keeps_a_view_of_the_tasks_to_give(lead: Browser) -> None:
    lead.open("/pilotage/affectations?queue=second_reading")
    lead.press(KEEP, name="Secondes lectures", opens="on")
    lead.open("/pilotage/affectations")
    assert address(lead) == "/pilotage/affectations?queue=second_reading"
    lead.open("/pilotage/affectations?queue=proof_review")
    assert "Cochez au moins une tâche" in lead.press("Confier", 422)


def test_a_view_is_not_beside_a_page_that_would_show_more(lead: Browser, people: People) -> None:
    words = {"list_of": "tasks", "opens": True, "filters": {"claimed_by": "me"}}
    people(Role.LEAD, "Dominique").post("/saved-views", {**words, "name": "Les miennes"})
    assert "Les miennes" not in lead.open("/pilotage/affectations")
    assert address(lead) == "/pilotage/affectations"


def test_ones_own_views_come_before_those_of_others(
    lead: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST", 2)
    words = {"list_of": "candidatures", "filters": {"state": "refused"}}
    for number in range(3):
        people(Role.LEAD, "Autre").post("/saved-views", {**words, "name": f"Vue {number}", "shared": True})
    people(Role.LEAD, "Dominique").post("/saved-views", {**words, "name": "La mienne", "opens": True})
    lead.open("/dossiers")
    assert address(lead) == "/dossiers?state=refused"


def test_a_view_is_kept_and_opened_by_keys(window: Window, people: People, dossier: Dossier) -> None:
    window.sign_in(people.lead.key)
    window.press("g")
    window.page.get_by_label("État").select_option("in_review")
    window.page.wait_for_url(re.compile("state=in_review"))
    window.page.locator("#q").blur()
    window.page.locator("h1").click()
    window.page.keyboard.press("e")
    window.page.keyboard.type("En instruction")
    found = window.examine("keeping a view")
    window.press("Enter")
    window.open("/dossiers?tout=1")
    window.press("1")
    assert window.page.url.endswith("/dossiers?state=in_review")
    found += window.examine("a view")
    assert found == []
    assert dossier.state == "in_review"

"""Pages say who else of one's own side looks at them; their streams tell when somebody comes."""

import re

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.console.browser import Browser
from tests.console.chromium import Window
from tests.console.conftest import SignIn
from tests.console.test_changes import told

SOON = 15_000


@pytest.fixture
def pages(people: People, dossier: Dossier) -> dict[str, str]:
    """Each page that says who else looks at it, with the address of its stream."""
    task = people.verifier.get("/tasks")["items"][0]
    item = f"/dossiers/{dossier.id}/preuves/{task['item']}"
    return {
        f"/dossiers/{dossier.id}": f"/dossiers/{dossier.id}/changements",
        item: f"{item}/presence",
        f"/taches/{task['id']}": f"/taches/{task['id']}/presence",
    }


def mark(browser: Browser) -> str:
    assert browser.answer is not None
    found = re.search('data-seen="([^"]*)"', browser.answer.get_data(as_text=True))
    assert found
    return found[1]


def test_a_colleague_is_shown_and_the_stream_tells_that_they_came(
    signed_in: SignIn, pages: dict[str, str]
) -> None:
    zoe, ana = signed_in(Role.VERIFIER, "Zoé"), signed_in(Role.LEAD, "Ana")
    for page, stream in pages.items():
        assert "aussi cette page" not in zoe.open(page)
        assert told(zoe, stream, mark(zoe)) is None
        assert "Zoé (vérification) regarde aussi cette page" in ana.open(page)
        assert told(ana, stream, mark(ana)) is None
        assert told(zoe, stream, mark(zoe)) is not None
        assert "Ana (pilotage) regarde aussi cette page" in zoe.open(page)


def test_an_editor_is_neither_told_nor_shown(
    signed_in: SignIn, dossier: Dossier, pages: dict[str, str]
) -> None:
    verifier, editor = signed_in(Role.VERIFIER, "Zoé"), signed_in(Role.EDITOR)
    for page, stream in list(pages.items())[:2]:
        editor.open(page)
        seen = mark(editor)
        assert "aussi cette page" not in verifier.open(page)
        assert "aussi cette page" not in editor.open(page)
        assert mark(editor) == seen
        assert told(editor, stream, seen) is None
    assert "Camille" not in verifier.open(f"/dossiers/{dossier.id}")


def test_who_may_not_read_a_page_is_not_there(people: People, pages: dict[str, str]) -> None:
    stranger = Browser(people.app.test_client())
    stranger.sign_in(people(Role.EDITOR, "Noa", "Logiciels Mistral").key)
    for page, stream in pages.items():
        assert stranger.fetch(page).status_code in {403, 404}
        assert stranger.fetch(stream).status_code in {403, 404}


def test_a_colleague_shows_by_themselves_while_one_writes(
    window: Window, people: People, pages: dict[str, str]
) -> None:
    *_, task = pages
    window.sign_in(people.verifier.key)
    window.open(task)
    window.press("p")
    window.page.keyboard.press("k")
    window.page.keyboard.type("Il manque")
    other = Browser(people.app.test_client())
    other.sign_in(people(Role.LEAD, "Ana").key)
    other.open(task)
    window.page.get_by_text("Ana (pilotage) regarde aussi cette page").first.wait_for(timeout=SOON)
    window.page.keyboard.type(" la fin.")
    assert window.page.locator("#comment").input_value() == "Il manque la fin."
    assert "Ana (pilotage)" in window.page.locator("#said").inner_text()
    assert window.examine("a task that two look at") == []

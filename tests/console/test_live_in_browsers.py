"""Two verifiers and an editor in one live session, in three browsers: each sees what the others do."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from referencing.catalogue.proposals import ProofKind
from tests.console.chromium import Window, served
from tests.console.meeting import BEGINS, Meeting
from tests.contents import content_for

#: Milliseconds in which a change is seen by the others, on a machine that does more at once.
SOON = 5_000
#: Pastes the file that it is given, as a browser does for an image from the clipboard.
PASTE = """([name, bytes]) => {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([new Uint8Array(bytes)], name));
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
}"""


@pytest.fixture
def met(met: Meeting) -> Meeting:
    """It is time for the session."""
    met.clock.now = BEGINS
    return met


@pytest.fixture
def windows(browser: Browser, met: Meeting) -> Iterator[list[Window]]:
    """Zoé's, Yves' and the editor's, each on the session."""
    with served(met.people.app) as address:
        contexts = [browser.new_context(locale="fr-FR") for _ in range(3)]
        opened = [Window(context.new_page(), address) for context in contexts]
        for window, who in zip(opened, (met.zoe, met.yves, met.people.editor), strict=True):
            window.sign_in(who.key)
            window.open(met.path)
        yield opened
        for context in contexts:
            context.close()
    assert [said for window in opened for said in window.complaints] == []


def test_two_verifiers_and_an_editor_decide_together(windows: list[Window], met: Meeting) -> None:
    zoe, yves, editor = windows
    found = editor.examine("before")
    zoe.press("p")
    expect(editor.page.get_by_role("timer")).to_be_visible(timeout=SOON)
    editor.press("e")
    expect(zoe.page.locator(".people")).to_contain_text("Camille (éditeur)", timeout=SOON)
    zoe.press("m")
    code = zoe.page.locator("#in-hand").inner_text()
    expect(editor.page.locator(".agenda .current")).to_contain_text("montrée", timeout=SOON)
    zoe.key("b")
    zoe.page.keyboard.type("Le patient est trou")
    name, content = content_for(ProofKind.DEMONSTRATION, b"vu")
    editor.page.evaluate(PASTE, [name, list(content)])
    expect(yves.page.locator(".captures")).to_contain_text(name, timeout=SOON)
    expect(zoe.page.locator(".captures")).to_contain_text(name, timeout=SOON)
    zoe.page.keyboard.type("vé.")
    assert zoe.page.locator("#note").input_value() == "Le patient est trouvé."
    assert zoe.page.evaluate("document.activeElement.id") == "note"
    found += zoe.examine("in session") + editor.examine("in session, the editor")
    zoe.page.locator("#note").blur()
    zoe.press("i")
    expect(editor.page.locator("#seen")).to_contain_text("Le patient est trouvé.", timeout=SOON)
    zoe.press("c")
    assert met.line(code)["verdict"]["outcome"] == "conform"
    expect(editor.page.locator(".agenda")).to_contain_text("conforme", timeout=SOON)
    expect(yves.page.locator("#agenda")).to_contain_text("1 décidée", timeout=SOON)
    zoe.page.locator("summary", has_text="Clore la séance").click()
    zoe.click(zoe.page.get_by_role("button", name="Clore", exact=True))
    yves.page.get_by_role("button", name="Signer pour l'agence").wait_for(timeout=SOON)
    found += editor.examine("minutes")
    yves.press("y")
    expect(editor.page.locator("main")).to_contain_text("a signé", timeout=SOON)
    editor.press("y")
    expect(zoe.page.locator("h1 + .row .state")).to_have_text("signée", timeout=SOON)
    found += zoe.examine("signed")
    assert found == []


def test_what_is_typed_stays_while_a_colleague_writes_on_the_line(
    windows: list[Window], met: Meeting
) -> None:
    met.begin()
    zoe, yves, _ = windows
    for window in (zoe, yves):
        window.open(met.path)
    zoe.key("b")
    zoe.page.keyboard.type("De Zoé.")
    yves.key("b")
    yves.page.keyboard.type("D'Yves.")
    yves.page.locator("#note").blur()
    yves.press("i")
    expect(zoe.page.locator("#seen")).to_contain_text("D'Yves.", timeout=SOON)
    assert zoe.page.locator("#note").input_value() == "De Zoé."
    zoe.page.locator("#note").blur()
    zoe.press("i")
    expect(zoe.page.get_by_role("alert").first).to_contain_text("Quelqu'un a écrit sur cette preuve")
    assert zoe.page.locator("#note").input_value() == "De Zoé."


def test_what_was_given_back_stays_while_others_come(windows: list[Window], met: Meeting) -> None:
    met.begin()
    zoe, yves, _ = windows
    for window in (zoe, yves):
        window.open(met.path)
    zoe.page.locator("#comment").fill("Il manque la fin.")
    zoe.click(zoe.page.locator("[data-send]"))
    expect(zoe.page.locator("#outcome-wrong")).to_be_visible()
    yves.press("e")
    expect(zoe.page.locator("#said")).to_contain_text("Yves", timeout=SOON)
    assert zoe.page.locator("#comment").input_value() == "Il manque la fin."


def test_the_calendar_is_readable_in_each_state(windows: list[Window], met: Meeting) -> None:
    zoe, _, editor = windows
    met.clock.now = BEGINS - timedelta(days=3)
    found = []
    for address in ("/seances?semaine=2026-04-07", "/seances?semaine=2026-05-04", "/seances"):
        zoe.open(address)
        found += zoe.examine(address)
    editor.open(f"{met.path}/deplacer?semaine=2026-04-07")
    found += editor.examine("moving")
    met.people.editor.post(f"/duo/sessions/{met.id}/cancellation", {"reason": "Autre jour."}, status=200)
    editor.open(f"/dossiers/{met.dossier.id}/seances?semaine=2026-04-07")
    found += editor.examine("sessions of a dossier")
    editor.click(editor.page.get_by_role("button", name="Choisir le").first)
    editor.page.get_by_role("heading", name="Ce qui sera montré").wait_for()
    found += editor.examine("booking")
    assert found == []

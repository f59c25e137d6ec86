"""My work and a dossier change by themselves, and what somebody does in them meanwhile is left alone."""

import pytest
from playwright.sync_api import Request, expect

from tests.candidatures.dossiers import Dossier, People
from tests.console.chromium import Window

#: Milliseconds in which a change shows itself, on a machine that does more at once.
SOON = 15_000
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def streams(window: Window) -> list[str]:
    """The addresses of the streams that the window opens, the last one last."""
    opened: list[str] = []

    def note(request: Request) -> None:
        if "/changements" in request.url:
            opened.append(request.url)

    window.page.on("request", note)
    return opened


def test_my_work_shows_a_message_by_itself_and_keeps_the_focus(
    window: Window, people: People, dossier: Dossier
) -> None:
    window.sign_in(people.verifier.key)
    first = window.page.get_by_role("button", name="Prendre la suivante de la file").first
    first.focus()
    people.editor.post(f"{dossier.path}/messages", {"text": "Une question."})
    expect(window.page.locator("#work")).to_contain_text("Une question.", timeout=SOON)
    expect(window.page.locator("#said")).to_contain_text("1 message non lu")
    expect(first).to_be_focused()


def test_a_dossier_shows_what_happens_and_keeps_what_is_typed(
    window: Window, people: People, dossier: Dossier
) -> None:
    filed = people.submitted("LGC-V1", people.solution("Bêta"))
    window.sign_in(people.lead.key)
    window.open(f"/dossiers/{filed.id}")
    window.page.locator("summary", has_text="en tableau").click()
    comment = window.page.get_by_label("Commentaire pour l'éditeur")
    comment.focus()
    window.page.keyboard.type("Bien reç")
    people.editor.post(f"{filed.path}/messages", {"text": "Une question."})
    expect(window.page.get_by_role("link", name="Messages (1)")).to_be_visible(timeout=SOON)
    window.page.keyboard.type("u.")
    expect(comment).to_have_value("Bien reçu.")
    expect(window.page.get_by_role("region", name="Avancement par chapitre").last).to_be_visible()
    filed.judge()
    expect(window.page.locator("h1 + .state")).to_have_text("en instruction", timeout=SOON)
    expect(comment).to_have_value("Bien reçu.")
    assert dossier.state == "in_review"


def test_a_page_that_nobody_sees_keeps_no_stream(
    window: Window, people: People, dossier: Dossier, streams: list[str]
) -> None:
    window.sign_in(people.verifier.key)
    window.until("stream !== null")
    window.page.evaluate(HIDE, True)
    assert window.page.evaluate("stream") is None
    people.editor.post(f"{dossier.path}/messages", {"text": "Une question."})
    window.page.wait_for_timeout(1500)
    told = len(streams)
    window.page.wait_for_timeout(1500)
    assert len(streams) == told
    window.page.evaluate(HIDE, False)
    expect(window.page.locator("#work")).to_contain_text("Une question.", timeout=SOON)


def test_without_a_stream_the_page_looks_from_time_to_time(
    window: Window, people: People, dossier: Dossier
) -> None:
    window.page.route("**/changements*", lambda route: route.fulfill(status=429))
    window.page.clock.install()
    window.sign_in(people.verifier.key)
    people.editor.post(f"{dossier.path}/messages", {"text": "Une question."})
    window.until("poll !== null")
    expect(window.page.locator("#work")).to_contain_text("Tout est lu.")
    window.page.clock.fast_forward(30_000)
    expect(window.page.locator("#work")).to_contain_text("Une question.", timeout=SOON)

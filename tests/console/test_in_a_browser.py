"""The day of a verifier and of an editor in a real browser, by keyboard; nothing for axe to find on the way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, ViewportSize

from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from tests.audits.inquiry import of
from tests.candidatures.dossiers import CNDA, OLD_IDENTITY, Dossier, People
from tests.candidatures.running import Running
from tests.catalogue.workbooks import row, workbook
from tests.console.chromium import Window
from tests.console.test_control import LISTS
from tests.contents import content_for

DOCS = Path(__file__).parents[2] / "docs" / "console.md"
#: A sheet of A4, upright, without its margins.
PAPER: ViewportSize = {"width": 718, "height": 1000}


def second_referencing(people: People) -> list[Dossier]:
    """One dossier in review, with a reuse to confirm; another in preparation; one that waits to be admitted."""
    people(Role.EXPERT, "Experte")
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    reviewed = people.in_review("LGC-V2", solution)
    people.submitted("LGC-V1", people.solution("Bêta"))
    return [reviewed, people.draft("LGC-V1", people.solution("Gamma"))]


@pytest.fixture
def dossiers(running: Running) -> Iterator[list[Dossier]]:
    with running.after(second_referencing) as (_, dossiers):
        yield dossiers


@pytest.fixture
def people(dossiers: list[Dossier]) -> People:
    return dossiers[0].people


def test_a_verifier_works_by_keyboard_with_one_key_for_each_conform_proof(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    reviewed, _ = dossiers
    window.sign_in(people.verifier.key)
    found = window.examine("my work")
    window.press("s")
    found += window.examine("examine")
    first = window.title
    window.press("c")
    assert reviewed.item(first)["state"] == "conform"
    second = window.title
    window.page.keyboard.press("k")
    window.page.keyboard.type("Il manque la fin.")
    found += window.examine("examine, with a complement")
    window.press("Control+Enter")
    assert reviewed.item(second)["verdict"]["comment"] == "Il manque la fin."
    while reviewed.codes("under_review"):
        window.press("c")
    assert window.title == CNDA
    found += window.examine("reuse")
    window.press("c")
    assert reviewed.item(CNDA)["state"] == "covered"
    assert "Rien n'attend dans vos files" in window.page.locator("main").inner_text()
    found += window.examine("my work, after")
    assert found == []


def test_what_is_refused_is_read_by_axe_too(window: Window, people: People) -> None:
    window.sign_in(people.verifier.key)
    window.press("s")
    window.page.keyboard.press("n")
    window.press("Control+Enter")
    assert "Dites à l'éditeur" in window.page.locator(".wrong").first.inner_text()
    window.page.keyboard.press("Tab")
    assert window.examine("refused") == []


def choose_files(window: Window, dossier: Dossier) -> None:
    """One for each item that is still to be supplied."""
    for place, code in enumerate(dossier.codes("required")):
        name, content = content_for(ProofKind(dossier.item(code)["kind"]), code.encode())
        window.page.locator("#supply input[type=file]").nth(place).set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )


def test_an_editor_supplies_files_and_files_the_dossier(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    _, draft = dossiers
    draft.submit(incomplete=True)
    draft.judge("incomplete", "Il manque des preuves.")
    people.lead.post(f"{draft.path}/messages", {"text": "Quel composant ?"})
    window.sign_in(people.editor.key)
    found = window.examine("my work")
    window.open("/dossiers/nouveau")
    found += window.examine("opening")
    window.press("g")
    window.press("p")
    window.page.get_by_label("Référentiel").select_option("LGC-V2")
    window.press("Control+Enter")
    window.page.get_by_role("heading", name="Quelle candidature avancer d'abord").wait_for()
    for details in window.page.locator("summary").all():
        details.evaluate("summary => summary.parentElement.open = true")
    found += window.examine("a plan")
    window.click(window.page.get_by_role("link", name="Ce que rencontrerait"))
    found += window.examine("filing foreseen")
    window.open("/travail")
    window.click(window.page.get_by_role("link", name="Gamma 1.0"))
    found += window.examine("dossier")
    window.press("2")
    window.page.get_by_text("sans réponse depuis").wait_for()
    found += window.examine("prepare")
    choose_files(window, draft)
    window.click(window.page.get_by_role("button", name="Fournir ces fichiers"))
    window.page.get_by_text("4 preuves fournies.").wait_for()
    found += window.examine("prepared")
    window.click(window.page.get_by_role("button", name="Déposer le dossier"))
    window.page.get_by_text("déposée").first.wait_for()
    assert draft.state == "submitted"
    for tab in ("3", "4"):
        window.press(tab)
        found += window.examine(window.page.url)
    assert found == []


def test_a_dossier_is_found_and_says_when_it_will_be_answered(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    """`g`, `/`, a few letters: the list follows what is typed, and keeps the focus where it is."""
    window.sign_in(people.lead.key)
    found = window.examine("my work of a lead")
    for steering in ("/pilotage", "/pilotage/priorites", "/pilotage/abandons", "/pilotage/prevision"):
        window.open(steering)
        found += window.examine(steering)
    window.open("/pilotage")
    figures = window.page.locator("details table").first
    assert not figures.is_visible()
    window.page.emulate_media(media="print")
    assert figures.is_visible()  # each picture is printed with its table
    screen = window.page.viewport_size
    assert screen is not None
    window.page.set_viewport_size(PAPER)
    cut = "[...document.querySelectorAll('.wide')].filter(one => one.scrollWidth > one.clientWidth).length"
    assert window.page.evaluate(cut) == 0
    window.page.set_viewport_size(screen)
    window.page.emulate_media(media="screen")
    window.open("/pilotage/prevision")
    people.jobs()
    window.page.get_by_role("heading", name="Quand ce qui est là sera fait").wait_for()
    found += window.examine("a forecast")
    window.press("g")
    found += window.examine("dossiers")
    window.page.keyboard.press("/")
    window.page.keyboard.type("bêta")
    window.page.get_by_role("link", name="Alpha 1.0").first.wait_for(state="detached")
    assert window.page.evaluate("document.activeElement.id") == "q"
    window.click(window.page.get_by_role("link", name="Bêta 1.0"))
    window.page.get_by_text("attendue au plus tard").wait_for()
    found += window.examine("dossier to admit")
    window.press("c")
    window.page.get_by_text("en instruction").first.wait_for()
    window.click(window.page.get_by_role("link", name=OLD_IDENTITY))
    found += window.examine("item")
    assert found == []


def test_what_is_typed_at_once_is_followed(window: Window, people: People, dossiers: list[Dossier]) -> None:
    """On a busy machine the timers of a page run long after it has loaded: the page is whole without them."""
    window.page.add_init_script(
        "const soon = setTimeout; window.setTimeout = (act, wait) => soon(act, wait || 3_600_000);"
    )
    window.sign_in(people.lead.key)
    window.press("g")
    window.page.keyboard.press("/")
    window.page.keyboard.type("bêta")
    window.page.get_by_role("link", name="Alpha 1.0").first.wait_for(state="detached", timeout=10_000)


def test_the_sign_in_what_is_public_the_sessions_and_a_refusal_are_readable(
    window: Window, people: People
) -> None:
    window.open("/connexion")
    found = window.examine("sign-in")
    solution = people.lead.get("/candidatures?state=referenced")["items"][0]["solution"]
    for public in ("/referencees", f"/referencees/{solution}?on=2026-03-02", "/signalement"):
        window.open(public)
        found += window.examine(public)
    window.open("/connexion")
    window.sign_in(people.verifier.key)
    window.open("/accessibilite")
    found += window.examine("declaration")
    window.open("/compte")
    found += window.examine("account")
    window.open("/sessions")
    found += window.examine("sessions")
    window.open(f"/taches/{'0' * 8}-0000-0000-0000-{'0' * 12}")
    found += window.examine("refusal")
    assert found == []


def test_an_expert_answers(window: Window, people: People, dossiers: list[Dossier]) -> None:
    reviewed, _ = dossiers
    code = reviewed.codes("under_review")[0]
    task = people.verifier.post(f"/tasks/{reviewed.task(code)}/claim", status=200)
    (expert,) = people.verifier.get("/experts")["items"]
    asked = {"experts": [expert["id"]], "question": "Est-ce le bon flux ?", "due_on": "2026-03-20"}
    people.verifier.post(f"/tasks/{task['id']}/opinions", asked)
    window.sign_in(people(Role.EXPERT, "Experte").key)
    found = window.examine("my work of an expert")
    window.click(window.page.get_by_role("link", name=code))
    found += window.examine("opinion")
    window.page.keyboard.press("a")
    window.page.keyboard.type("Oui.")
    window.press("Control+Enter")
    assert "Votre avis est transmis." in window.page.locator("main").inner_text()
    assert found == []


def test_an_auditor_revokes_after_a_dry_run(window: Window, people: People) -> None:
    first = Dossier(people, people.lead.get("/candidatures?state=referenced")["items"][0]["id"])
    inquiry = of(first, size=3).open()
    window.sign_in(inquiry.auditor.key)
    found: list[str] = []
    audit = f"/audits/{inquiry.id}"
    for path in (*LISTS, f"{audit}/journal", audit):
        window.open(path)
        found += window.examine(path)
    window.click(window.page.get_by_role("link", name="Voir ce que ferait sa révocation").first)
    window.page.get_by_text("Essai à blanc").wait_for()
    found += window.examine("a revocation")
    window.page.get_by_label("Pourquoi ?").fill("Fausse.")
    window.click(window.page.get_by_role("button", name="Révoquer définitivement"))
    window.page.get_by_text("révoquée le").first.wait_for()
    assert found == []
    window.open(audit)
    asked: list[Dialog] = []
    window.page.on("dialog", lambda dialog: asked.append(dialog))  # noqa: PLW0108 - Playwright marks what it calls
    window.page.locator("summary", has_text="Abandonner l'audit").click()
    window.page.locator("#reason-abandon").press_sequentially("Une")
    with window.page.expect_download():
        window.page.get_by_role("link", name="tout le dossier de l'audit (ZIP)").click(no_wait_after=True)
    assert asked == []


def test_a_catalogue_manager_imports_a_list_and_publishes_it(window: Window, people: People) -> None:
    window.sign_in(people(Role.CATALOGUE, "Auteur des listes").key)
    window.press("b")
    found = window.examine("catalogue")
    window.click(window.page.get_by_role("link", name="LGC-V1"))
    window.page.locator("#workbook").set_input_files(
        {"name": "rem.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(row()).getvalue()}
    )
    window.click(window.page.get_by_role("button", name="Importer"))
    window.page.get_by_text("Ce que le fichier a donné").wait_for()
    found += window.examine("an import")
    window.press("e")
    found += window.examine("requirements")
    window.page.get_by_text("Corriger").first.click()
    window.page.get_by_label("Guichet").last.select_option("CNDA")
    window.click(window.page.get_by_role("button", name="Corriger").first)
    window.page.get_by_text("corrigée").wait_for()
    window.click(window.page.get_by_role("link", name="LGC-V1"))
    window.press("c")
    found += window.examine("estimates")
    window.press("c")
    people.jobs()
    window.click(window.page.get_by_role("link", name="Voir ce que cela coûterait"))
    found += window.examine("an estimate")
    window.click(window.page.get_by_role("link", name="LGC-V1"))
    window.press("p")
    window.page.get_by_text("La version 2 est publiée").wait_for()
    assert found == []


def test_what_is_written_does_not_go_with_its_page_unasked(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    window.sign_in(people.verifier.key)
    window.press("s")
    task, page = window.page.url, window.page
    asked: list[Dialog] = []
    page.on("dialog", lambda dialog: asked.append(dialog))  # noqa: PLW0108 - Playwright marks what it calls
    page.locator("#comment").press_sequentially("Il manque")
    with page.expect_download():
        page.get_by_role("link", name="Télécharger").first.click()
    assert asked == []
    with page.expect_event("dialog") as dialog:
        page.get_by_role("button", name="Rendre la tâche").click(no_wait_after=True)
    assert dialog.value.type == "beforeunload"
    dialog.value.dismiss()
    page.locator("#comment").press_sequentially(" la fin.")
    page.locator("#outcome-nonconform").check()
    code = window.title
    window.press("Control+Enter")
    assert page.url != task
    assert dossiers[0].item(code)["verdict"]["comment"] == "Il manque la fin."
    assert len(asked) == 1


def test_keys_can_be_read_and_turned_off(window: Window, people: People) -> None:
    window.sign_in(people.verifier.key)
    window.page.keyboard.press("?")
    assert "Prendre la suivante" in window.page.locator("#keys").inner_text()
    assert window.examine("keys") == []
    window.page.get_by_label("Une touche seule suffit").uncheck()
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("s")
    window.page.wait_for_timeout(300)
    assert window.page.url.endswith("/travail")


def test_my_work_changes_by_itself_and_keeps_the_focus(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    window.page.clock.install()
    window.sign_in(people.verifier.key)
    window.page.get_by_role("button", name="la suivante de la file Examen des preuves").focus()
    reviewed, _ = dossiers
    people.verifier.post("/claims")
    window.page.clock.run_for(31_000)
    window.page.get_by_text("En main : 1 sur 20").wait_for()
    assert "Examen des preuves" in window.page.evaluate("document.activeElement.innerText")
    assert "1 tâche en main" in window.page.locator("#said").inner_text()
    assert reviewed.state == "in_review"


def test_a_dossier_changes_by_itself(window: Window, people: People, dossiers: list[Dossier]) -> None:
    reviewed, _ = dossiers
    window.page.clock.install()
    window.sign_in(people.lead.key)
    window.open(f"/dossiers/{reviewed.id}")
    while reviewed.codes("under_review"):
        reviewed.find(reviewed.codes("under_review")[0])
    reviewed.find(CNDA)
    window.page.clock.run_for(31_000)
    window.page.locator("#standing [aria-current]", has_text="Délibération").wait_for()
    assert "en délibération" in window.page.locator("#said").inner_text()


def test_without_script_the_same_work_is_done(
    browser: Browser, address: str, people: People, dossiers: list[Dossier]
) -> None:
    reviewed, draft = dossiers
    context = browser.new_context(java_script_enabled=False)
    window = Window(context.new_page(), address)
    window.sign_in(people.verifier.key)
    window.click(window.page.get_by_role("button", name="Prendre la suivante", exact=True))
    code = window.title
    window.click(window.page.get_by_role("button", name="Conforme, et la suivante"))
    window.page.get_by_text("Verdict rendu sur").wait_for()
    assert reviewed.item(code)["state"] == "conform"
    window.click(window.page.get_by_role("button", name="Se déconnecter"))
    window.sign_in(people.editor.key)
    window.click(window.page.get_by_role("link", name="Gamma 1.0"))
    window.click(window.page.get_by_role("link", name="Préparer"))
    choose_files(window, draft)
    window.click(window.page.get_by_role("button", name="Fournir ces fichiers"))
    window.click(window.page.get_by_role("button", name="Déposer le dossier"))
    assert draft.state == "submitted"
    context.close()
    assert window.complaints == []


def test_a_file_cannot_act_as_who_looks_at_it(window: Window, people: People) -> None:
    """Shown in its frame, a supplied text is an origin of its own, without script."""
    window.sign_in(people.verifier.key)
    window.press("s")
    source = window.page.locator(".file").first.get_attribute("src")
    window.open(source or "")
    assert window.page.evaluate("self.origin") == "null"


def documented() -> dict[str, tuple[int, int]]:
    """What the docs say that each of the commonest jobs takes: keys, and pages."""
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", DOCS.read_text(), re.MULTILINE)
    return {job: (int(keys), int(pages)) for job, keys, pages in rows}


def test_the_commonest_jobs_take_as_many_keys_and_pages_as_the_docs_say(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    reviewed, draft = dossiers
    counted: dict[str, tuple[int, int]] = {}
    window.sign_in(people.verifier.key)
    window.press("s")
    window.spent()
    window.press("c")
    counted["judge a proof that is conform, and have the next"] = window.spent()
    window.key("k")
    window.page.keyboard.type("Il manque la fin.")
    window.press("Control+Enter")
    counted["ask for a complement, and have the next"] = window.spent()
    while window.title != CNDA:
        window.press("c")
    window.spent()
    window.press("c")
    counted["confirm a reuse, and have the next"] = window.spent()
    window.press("g")
    window.key("/")
    window.page.keyboard.type("bêta")
    window.page.get_by_role("link", name="Alpha 1.0").first.wait_for(state="detached")
    window.press("Control+Enter")
    counted["find a dossier and say when it will be answered"] = window.spent()
    assert window.title == "Bêta 1.0 – LGC-V1"
    window.click(window.page.get_by_role("button", name="Se déconnecter"))
    window.sign_in(people.editor.key)
    window.open(f"/dossiers/{draft.id}/preparer")
    choose_files(window, draft)
    window.spent()
    window.press("f")
    counted["supply files on ten items"] = window.spent()
    assert draft.codes("required") == []
    assert counted == documented()
    assert reviewed.item(CNDA)["state"] == "covered"


def test_a_mandataire_opens_an_account_by_keyboard_and_a_lead_sees_to_organisations(
    window: Window, people: People
) -> None:
    window.sign_in(people.editor.key)
    window.press("u")
    found = window.examine("people")
    window.press("n")
    found += window.examine("opening of an account")
    window.page.get_by_label("Nom").fill("Théo Blanc")
    window.press("Enter")
    assert window.title == "La clé de Théo Blanc"
    found += window.examine("a key, shown once")
    window.click(window.page.get_by_role("link", name="Le compte de Théo Blanc"))
    found += window.examine("an account")
    window.open("/compte/cles")
    found += window.examine("one's own keys")
    window.click(window.page.get_by_role("button", name="Se déconnecter"))
    window.sign_in(people.lead.key)
    window.press("u")
    window.press("3")
    window.page.get_by_label("Rôle").select_option("verifier")
    window.page.get_by_label("Adresse électronique").fill("theo@alize.example")
    window.press("Enter")
    found += window.examine("the link of an invitation, shown once")
    link = window.page.locator("code").inner_text()
    window.click(window.page.get_by_role("link", name="Les invitations"))
    found += window.examine("invitations")
    window.press("4")
    found += window.examine("organisations")
    window.click(window.page.locator(".list .what a").first)
    found += window.examine("an organisation")
    window.click(window.page.get_by_role("button", name="Se déconnecter"))
    window.page.goto(link)
    found += window.examine("an invitation")
    assert found == []

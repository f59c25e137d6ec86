"""Rules in a real browser: from a proposal to their publication, by keyboard; nothing for axe to find on the way."""

from tests.candidatures.dossiers import People
from tests.console.chromium import Window


def test_rules_go_from_a_proposal_to_their_publication(window: Window, people: People) -> None:
    window.sign_in(people.lead.key)
    window.press("z")
    found = window.examine("rulebooks")
    window.key("n")
    window.page.keyboard.type("Vague 2, revue")
    window.press("Control+Enter")
    found += window.examine("rules")
    window.click(window.page.get_by_role("link", name="la chaîne").first)
    window.page.get_by_role("heading", name="Ce qui mène à").wait_for()
    found += window.examine("a chain")
    window.press("2")
    window.page.locator("#of-from").select_option("LGC-V1")
    window.page.locator("#of-to").select_option("LGC-V2")
    window.click(window.page.get_by_role("button", name="Proposer", exact=True))
    window.page.get_by_text("propositions nouvelles").wait_for()
    found += window.examine("proposals")
    window.page.get_by_label("Pourquoi ?").press("Enter")  # decides nothing
    window.page.wait_for_load_state("networkidle")
    assert window.page.get_by_text("proposition décidée").count() == 0
    window.page.locator("h1").click()
    window.press("c")
    window.page.get_by_text("1 proposition décidée.").wait_for()
    window.key("t")
    window.page.get_by_label("Pourquoi ?").fill("Elles n'ont que des mots en commun.")
    window.click(window.page.get_by_role("button", name="Refuser"))
    window.page.get_by_text("Aucune proposition").wait_for()
    window.press("3")
    window.press("c")
    window.page.get_by_text("Contrôlées le").wait_for()
    found += window.examine("checks")
    window.press("4")
    window.press("s")
    found += window.examine("a simulation that runs")
    people.jobs()
    window.page.get_by_text("Terminée").wait_for()
    window.click(window.page.get_by_role("link", name="Voir ce qui changerait"))
    window.page.get_by_role("heading", name="Preuve par preuve").wait_for()
    found += window.examine("a simulation")
    window.press("4")
    found += window.examine("simulations")
    window.press("5")
    found += window.examine("publication")
    window.page.get_by_label("Ces règles sont voulues ainsi").check()
    window.click(window.page.get_by_role("button", name="Publier"))
    window.page.get_by_text("Les règles sont publiées.").wait_for()
    window.press("6")
    found += window.examine("history of rules")
    assert found == []


def test_records_of_rules_and_what_is_tolerated(window: Window, people: People) -> None:
    window.sign_in(people.lead.key)
    window.press("z")
    window.click(window.page.get_by_role("link", name="Vague 1 vers vague 2").first)
    window.press("7")
    window.page.get_by_role("heading", name="Bilan de sûreté").wait_for()
    found = window.examine("records of rules")
    window.open("/regles/surete")
    found += window.examine("safety of rules")
    assert found == []

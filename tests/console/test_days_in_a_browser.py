"""Whole days in a real browser, with script and without: the same links, fields and buttons do the same work."""

from collections.abc import Iterator

import pytest

from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.console.chromium import Window, click


def three_dossiers(people: People) -> list[Dossier]:
    """One waits to be admitted, one to be decided; of four more proofs wait for a verifier, of whom none has any."""
    admissible = people.submitted("LGC-V1", people.solution("Bêta"))
    decided = people.in_deliberation("LGC-V1", people.solution("Gamma"))
    return [admissible, decided, *(people.in_review("LGC-V1", people.solution(name)) for name in "ABC")]


@pytest.fixture
def dossiers(running: Running) -> Iterator[list[Dossier]]:
    with running.after(three_dossiers) as (_, dossiers):
        yield dossiers


@pytest.fixture
def people(dossiers: list[Dossier]) -> People:
    return dossiers[0].people


def test_a_lead_admits_boosts_reads_the_forecast_and_decides(
    either: Window, people: People, dossiers: list[Dossier]
) -> None:
    admissible, decided, *_ = dossiers
    either.sign_in(people.lead.key)
    either.open(f"/dossiers/{admissible.id}")
    click(either, "Recevable", leads_to="en instruction")
    either.open("/pilotage/priorites")
    either.page.get_by_label("Chapitre").select_option(index=1)
    either.page.get_by_label("Pourquoi ?").fill("La vague se ferme.")
    either.page.get_by_label("Jusqu'au").fill("2026-03-20")
    click(either, "Faire passer en premier", leads_to="La priorité est posée")
    either.open("/pilotage/prevision")
    people.jobs()
    either.open("/pilotage/prevision")
    either.page.get_by_role("heading", name="Quand ce qui est là sera fait").wait_for()
    either.open(f"/dossiers/{decided.id}")
    click(either, "Référencer", leads_to="référencée")
    assert (admissible.state, decided.state) == ("in_review", "referenced")


def test_a_lead_has_rules_proposed_checked_and_published(either: Window, people: People) -> None:
    either.sign_in(people.lead.key)
    either.open("/regles")
    either.page.get_by_label("Son titre").fill("Vague 2, revue")
    click(either, "Commencer", leads_to="Écrire et proposer")
    page = either.page
    either.click(page.get_by_role("link", name="Propositions"))
    proposing = page.locator("form").filter(
        has=page.get_by_role("heading", name="De ce que les textes disent")
    )
    proposing.get_by_label("Du DSR").select_option("LGC-V1")
    proposing.get_by_label("Vers le DSR").select_option("LGC-V2")
    click(either, "Proposer", leads_to="propositions nouvelles")
    page.locator("input[name=proposals]").first.check()
    decided = page.get_by_role("region", name="Décider de celles qui sont cochées")
    either.click(decided.get_by_role("button", name="Accepter"))
    page.get_by_text("1 proposition décidée.").wait_for()
    either.click(page.get_by_role("link", name="Publication"))
    page.get_by_label("Ces règles sont voulues ainsi").check()
    click(either, "Publier", leads_to="Les règles sont publiées.")


def test_a_verifier_judges_ten_proofs_by_keyboard_alone(
    window: Window, people: People, dossiers: list[Dossier]
) -> None:
    """One key takes the first, one more judges each and takes the next."""
    window.sign_in(people.verifier.key)
    window.press("s")
    window.spent()
    for _ in range(10):
        window.press("c")
    assert window.spent() == (10, 10)
    judged = sum(len(dossier.codes("conform")) for dossier in dossiers[2:])
    assert judged == 10


def test_anybody_reads_the_public_list(either: Window, people: People, dossiers: list[Dossier]) -> None:
    dossiers[1].decide("referenced")
    either.open("/referencees")
    either.click(either.page.get_by_role("link", name="Gamma 1.0"))
    either.page.get_by_role("heading", name="Gamma").first.wait_for()
    either.open("/signalement")
    either.page.get_by_role("heading").first.wait_for()

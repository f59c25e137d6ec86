"""A second reader judges without knowing the first; a lead says what stands where they differ."""

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.console.conftest import SignIn

SAID = "Le badge manque page 3."


def drawn(people: People, dossier: Dossier) -> str:
    """One finding waits for another reader; a lead decides between them. Answers the task's id."""
    people.lead.put("/second-reading-rates", {"rate": 100, "on_disagreement": "lead"})
    dossier.find(OLD_IDENTITY, "nonconform", SAID)
    (task,) = dossier.tasks("second_reading")
    return str(task["id"])


def test_the_second_reader_is_not_told_what_the_first_found(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    task = drawn(people, dossier)
    shown = signed_in(Role.VERIFIER, "Colin").open(f"/taches/{task}")
    assert SAID not in shown
    assert "Deux lectures" not in shown


def test_who_read_first_is_told_that_another_reading_follows(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    people.lead.put("/second-reading-rates", {"rate": 100})
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.press("Prendre la suivante")
    nobody = "aucune n'est pour vous"
    assert nobody not in browser.page.text
    assert "lue ; une autre lecture suit" in browser.press("Conforme, et la suivante")
    assert nobody in browser.open("/travail")


def test_a_lead_sees_both_readings_and_says_what_stands(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    task = drawn(people, dossier)
    colin = signed_in(Role.VERIFIER, "Colin")
    colin.open(f"/taches/{task}")
    colin.press("Prendre cette tâche")
    colin.press("Conforme, et la suivante")
    lead = signed_in(Role.LEAD, "Dominique")
    assert "Lectures à départager" in lead.open("/travail")
    shown = lead.follow(OLD_IDENTITY)
    assert "Deux lectures qui diffèrent Vasseur" in shown
    assert SAID in shown
    assert "Choisissez un verdict." in lead.press("Rendre ce verdict", 422)
    assert "départage les deux lectures" in lead.press("Conforme")
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_a_verifier_does_not_arbitrate(people: People, dossier: Dossier, signed_in: SignIn) -> None:
    task = drawn(people, dossier)
    refused = signed_in(Role.VERIFIER, "Colin").post(f"/taches/{task}/arbitrage", {"outcome": "conform"})
    assert refused.status_code == 403
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"

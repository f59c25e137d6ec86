"""A lead says who handles what, sees what nobody can take, and gives tasks to verifiers."""

import pytest

from referencing.base.permissions import Role
from referencing.console.steering import team_routes
from tests.candidatures.dossiers import ALIZE, OLD_CNDA, Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn

HANDLED = "Tout ce qui attend peut être pris par quelqu'un."


@pytest.fixture
def lead(signed_in: SignIn, people: People) -> Browser:
    people.verifier.get("/queues")
    return signed_in(Role.LEAD, "Dominique")


def test_what_nobody_can_take_is_told_until_somebody_handles_it(lead: Browser, people: People) -> None:
    assert HANDLED in lead.open("/pilotage/equipe")
    shown = lead.press("Enregistrer", chapters=["INS"], most_in_hand="7")
    assert "INS ; tous les guichets ; 0 en main sur 7" in shown
    assert "DMPCNDA123 mars 2026personne ne s'en charge" in shown
    assert HANDLED in lead.press("Enregistrer", chapters=[])


def test_what_was_ticked_is_kept_beside_what_is_wrong(lead: Browser) -> None:
    lead.open("/pilotage/equipe")
    assert "De 1 à 100." in lead.press("Enregistrer", 422, chapters=["DMP"], most_in_hand="0")
    (form,) = [form for form in lead.page.forms if "Enregistrer" in form.buttons]
    assert form.fields.getlist("chapters") == ["DMP"]


def test_a_conflict_of_interest_is_declared_and_taken_back(lead: Browser, people: People) -> None:
    assert "Vasseur (vérification)" in lead.open("/pilotage/equipe")
    said = {"verifier": people.verifier.get("/me")["id"], "reason": "Ancien employeur."}
    wrong = lead.press("Déclarer ce conflit", 422, organisation="Alizée", **said)
    assert "Donnez son nom tel que les tâches le montrent." in wrong
    told = lead.press("Déclarer ce conflit", organisation=ALIZE, **said)
    assert "Vasseur ne lit ni ne juge rien de Éditions Alizé" in told
    assert "tous en sont écartés" in told
    assert HANDLED in lead.press("Retirer")


def test_conflicts_of_interest_are_read_page_by_page(
    lead: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_routes, "MOST", 2)
    for name in ("Ana", "Bo", "Chloé"):
        verifier = people(Role.VERIFIER, name).get("/me")["id"]
        words = {"verifier": verifier, "organisation": ALIZE, "reason": "Ancien employeur."}
        people.lead.post("/conflicts", words)
    first = lead.open("/pilotage/equipe")
    second = lead.follow("Conflits suivants")
    assert [name in first for name in ("Ana ne lit", "Bo ne lit", "Chloé ne lit")] == [True, True, False]
    assert [name in second for name in ("Ana ne lit", "Bo ne lit", "Chloé ne lit")] == [False, False, True]
    assert "Conflits suivants" not in lead.page.links


def test_tasks_are_given_to_a_verifier_and_what_is_refused_is_told(
    lead: Browser, people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    lead.open("/pilotage/affectations")
    assert "Cochez au moins une tâche." in lead.press("Confier", 422)
    people.verifier.post(f"/tasks/{dossier.task(OLD_CNDA)}/claim", status=200)
    ticked = [task["id"] for task in dossier.tasks("proof_review")]
    shown = lead.press("Confier", tasks=ticked, verifier=people.verifier.get("/me")["id"])
    assert "3 tâches : elles sont en main" in shown
    assert f"1 tâche : elle n'a pas été confiée.{OLD_CNDA} –" in shown
    assert "déjà chez Vasseur" in shown
    assert "4 en main" in signed_in(Role.VERIFIER, "Vasseur").open("/travail")


def test_tasks_are_narrowed_down_by_queue_and_chapter(lead: Browser) -> None:
    assert OLD_CNDA in lead.open("/pilotage/affectations?chapter=DMP")
    assert OLD_CNDA not in lead.open("/pilotage/affectations?chapter=INS")
    assert "Rien n'attend ici" in lead.open("/pilotage/affectations?queue=second_reading")


def test_a_lead_takes_a_task_over_from_who_has_it(
    lead: Browser, people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_CNDA)}/claim", status=200)
    people(Role.VERIFIER, "Colin").get("/queues")
    assert "En main chez Vasseur" in lead.open(f"/taches/{task['id']}")
    lead.press("Confier", 422)
    assert "En main chez personne" in lead.press("Confier", reason="Vasseur est malade.", verifier="")
    assert "En main chez" not in signed_in(Role.VERIFIER, "Colin").open(f"/taches/{task['id']}")

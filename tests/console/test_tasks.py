"""A verifier takes a proof, reads it, judges it and goes on, without script; what is refused is said where it is."""

import re
from typing import Any

import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue.models import ExpectedProof
from tests.candidatures.dossiers import (
    OLD_IDENTITY,
    OLD_TRAITS,
    Dossier,
    People,
)
from tests.console.browser import Browser
from tests.console.conftest import SignIn

CONFORM = "Conforme, et la suivante"
GIVE = "Rendre ce verdict, et la suivante"


def at_work(signed_in: SignIn) -> Browser:
    """A verifier who has just taken the next task."""
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.press("Prendre la suivante")
    return browser


def taken(browser: Browser) -> str:
    """The code of the task that is shown."""
    assert browser.answer is not None
    (code,) = re.findall(r"<h1>(.*?)</h1>", browser.answer.get_data(as_text=True))
    return str(code)


def test_one_sees_what_comes_next_before_taking_it(signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    assert f"ce sera {OLD_IDENTITY} de Alpha (Éditions Alizé)" in browser.open("/travail")
    browser.press("Prendre la suivante")
    assert taken(browser) == OLD_IDENTITY
    assert "En main : 1 sur 20" in browser.open("/travail")
    browser.follow(OLD_IDENTITY)
    assert taken(browser) == OLD_IDENTITY


def test_what_comes_next_is_shown_however_much_before_it_others_have(
    people: People, signed_in: SignIn
) -> None:
    """Twenty-two of twenty-four are taken: by two, since nobody has more than twenty in hand."""
    for name in "BCDEF":
        people.in_review("LGC-V1", people.solution(name))
    for place in range(22):
        people(Role.VERIFIER, f"Vérificateur {place % 2}").post("/claims", {"another": True})
    browser = signed_in(Role.VERIFIER, "Vasseur")
    assert "ce sera" in (shown := browser.open("/travail"))
    assert "2 en attente, 22 en main" in shown


def test_four_proofs_are_judged_one_after_the_other(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    for left in (3, 2, 1, 0):
        judged = taken(browser)
        shown = browser.press(CONFORM)
        assert f"Verdict rendu sur {judged} : conforme." in shown
        assert len(dossier.codes("under_review")) == left
    assert "Rien n'attend dans vos files" in shown
    assert dossier.state == "deliberation"


def test_the_file_is_shown_in_the_page_from_a_response_that_can_do_nothing(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    assert browser.answer is not None
    (address,) = re.findall(
        r'<(?:img|video|iframe) class="file" src="([^"]+)"', browser.answer.get_data(True)
    )
    headers = browser.fetch(address).headers
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    kept = browser.fetch(f"{address}?telecharger=1")
    assert kept.headers["Content-Disposition"].startswith("attachment")


def test_a_file_seeks(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    assert browser.answer is not None
    (address,) = re.findall(r'class="file" src="([^"]+)"', browser.answer.get_data(as_text=True))
    part = browser.fetch(address, {"Range": "bytes=2-5"})
    assert (part.status_code, len(part.data)) == (206, 4)


def test_what_is_not_conform_needs_words_and_what_was_typed_is_kept(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    shown = browser.press(GIVE, 422, outcome="nonconform")
    assert "Dites à l'éditeur ce qui manque ou ce qui n'est pas conforme." in shown
    shown = browser.press(GIVE, 422, outcome="complement", comment="Il manque la fin.", due_on="2020-01-01")
    assert "Donnez un jour à venir, dans l'année." in shown
    assert "Il manque la fin." in shown
    assert 'value="complement"' in _checked(browser)


def _checked(browser: Browser) -> str:
    assert browser.answer is not None
    return " ".join(re.findall(r"<input[^>]*\schecked", browser.answer.get_data(as_text=True)))


def test_a_verdict_that_says_nothing_is_refused_beside_the_choices(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    assert "Choisissez un verdict." in browser.press(GIVE, 422)


def test_a_button_beside_another_choice_gives_no_verdict(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    code = taken(browser)
    shown = browser.press(CONFORM, 422, outcome="nonconform", comment="Le matricule manque.")
    assert "Le bouton et votre choix disent deux verdicts." in shown
    assert "Le matricule manque." in shown
    assert dossier.item(code)["state"] == "under_review"
    browser.press(GIVE)
    assert dossier.item(code)["verdict"]["outcome"] == "nonconform"


def test_a_complement_says_what_is_missing_and_until_when(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    code = taken(browser)
    browser.press(
        GIVE,
        outcome="complement",
        comment="Il manque la fin.",
        missing="La fin\n\nLe son",
        due_on="2026-04-01",
    )
    verdict = dossier.item(code)["verdict"]
    assert (verdict["missing"], verdict["due_on"]) == (["La fin", "Le son"], "2026-04-01")


def test_earlier_verdicts_are_there_when_the_proof_comes_back(dossier: Dossier, signed_in: SignIn) -> None:
    dossier.find(OLD_TRAITS, "complement", "Il manque la fin.")
    dossier.supply(OLD_TRAITS, b"whole")
    browser = signed_in(Role.VERIFIER, "Autre")
    shown = browser.open(f"/taches/{dossier.task(OLD_TRAITS)}")
    assert "Verdicts précédents Tour 1" in shown
    assert "Il manque la fin." in shown


def test_a_verdict_is_taken_back_from_the_next_page(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    code = taken(browser)
    browser.press(CONFORM)
    browser.press("Reprendre ce verdict", reason="Mauvaise touche.")
    assert taken(browser) == code
    assert dossier.item(code)["state"] == "under_review"


def test_a_verdict_on_another_file_than_the_one_before_the_agency_is_refused(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    shown = browser.press(CONFORM, 409, file_sha256="0" * 64)
    assert "n'est plus celui de la version à examiner" in shown


def test_somebody_elses_task_can_be_read_and_not_judged(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    other = signed_in(Role.VERIFIER, "Autre")
    shown = other.open(f"/taches/{dossier.task(taken(browser))}")
    assert "Vasseur a cette tâche en main" in shown
    assert CONFORM not in shown


def test_a_task_is_given_back(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    assert "La tâche est rendue à sa file." in browser.press("Rendre la tâche à sa file")
    assert "En main : 0" in browser.open("/travail")


def test_an_expert_is_asked_and_answers(dossier: Dossier, people: People, signed_in: SignIn) -> None:
    people(Role.EXPERT, "Experte")
    browser = at_work(signed_in)
    code = taken(browser)
    words: dict[str, Any] = {"question": "Est-ce le bon flux ?", "due_on": "2026-03-20"}
    shown = browser.press("Demander cet avis", 422, **words)
    assert "Choisissez au moins un expert." in shown
    (expert,) = people.verifier.get("/experts")["items"]
    browser.press("Demander cet avis", experts=expert["id"], **words)
    experte = signed_in(Role.EXPERT, "Experte")
    experte.follow(code)
    assert "Est-ce le bon flux ?" in experte.open(experte.address)
    experte.press("Transmettre cet avis", 422, opinion=" ")
    assert "Votre avis est transmis." in experte.press("Transmettre cet avis", opinion="Oui.")
    assert "Oui." in browser.open(f"/taches/{dossier.task(code)}")


def test_an_expert_asked_by_mistake_is_asked_no_more(
    dossier: Dossier, people: People, signed_in: SignIn
) -> None:
    expert = people(Role.EXPERT, "Experte").get("/me")["id"]
    browser = at_work(signed_in)
    words: dict[str, Any] = {"question": "Est-ce le bon flux ?", "due_on": "2026-03-20"}
    browser.press("Demander cet avis", experts=expert, **words)
    shown = browser.press("Ne plus demander")
    assert "retiré" in shown
    assert "Personne n'attend d'avis de vous." in signed_in(Role.EXPERT, "Experte").open("/travail")


def test_a_third_party_is_awaited_and_its_answer_noted(dossier: Dossier, signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    code = taken(browser)
    words: dict[str, Any] = {"party": "CNDA", "reason": "Numéro à vérifier.", "expected_on": "2026-03-20"}
    assert "La tâche attend la réponse du tiers" in browser.press("Attendre ce tiers", **words)
    browser.follow(code)
    shown = browser.press("Changer le jour", expected_on="2026-03-25", reason="Congés.")
    assert "attendu pour le 25 mars 2026" in shown
    browser.press("Noter la réponse et reprendre la tâche", answer="Il est bon.")
    assert CONFORM in browser.page.text
    assert dossier.item(code)["third_party"] is None


def test_an_editor_reads_no_task(dossier: Dossier, signed_in: SignIn) -> None:
    browser = signed_in(Role.EDITOR)
    assert "Vous n'avez pas ce droit" in browser.open(f"/taches/{dossier.task(OLD_IDENTITY)}", 403)


SCENARIO = "Etapes :\n1. Chercher le patient.\n2. Afficher son identité."


def test_steps_are_judged_all_or_none(dossier: Dossier, people: People, signed_in: SignIn) -> None:
    with db.transaction(people.parts.sessions) as session:
        asked = sa.update(ExpectedProof).where(ExpectedProof.code == OLD_IDENTITY)
        session.execute(asked.values(scenario_text=SCENARIO))
    browser = at_work(signed_in)
    said = "Le prénom manque."
    shown = browser.press(
        GIVE, 422, outcome="nonconform", steps__1__outcome="nonconform", steps__1__comment=said
    )
    assert "Jugez aussi cette étape, ou n'en jugez aucune." in shown
    browser.press(GIVE, outcome="nonconform", comment="Voir l'étape 2.", steps__0__outcome="conform")
    assert [step["outcome"] for step in dossier.item(OLD_IDENTITY)["verdict"]["steps"]] == [
        "conform",
        "nonconform",
    ]
    assert dossier.item(OLD_IDENTITY)["verdict"]["steps"][1]["comment"] == said


def test_one_more_in_hand_is_taken_once_that_is_meant(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    held = taken(browser)
    browser.open("/travail")
    shown = browser.press("Prendre la suivante", 409)
    assert f"Vous avez déjà en main : {held}." in shown
    assert "En main : 1 sur 20" in shown
    browser.press("En prendre une de plus")
    assert taken(browser) != held
    assert "En main : 2 sur 20" in browser.open("/travail")


def test_one_more_of_a_queue_is_of_that_queue(signed_in: SignIn) -> None:
    browser = at_work(signed_in)
    browser.open("/travail")
    browser.press("la suivante de la file Examen des preuves", 409)
    shown = browser.press("En prendre une de plus")
    assert "Examen des preuves" in shown

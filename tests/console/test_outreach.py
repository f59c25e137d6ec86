"""Who would profit, in the console: a survey with its progress, its lines and sheet, and a letter that is sent once."""

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.console.outreach import routes
from referencing.outreach.forgetting import forget_surveys
from tests.candidatures.dossiers import ALIZE, Dossier, People
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost

FIND = "/pilotage/beneficiaires"
ALWAYS = {"when": {}, "then": {"reuse": "auto"}}


def test_a_lead_searches_reads_narrows_down_and_writes(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    people.in_deliberation("LGC-V1", people.solution("Bêta"))
    lead = signed_in(Role.LEAD, "Dominique")
    assert "Aucune encore" in lead.open(FIND)
    running = lead.press("Chercher dans tous les logiciels")
    assert "en cours" in running
    people.jobs()
    survey = lead.address
    page = lead.open(survey)
    assert "terminée" in page
    assert ALIZE in page
    assert "LGC-V2" in page
    assert "Aucun logiciel ne répond" in lead.open(f"{survey}?dispositif=RIS")
    sheet = lead.fetch(f"{survey}.csv?dsr=LGC-V2").get_data(as_text=True)
    assert sheet.startswith('"Éditeur","Logiciel"')
    assert len(sheet.splitlines()) == 2

    lead.open(f"{survey}?dsr=LGC-V2")
    assert "La lettre" in lead.press("Écrire à ces éditeurs")
    letter = lead.address
    assert "« {nom} » n'est pas connu" in lead.press("Garder", 422, text="Bonjour {nom}")
    lead.open(letter)
    assert f"Bonjour {ALIZE}" in lead.press(
        "Garder", subject="À vous", text="Bonjour {editeur} : {solutions}"
    )
    sent = lead.press("Envoyer la lettre gardée")
    assert "Envoyée le" in sent
    assert "0 éditeur a déposé" in sent
    people.jobs()
    assert "personne" in lead.open(letter)
    people.submitted("LGC-V2", people.solution("Gamma"))
    assert "1 éditeur a déposé" in lead.open(letter)
    assert "envoyée le" in lead.open(survey)
    assert dossier.state == "in_review"


def test_letters_and_rules_are_read_page_by_page(
    people: People, dossier: Dossier, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    for name in ("Une", "Autre"):
        people.lead.post("/rulebooks", {"label": name, "policies": [ALWAYS]})
    monkeypatch.setattr(routes, "MOST", 1)
    lead.open(FIND)
    assert "Autre" in lead.page.text
    lead.follow("Choisir parmi des règles plus anciennes")
    assert "Une" in lead.page.text
    lead.press("Chercher dans tous les logiciels", rulebook="")
    people.jobs()
    survey = lead.address
    for subject in ("Première lettre", "Seconde lettre"):
        lead.open(survey)
        lead.press("Écrire à ces éditeurs")
        lead.press("Garder", subject=subject)
    assert "Seconde lettre" not in lead.open(survey)
    assert "Seconde lettre" in lead.follow("Lettres suivantes")
    assert dossier.state == "in_review"


def test_a_letter_whose_lines_are_forgotten_says_so(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    addresses = []
    for _ in range(2):
        lead.open(FIND)
        lead.press("Chercher dans tous les logiciels")
        people.jobs()
        addresses.append(lead.address)
    lead.open(addresses[0])
    assert "Aucun éditeur" not in lead.press("Écrire à ces éditeurs")
    letter = lead.address
    with db.transaction(people.parts.sessions) as session:
        forget_surveys(session, simulations_kept=-1)
    assert "Ce que la recherche avait trouvé est effacé" in lead.open(letter)
    assert "Résultats effacés le" in lead.open(addresses[0])
    assert "Écrire à ces éditeurs" not in lead.page.text
    assert "Écrire à ces éditeurs" in lead.open(addresses[1])
    assert dossier.state == "in_review"


def test_a_survey_that_runs_is_given_up(people: People, signed_in: SignIn) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open(FIND)
    lead.press("Chercher dans tous les logiciels")
    assert "abandonnée" in lead.press("Abandonner")
    people.jobs()


def test_the_pages_are_for_leads_and_send_few_statements(people: People, signed_in: SignIn) -> None:
    signed_in(Role.VERIFIER).open(FIND, 403)
    lead = signed_in(Role.LEAD, "Dominique")
    lead.open(FIND)
    lead.press("Chercher dans tous les logiciels")
    people.jobs()
    survey = lead.address
    assert cost(people, lead, FIND) <= 6
    assert cost(people, lead, survey) <= 8
    lead.open(survey)
    lead.press("Écrire à ces éditeurs")
    assert cost(people, lead, lead.address) <= 8

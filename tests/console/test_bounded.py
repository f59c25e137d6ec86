"""A page costs as many statements whatever waits, whatever the number of dossiers and of items."""

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn


def cost(people: People, browser: Browser, address: str) -> int:
    browser.open(address)
    with statements(people.parts.engine) as sent:
        browser.open(address)
    return len(sent)


@pytest.mark.parametrize(
    ("role", "address", "most"),
    [
        (Role.VERIFIER, "/travail", 30),
        (Role.LEAD, "/travail", 30),
        (Role.EDITOR, "/travail", 30),
        (Role.EDITOR, "/dossiers", 10),
    ],
)
def test_a_list_costs_the_same_with_more_dossiers(
    people: People, dossier: Dossier, signed_in: SignIn, role: Role, address: str, most: int
) -> None:
    browser = signed_in(role)
    before = cost(people, browser, address)
    for name in ("Bêta", "Gamma", "Delta"):
        people.in_review("LGC-V1", people.solution(name))
    after = cost(people, browser, address)
    assert after == before
    assert after <= most
    assert dossier.state == "in_review"


def test_a_dossier_and_its_preparation_cost_the_same_with_more_items(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    solution = people.solution("Bêta")
    small = people.draft("LGC-V1", solution)
    large = people.draft("LGC-V2", solution, profiles=["Messagerie organisationnelle"])
    browser = signed_in(Role.EDITOR)
    for page in ("", "/preparer"):
        costs = [cost(people, browser, f"/dossiers/{one.id}{page}") for one in (small, large)]
        assert (
            max(costs) - min(costs) <= 2
        )  # what is known of the software is read in kinds that one may lack
        assert max(costs) <= 40
    assert dossier.state == "in_review"


#: The statements that each page may send at the most, with the one that knows the browser.
PAGES = [
    (Role.LEAD, "/dossiers", 10),
    (Role.LEAD, "/pilotage", 9),
    (Role.LEAD, "/pilotage/priorites", 9),
    (Role.LEAD, "/pilotage/abandons", 4),
    (Role.LEAD, "/pilotage/recevabilite", 5),
    (Role.LEAD, "/pilotage/affectations", 7),
    (Role.LEAD, "/pilotage/equipe", 7),
    (Role.LEAD, "/pilotage/prevision", 5),
    (Role.LEAD, "/regles", 5),
    (Role.LEAD, "/regles/{rules}", 9),
    (Role.LEAD, "/regles/{rules}/controles", 17),
    (Role.LEAD, "/regles/{rules}/propositions", 12),
    (Role.LEAD, "/regles/{rules}/simulations", 12),
    (Role.LEAD, "/regles/{rules}/historique", 12),
    (Role.LEAD, "/regles/{rules}/bilans", 16),
    (Role.LEAD, "/regles/surete", 12),
    (Role.LEAD, "/dossiers/{dossier}", 20),
    (Role.LEAD, "/dossiers/{dossier}/historique", 13),
    (Role.LEAD, "/dossiers/{dossier}/messages", 13),
    (Role.VERIFIER, "/seances", 8),
    (Role.AUDITOR, "/signalements", 4),
    (Role.AUDITOR, "/audits", 4),
    (Role.AUDITOR, "/revocations", 4),
    (Role.AUDITOR, "/revocations/alertes", 4),
    (Role.AUDITOR, "/revocations/echeances", 9),
    (Role.CATALOGUE, "/catalogue", 5),
    (Role.LEAD, "/reprises", 4),
    (Role.CATALOGUE, "/catalogue/LGC-V1/exigences", 11),
    (Role.EDITOR, "/compte", 6),
    (Role.EDITOR, "/compte/cles", 4),
    (Role.EDITOR, "/personnes", 3),
    (Role.EDITOR, "/webhooks", 2),
    (Role.LEAD, "/personnes/{account}/effacement", 18),
    (Role.LEAD, "/personnes/organisations", 3),
    (Role.EDITOR, "/referencees", 5),
]


@pytest.mark.parametrize(("role", "address", "most"), PAGES)
def test_a_page_sends_few_statements(
    people: People, dossier: Dossier, signed_in: SignIn, role: Role, address: str, most: int
) -> None:
    rules = people.lead.get("/rulebooks")["items"][0]["id"]
    account = people.verifier.get("/me")["id"]
    sent = cost(people, signed_in(role), address.format(rules=rules, dossier=dossier.id, account=account))
    assert sent <= most

"""What a changed component costs, on a page of the dossier; a request, its answer, and the end of a declaration."""

import io

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import MAIL, Dossier, People
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost

OLD, NEW = "Facteur-MSS@3.1", "Facteur-MSS@3.2"
TRY = "Voir d'abord ce que cela ferait"


def composed(component: str) -> list[dict[str, str]]:
    return [{"role": "mss", "component": component}]


@pytest.fixture
def changed(people: People) -> Dossier:
    """The software was verified with one version of its component, and is filed again with the next."""
    software = people.software()
    people.in_deliberation("LGC-V2", people.solution("Alpha", software), composition=composed(OLD))
    return people.draft("LGC-V2", people.solution("Bêta", software), composition=composed(NEW))


def test_an_editor_asks_a_lead_declares_and_takes_back(
    people: People, changed: Dossier, signed_in: SignIn
) -> None:
    editor, lead = signed_in(Role.EDITOR), signed_in(Role.LEAD, "Dominique")
    assert changed.states()[MAIL] == "required"
    page = editor.open(f"/dossiers/{changed.id}/composants")
    assert "1 preuve attendue est moins bien couverte" in page
    assert f"6 vérifications avec {OLD}" in page
    assert MAIL in page
    assert "elles garderaient 1 preuve" in page
    refused = editor.press("Demander", 422, reason="Correctif mineur.")
    assert "Joignez l'attestation" in refused
    assert "Correctif mineur." in refused
    asked = editor.press(
        "Demander", reason="Correctif mineur.", file=(io.BytesIO(b"Nous attestons."), "attestation.txt")
    )
    assert f"{OLD} et {NEW}" in asked
    assert "demandée" in asked
    assert editor.fetch(editor.page.links["attestation.txt"]).get_data() == b"Nous attestons."

    assert f"{OLD} et {NEW}" in lead.open("/versions-equivalentes")
    assert "Essai à blanc" not in lead.follow(f"{OLD} et {NEW}")
    assert "Ce que l'accepter ferait (1 preuve)" in lead.press(TRY)
    assert "ne vaut pas pour le passé" in lead.press("Déclarer équivalentes", 422, valid_from="2020-01-01")
    assert "acceptée" in lead.press("Déclarer équivalentes", valid_from="")
    people.jobs()
    assert changed.states()[MAIL] == "covered"
    assert "ces vérifications comptent" in editor.open(f"/dossiers/{changed.id}/composants")
    assert "Versions d'un composant déclarées équivalentes" in editor.open(
        f"/dossiers/{changed.id}/historique"
    )

    request = lead.address
    lead.open(request)
    assert "Ce que la révoquer ferait (1 preuve)" in lead.press(TRY)
    assert "révoquée" in lead.press("Révoquer la déclaration", reason="Une régression a été trouvée.")
    people.jobs()
    assert changed.states()[MAIL] == "required"
    assert "révoquée" in editor.open(request)


def test_a_lead_refuses_and_the_editor_reads_why(people: People, changed: Dossier, signed_in: SignIn) -> None:
    editor, lead = signed_in(Role.EDITOR), signed_in(Role.LEAD, "Dominique")
    editor.open(f"/dossiers/{changed.id}/composants")
    editor.press("Demander", reason="Correctif.", file=(io.BytesIO(b"x"), "a.txt"))
    request = editor.address
    lead.open(request)
    assert "Ce champ est requis" in lead.press("Refuser", 422)
    lead.press("Refuser", reason="L'attestation n'est pas signée.")
    assert "L'attestation n'est pas signée." in editor.open(request)
    assert "Rien n'attend de réponse" in lead.open("/versions-equivalentes")
    assert "refusée" in lead.follow("Toutes")


def test_a_lead_declares_by_a_reference_of_its_own(
    people: People, changed: Dossier, signed_in: SignIn
) -> None:
    lead, verifier = signed_in(Role.LEAD, "Dominique"), signed_in(Role.VERIFIER)
    lead.open(f"/dossiers/{changed.id}/composants", 404)  # a draft is its editor's alone
    changed.submit(incomplete=True)
    lead.open(f"/dossiers/{changed.id}/composants")
    assert "Courrier 17" in lead.press("Demander", reason="Correctif.", reference="Courrier 17")
    lead.press(TRY)
    assert "acceptée" in lead.press("Déclarer équivalentes")
    verifier.open(f"/dossiers/{changed.id}/composants")
    assert "Demander" not in verifier.page.text


def test_a_request_is_read_without_trying_it_out(people: People, changed: Dossier, signed_in: SignIn) -> None:
    editor, lead = signed_in(Role.EDITOR), signed_in(Role.LEAD, "Dominique")
    editor.open(f"/dossiers/{changed.id}/composants")
    editor.press("Demander", reason="Correctif.", file=(io.BytesIO(b"x"), "a.txt"))
    request = editor.address
    lead.open(request)
    with statements(people.parts.engine) as sent:
        lead.open(request)
    assert len(sent) <= 6
    assert not [statement for statement in sent if "FOR UPDATE" in statement]


@pytest.mark.parametrize(("role", "name"), [(Role.EDITOR, "Camille"), (Role.LEAD, "Dominique")])
def test_the_pages_send_few_statements(
    people: People, changed: Dossier, signed_in: SignIn, role: Role, name: str
) -> None:
    changed.submit(incomplete=True)
    browser = signed_in(role, name)
    for address, most in ((f"/dossiers/{changed.id}/composants", 28), ("/versions-equivalentes", 6)):
        assert cost(people, browser, address) <= most

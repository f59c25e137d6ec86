"""NILs that two softwares have, on the page where a lead says whose each is; an editor corrects what was refused."""

from referencing.base.permissions import Role
from tests.candidatures.dossiers import People
from tests.console.conftest import SignIn

LIST = "/personnes/nil"


def test_a_lead_says_whose_a_nil_is_and_the_other_editor_corrects_theirs(
    people: People, signed_in: SignIn
) -> None:
    lead = signed_in(Role.LEAD, "Dominique")
    assert "Aucun NIL n'est porté par deux logiciels" in lead.open(LIST)
    rival = people(Role.EDITOR, organisation="Logiciels Mistral")
    rival.post("/softwares", {"name": "Mistral", "nil": "NIL-M"})
    people.editor.post("/softwares", {"name": "Alizé Cabinet", "nil": "nil\u2010m"})
    assert "ressemble à Mistral (NIL-M, Logiciels Mistral)" in lead.open(LIST)
    lead.follow("nil-m")
    assert "Ce champ est requis" in lead.press("Refuser", 422)
    assert "l'éditeur lira pourquoi" in lead.press("Refuser", reason="Il est d'un autre.")
    lead.open(f"{LIST}?voir=tous")
    lead.follow("NIL-M")
    assert "les certificats de ce logiciel comptent" in lead.press("Confirmer", reason="Vu au catalogue.")
    editor = signed_in(Role.EDITOR)
    assert "Il est d'un autre." in editor.open("/dossiers/nouveau")
    assert "NIL refusé" not in editor.press("Corriger le NIL", nil="NIL-A")
    assert "NIL-A" in {one["nil"] for one in people.editor.get("/softwares")["items"]}


def test_the_page_is_for_leads(signed_in: SignIn) -> None:
    assert LIST not in signed_in(Role.EDITOR).open("/personnes")
    signed_in(Role.EDITOR).open(LIST, 403)

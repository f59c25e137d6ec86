"""Components in the trust space of Pro Santé Connect: the editor's counter first, then the operator's."""

from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.catalogue.workbooks import row, workbook
from tests.certificates.conftest import COMPONENT, NIL

PSC_PROOF = "DPI-V2:PSC.01#01.01"


def place(dossier: Dossier) -> str:
    return f"/softwares/{dossier.read()['software']}/edc-psc-declarations"


def editor_s(**changes: Any) -> dict[str, Any]:
    words = {"component": COMPONENT, "counter": "editor", "number": "E-1", "declared_on": "2026-02-01"}
    return {**words, **changes}


def operator_s(**changes: Any) -> dict[str, Any]:
    words = {
        "counter": "operator",
        "number": "X-1",
        "operator": "Centre de Vannes",
        "declared_on": "2026-02-02",
    }
    return editor_s(**{**words, **changes})


def test_the_editor_s_counter_comes_before_the_operator_s(dossier: Dossier) -> None:
    editor = dossier.people.editor
    problem = editor.refused(409, "POST", place(dossier), json=operator_s())
    assert problem["detail"].startswith("Déclarez d'abord ce composant au guichet éditeur")
    first = editor.post(place(dossier), editor_s())
    second = editor.post(place(dossier), operator_s())
    assert editor.get(place(dossier))["items"] == [first, second]
    assert (first["operator"], second["operator"]) == (None, "Centre de Vannes")


def test_it_is_by_component(dossier: Dossier) -> None:
    editor = dossier.people.editor
    editor.post(place(dossier), editor_s())
    editor.refused(409, "POST", place(dossier), json=operator_s(component=NIL))
    editor.post(place(dossier), editor_s(component=NIL))
    editor.post(place(dossier), operator_s(component=NIL))


def test_several_operators_may_run_a_component_each_declared_once(dossier: Dossier) -> None:
    editor = dossier.people.editor
    editor.post(place(dossier), editor_s())
    editor.post(place(dossier), operator_s())
    editor.post(place(dossier), operator_s(operator="Centre de Brest"))
    editor.refused(409, "POST", place(dossier), json=operator_s(operator=" Centre  de Brest"))
    editor.refused(409, "POST", place(dossier), json=editor_s(number="E-2"))


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        (editor_s(component="Boîte"), "/component"),
        (editor_s(declared_on="2026-03-03"), "/declared_on"),
        (editor_s(operator="Centre"), "/operator"),
        (operator_s(operator=None), "/operator"),
        (operator_s(declared_on="2026-01-31"), "/declared_on"),
        (editor_s(counter="autre"), "/counter"),
    ],
)
def test_what_is_not_right_is_pointed_at(dossier: Dossier, words: Any, pointer: str) -> None:
    dossier.people.editor.post(place(dossier), editor_s(component="Autre@1"))
    if words["counter"] == "operator" and words["operator"]:
        words = {**words, "component": "Autre@1"}
    sent = {key: value for key, value in words.items() if value is not None}
    problem = dossier.people.editor.refused(422, "POST", place(dossier), json=sent)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_declarations_are_withdrawn_in_the_other_order(dossier: Dossier) -> None:
    editor = dossier.people.editor
    first, second = editor.post(place(dossier), editor_s()), editor.post(place(dossier), operator_s())
    paths = [f"/edc-psc-declarations/{one['id']}/withdrawal" for one in (first, second)]
    editor.refused(409, "POST", paths[0], json={"reason": "Erreur."})
    assert editor.post(paths[1], {"reason": "Erreur."}, status=200)["withdrawn_reason"] == "Erreur."
    editor.post(paths[0], {"reason": "Erreur."}, status=200)
    editor.refused(409, "POST", paths[0], json={"reason": "Encore."})
    editor.post(place(dossier), editor_s())


def test_another_organisation_finds_nothing(people: People, dossier: Dossier) -> None:
    declared = people.editor.post(place(dossier), editor_s())
    stranger = people(Role.EDITOR, "Zoé", "Mistral Santé")
    stranger.refused(404, "GET", place(dossier))
    stranger.refused(404, "POST", place(dossier), json=editor_s())
    path = f"/edc-psc-declarations/{declared['id']}/withdrawal"
    nothing = f"/edc-psc-declarations/{dossier.id}/withdrawal"
    assert stranger.refused(404, "POST", path, json={"reason": "x"}) == stranger.refused(
        404, "POST", nothing, json={"reason": "x"}
    )
    people.verifier.refused(403, "POST", path, json={"reason": "x"})


def test_a_proof_for_that_counter_says_which_declaration_misses(people: People) -> None:
    manager = people(Role.CATALOGUE, "Auteur des listes")
    asked = row("PSC.01", "PSC.01.01.01", Preuve="Attestation de l'espace de confiance PSC.")
    manager.upload("/dsrs/DPI-V2/imports", ("DPI.xlsx", workbook(asked).getvalue()), status=200)
    manager.post("/dsrs/DPI-V2/publication", status=200)
    composition = [{"role": "psc", "component": "Proxy@1"}]
    dossier = people.draft("DPI-V2", composition=composition)
    assert dossier.item(PSC_PROOF)["guichet"] == "EDC_PSC"
    before_filing = people.editor.post(f"{dossier.path}/preflight", status=200)["points"]
    undeclared = [point["detail"] for point in before_filing if point["topic"] == "declaration"]
    assert undeclared == dossier.item(PSC_PROOF)["remarks"]
    said = [dossier.item(PSC_PROOF)["remarks"]]
    for words in (editor_s(component="Proxy@1"), operator_s(component="Proxy@1")):
        people.editor.post(place(dossier), words)
        said.append(dossier.item(PSC_PROOF)["remarks"])
    assert said == [
        ["« Proxy@1 » n'est pas déclaré au guichet éditeur de l'espace de confiance (EDC PSC)."],
        ["« Proxy@1 » n'est pas encore déclaré au guichet opérateur de l'espace de confiance (EDC PSC)."],
        [],
    ]
    bare = people.draft("DPI-V2")
    assert bare.read()["nil"] in bare.item(PSC_PROOF)["remarks"][0]

"""Nothing is supplied where nothing is expected; the answer says how things stand."""

from collections.abc import Callable

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import (
    BROWSER,
    CNDA,
    DESKTOP,
    IDENTITY,
    MAIL,
    MESSAGING,
    OLD_PART,
    OLD_TRAITS,
    ORGANISATION,
    TRAITS,
    Dossier,
    People,
)
from tests.clients import form


@pytest.fixture(scope="module")
def dossier(people: People) -> Dossier:
    """In review, with an item in each of the states that want nothing."""
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution, profiles=[MESSAGING])
    dossier.supply_all(but=[BROWSER])
    dossier.claim_not_applicable(BROWSER)
    dossier.submit()
    dossier.judge()
    dossier.find(BROWSER)
    dossier.find(MAIL, "nonconform", "Le rapport est d'un autre logiciel.")
    dossier.find(ORGANISATION)
    dossier.find(CNDA)
    people.verifier.post(f"/tasks/{dossier.task(DESKTOP)}/claim", status=200)
    return dossier


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (DESKTOP, "en cours d'examen"),
        (ORGANISATION, "conforme"),
        (MAIL, "non conforme"),
        (BROWSER, "sans objet"),
        (IDENTITY, "couverte par équivalence"),
        (CNDA, "couverte par équivalence"),
    ],
)
def test_nothing_is_supplied_for_an_item_that_wants_nothing(dossier: Dossier, code: str, state: str) -> None:
    before = dossier.item(code)
    options = {"data": form(("preuve.txt", b"de trop"))}
    problem = dossier.people.editor.refused(409, "POST", f"{dossier.item_path(code)}/proofs", **options)
    assert f"« {state} »" in problem["detail"]
    assert dossier.item(code) == before


@pytest.mark.parametrize(
    ("bring", "state"),
    [
        (People.submitted, "déposée"),
        (People.in_deliberation, "en délibération"),
        (People.referenced, "référencée"),
    ],
)
def test_nothing_is_supplied_to_a_dossier_in_the_agency_s_hands(
    people: People, bring: Callable[..., Dossier], state: str
) -> None:
    solution = people.solution(software=people.software(f"NIL {state}"))
    dossier = bring(people, "LGC-V1", solution)
    for code in (OLD_PART, OLD_TRAITS):
        options = {"data": form(("preuve.txt", b"de trop"))}
        problem = people.editor.refused(409, "POST", f"{dossier.item_path(code)}/proofs", **options)
        assert f"La candidature est {state}" in problem["detail"]


def test_nothing_is_supplied_under_a_code_that_the_dossier_does_not_have(dossier: Dossier) -> None:
    options = {"data": form(("preuve.txt", b"de trop"))}
    path = f"{dossier.item_path(OLD_PART)}/proofs"
    dossier.people.editor.refused(404, "POST", path, **options)


def test_nothing_is_supplied_to_another_organisation_s_dossier(dossier: Dossier) -> None:
    rival = dossier.people(Role.EDITOR, organisation="Logiciels Mistral")
    options = {"data": form(("preuve.txt", b"de trop"))}
    rival.refused(404, "POST", f"{dossier.item_path(TRAITS)}/proofs", **options)

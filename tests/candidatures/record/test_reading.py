"""Reading dossiers and items: each organisation its own, the agency all, page by page."""

from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import CNDA, GENERAL, IDENTITY, Dossier, People
from tests.clients import escaped


@pytest.fixture(scope="module")
def dossiers(people: People) -> list[Dossier]:
    """Three: the first with one file, the second one filed."""
    solution = people.solution()
    found = [people.draft(dsr, solution) for dsr in ("LGC-V2", "LGC-V1")]
    found.append(people.draft("LGC-V2", solution, composition=[{"role": "mss", "component": "Boîte@1"}]))
    found[0].supply(IDENTITY)
    found[1].submit(incomplete=True)
    return found


@pytest.fixture(scope="module")
def dossier(dossiers: list[Dossier]) -> Dossier:
    return dossiers[0]


def test_a_list_is_in_the_order_of_drafting(people: People, dossiers: list[Dossier]) -> None:
    found = people.editor.get("/candidatures")
    assert [one["id"] for one in found["items"]] == [one.id for one in dossiers]
    assert found["next"] is None


def test_a_list_says_of_each_dossier_what_reading_it_says(people: People, dossiers: list[Dossier]) -> None:
    assert people.editor.get("/candidatures")["items"] == [one.read() for one in dossiers]


def test_a_list_can_be_of_one_state(people: People, dossiers: list[Dossier]) -> None:
    found = people.editor.get("/candidatures?state=submitted")
    assert [one["id"] for one in found["items"]] == [dossiers[1].id]


def test_a_state_that_no_dossier_can_have_is_pointed_at(people: People) -> None:
    problem = people.editor.refused(422, "GET", "/candidatures?state=lost")
    assert [error["pointer"] for error in problem["errors"]] == ["/query/state"]
    assert "deliberation" in problem["errors"][0]["detail"]


def test_pages_follow_each_other_and_keep_the_filter(people: People, dossiers: list[Dossier]) -> None:
    response = people.editor.send("GET", "/candidatures?state=draft&limit=1")
    first: Any = response.json
    assert [one["id"] for one in first["items"]] == [dossiers[0].id]
    (link,) = response.headers.getlist("Link")
    following = link.partition("<")[2].partition(">")[0].removeprefix("/api/v1")
    assert 'rel="next"' in link
    last = people.editor.get(following)
    assert [one["id"] for one in last["items"]] == [dossiers[2].id]
    assert last["next"] is None


@pytest.mark.parametrize("cursor", ["garbage", "WyJ4Il0"])
def test_a_cursor_that_was_not_given_here_is_refused(people: People, cursor: str) -> None:
    assert "curseur" in people.editor.refused(400, "GET", f"/candidatures?cursor={cursor}")["detail"]


def test_an_organisation_sees_its_own_dossiers_only(people: People, dossiers: list[Dossier]) -> None:
    rival = people(Role.EDITOR, organisation="Logiciels Mistral")
    assert rival.get("/candidatures")["items"] == []


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.LEAD, Role.EXPERT, Role.AUDITOR])
def test_the_agency_sees_what_was_submitted_and_an_expert_what_they_are_asked_about(
    people: People, dossiers: list[Dossier], role: Role
) -> None:
    draft, submitted, _ = dossiers
    reader = people(role)
    found = reader.get("/candidatures")["items"]
    assert [one["id"] for one in found] == ([] if role is Role.EXPERT else [submitted.id])
    nothing = reader.refused(404, "GET", f"/candidatures/{UUID(int=7)}")
    assert reader.refused(404, "GET", draft.path) == nothing


def test_a_draft_that_is_withdrawn_without_having_been_filed_stays_its_editor_s(
    people: People, dossiers: list[Dossier]
) -> None:
    draft, submitted, _ = dossiers
    for dossier in (draft, submitted):
        dossier.withdraw()
        assert people.editor.get(dossier.path)["state"] == "withdrawn"
    for role in (Role.VERIFIER, Role.LEAD, Role.AUDITOR):
        reader = people(role)
        assert [one["id"] for one in reader.get("/candidatures")["items"]] == [submitted.id]
        reader.refused(404, "GET", f"{draft.path}/items")


@pytest.mark.parametrize("below", ["", "/items", "/timeline", "/equivalence", f"/items/{escaped(IDENTITY)}"])
def test_another_organisation_s_dossier_is_not_found_as_if_there_were_none(
    people: People, dossiers: list[Dossier], below: str
) -> None:
    rival = people(Role.EDITOR, organisation="Logiciels Mistral")
    theirs = rival.refused(404, "GET", f"{dossiers[0].path}{below}")
    assert theirs == rival.refused(404, "GET", f"/candidatures/{UUID(int=7)}{below}")


def test_an_item_says_what_is_asked(dossier: Dossier) -> None:
    item = dossier.item(CNDA)
    said = {
        "code": CNDA,
        "requirement": "DMP/CNDA.01",
        "chapter": "DMP",
        "profile": "Général",
        "requirement_text": "Le logiciel DOIT retrouver un patient à partir de son nom.",
        "scenario": "Chercher un patient par son nom.",
        "text": "Homologation CNDA en cours de validité.",
        "guichet": "CNDA",
        "kind": "certificate",
        "roles": ["dmp"],
        "state": "required",
        "track": "async",
        "reason": None,
        "proof": None,
        "reuse": None,
    }
    assert {key: item[key] for key in said} == said


@pytest.mark.parametrize("code", GENERAL)
def test_an_item_is_found_by_its_id_and_by_its_code(people: People, dossier: Dossier, code: str) -> None:
    item = dossier.item(code)
    assert item["code"] == code
    assert people.editor.get(f"{dossier.path}/items/{item['id']}") == item


def test_a_code_that_the_dossier_does_not_ask_for_is_not_found(
    people: People, dossiers: list[Dossier]
) -> None:
    problem = people.editor.refused(404, "GET", dossiers[1].item_path(CNDA))
    assert "preuve attendue" in problem["detail"]


def test_an_item_of_another_dossier_is_not_found(people: People, dossiers: list[Dossier]) -> None:
    theirs = people.editor.get(f"{dossiers[1].path}/items")["items"][0]
    people.editor.refused(404, "GET", f"{dossiers[0].path}/items/{theirs['id']}")


def test_items_come_in_pages_in_the_order_of_the_dsr(people: People, dossier: Dossier) -> None:
    first = people.editor.get(f"{dossier.path}/items?limit=4")
    second = people.editor.get(f"{dossier.path}/items?limit=4&cursor={first['next']}")
    assert [len(first["items"]), len(second["items"]), second["next"]] == [4, 2, None]
    assert [item["code"] for item in first["items"] + second["items"]] == GENERAL


def test_items_can_be_of_one_state(people: People, dossier: Dossier) -> None:
    found = people.editor.get(f"{dossier.path}/items?state=supplied")["items"]
    assert [item["code"] for item in found] == [IDENTITY]
    assert people.editor.get(dossier.path)["progress"]["supplied"] == 1


def test_the_catalogue_s_people_have_no_business_with_dossiers(people: People) -> None:
    people(Role.CATALOGUE).refused(403, "GET", "/candidatures")

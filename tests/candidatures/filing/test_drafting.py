"""A draft: one item per expected proof that applies, resolved against what is known, and what refuses it."""

from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import CNDA, GENERAL, IDENTITY, MESSAGING, ORGANISATION, TRAITS, People

COMPONENTS = [{"role": "dmp", "component": "DMP-Box@2.1"}, {"role": "mss", "component": "MSSanté+@3"}]

SOCLES = """dispositif,vague,exigence,socle,texte,evolution_socle,impact_scenario
LGC,2,PSC.01,SC.PSC,identique,Nouvelle exigence,
"""


@pytest.fixture
def solution(people: People) -> str:
    return people.solution()


def test_a_draft_asks_for_what_applies_to_everybody(people: People) -> None:
    dossier = people.draft()
    assert list(dossier.states()) == GENERAL


def test_a_profile_adds_what_it_asks_for_in_the_order_of_the_dsr(people: People) -> None:
    dossier = people.draft(profiles=[MESSAGING])
    assert list(dossier.states()) == [*GENERAL[:3], ORGANISATION, *GENERAL[3:]]


def test_naming_the_profile_of_everybody_changes_nothing(people: People, solution: str) -> None:
    dossier = people.draft(solution=solution, profiles=["Général"])
    assert list(dossier.states()) == GENERAL
    assert dossier.read()["profiles"] == []


def test_a_draft_says_where_it_stands(people: People) -> None:
    solution = people.solution(software=people.software("NIL-4242"))
    asked = {
        "dsr": "LGC-V2",
        "solution": solution,
        "software_version": "4.2",
        "composition": COMPONENTS,
        "profiles": [MESSAGING],
    }
    response = people.editor.send("POST", "/candidatures", json=asked)
    found: Any = response.json
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/candidatures/{found['id']}"
    assert people.editor.get(f"/candidatures/{found['id']}") == found
    said = {
        "state": "draft",
        "dsr": "LGC-V2",
        "dsr_version": published(people),
        "organisation": "Éditions Alizé",
        "solution": solution,
        "commercial_name": "Alpha",
        "nil": "NIL-4242",
        "software_version": "4.2",
        "composition": COMPONENTS,
        "profiles": [MESSAGING],
        "mode": "async",
        "deposited_on": None,
        "holder": "editor",
        "working_days_used": 0,
        "due_on": None,
        "progress": {
            "required": 7,
            "supplied": 0,
            "under_review": 0,
            "conform": 0,
            "nonconform": 0,
            "complement": 0,
            "not_applicable": 0,
            "covered": 0,
            "to_confirm": 0,
            "awaiting": 0,
        },
    }
    assert {key: found[key] for key in said} == said


def test_a_draft_gains_at_once_what_was_verified_on_the_software(people: People, solution: str) -> None:
    people.referenced("LGC-V1", solution)
    states = people.draft("LGC-V2", solution).states()
    gained = {code: state for code, state in states.items() if state != "required"}
    assert gained == {IDENTITY: "covered", TRAITS: "covered", CNDA: "to_confirm"}


def test_another_software_gains_nothing(people: People, solution: str) -> None:
    people.referenced("LGC-V1", solution)
    assert set(people.draft("LGC-V2", people.solution()).states().values()) == {"required"}


def test_in_duo_mode_what_can_be_shown_live_has_the_live_track(people: People) -> None:
    dossier = people.draft(mode="duo")
    tracks = {item["code"]: item["track"] for item in people.editor.every(f"{dossier.path}/items")}
    shown = {code for code, track in tracks.items() if track == "duo"}
    assert shown == {code for code in GENERAL if "INS" in code or "PSC" in code}


def test_the_version_published_that_day_is_kept(people: People, solution: str) -> None:
    before = people.draft(solution=solution)
    version = published(people)
    manager = people(Role.CATALOGUE)
    table = ("socles.csv", SOCLES.encode())
    manager.upload("/dsrs/LGC-V2/socles", table, method="PUT", status=200)
    manager.post("/dsrs/LGC-V2/publication", status=200)
    assert before.read()["dsr_version"] == version
    later = people.draft(solution=solution, composition=COMPONENTS)
    assert later.read()["dsr_version"] == version + 1


def published(people: People) -> int:
    """The number of the version of LGC-V2 that applies."""
    versions = people.editor.get("/dsrs/LGC-V2")["versions"]
    return max(int(version["number"]) for version in versions if version["published_at"])


def test_an_unknown_profile_is_pointed_at_with_those_that_exist(people: People, solution: str) -> None:
    asked = {
        "dsr": "LGC-V2",
        "solution": solution,
        "software_version": "1",
        "profiles": [MESSAGING, "Hôpital"],
    }
    problem = people.editor.refused(422, "POST", "/candidatures", json=asked)
    assert [error["pointer"] for error in problem["errors"]] == ["/profiles/1"]
    assert "Hôpital" in problem["errors"][0]["detail"]
    assert f"Général, {MESSAGING}" in problem["detail"]


def test_a_dsr_that_nobody_published_is_not_found_as_if_there_were_none(
    people: People, solution: str
) -> None:
    details = []
    for dsr in ("DPI-V2", "RIS-V9"):
        asked = {"dsr": dsr, "solution": solution, "software_version": "1"}
        details.append(people.editor.refused(404, "POST", "/candidatures", json=asked)["detail"])
        assert dsr in details[-1]
    assert details[0].replace("DPI-V2", "RIS-V9") == details[1]


def test_another_organisation_s_solution_is_not_found_as_if_there_were_none(
    people: People, solution: str
) -> None:
    rival = people(Role.EDITOR, organisation="Logiciels Mistral")
    asked = {"dsr": "LGC-V2", "software_version": "1"}
    theirs = rival.refused(404, "POST", "/candidatures", json={**asked, "solution": solution})
    none = rival.refused(404, "POST", "/candidatures", json={**asked, "solution": str(UUID(int=7))})
    assert theirs == none


@pytest.mark.parametrize(
    ("composition", "pointer"),
    [
        ([{"role": "mss", "component": "MSSanté+"}], "/composition/0/component"),
        ([{"role": "Messagerie sécurisée", "component": "MSSanté+@3"}], "/composition/0/role"),
        ([*COMPONENTS, {"role": "mss", "component": "Autre@1"}], "/composition/2/role"),
        ([{"role": "mss"}], "/composition/0/component"),
        ({"mss": "MSSanté+@3"}, "/composition"),
    ],
    ids=["no version", "not a role", "a role twice", "no component", "not a list"],
)
def test_a_composition_that_is_not_right_is_pointed_at(
    people: People, solution: str, composition: object, pointer: str
) -> None:
    asked = {"dsr": "LGC-V2", "solution": solution, "software_version": "1", "composition": composition}
    problem = people.editor.refused(422, "POST", "/candidatures", json=asked)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_draft_that_is_sent_twice_is_made_once(people: People, solution: str) -> None:
    asked = {"dsr": "LGC-V2", "solution": solution, "software_version": "1"}
    once, twice = (
        people.editor.post("/candidatures", asked, headers={"Idempotency-Key": "dossier 1"}) for _ in range(2)
    )
    assert once == twice
    of_solution = [one for one in people.editor.every("/candidatures") if one["solution"] == solution]
    assert of_solution == [once]

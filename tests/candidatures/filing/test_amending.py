"""A draft is something to work on: changed until it is submitted, deleted, and never twice the same."""

from collections.abc import Callable
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import (
    CNDA,
    GENERAL,
    IDENTITY,
    MESSAGING,
    OLD_IDENTITY,
    ORGANISATION,
    RULEBOOK,
    Dossier,
    People,
)

DMP = [{"role": "dmp", "component": "DMP-Box@2.1"}]


def amend(dossier: Dossier, **changes: Any) -> Any:
    """On the version that is read now."""
    editor = dossier.people.editor
    tag = editor.send("GET", dossier.path).headers["ETag"]
    answer = editor.send("PATCH", dossier.path, {"If-Match": tag}, json=changes)
    return editor.expect(200, answer)


def refused(dossier: Dossier, status: int, **changes: Any) -> Any:
    tag = dossier.people.editor.send("GET", dossier.path).headers["ETag"]
    options = {"headers": {"If-Match": tag}, "json": changes}
    return dossier.people.editor.refused(status, "PATCH", dossier.path, **options)


@pytest.mark.parametrize(
    "change",
    [
        {"software_version": "2.0"},
        {"composition": DMP},
        {"profiles": [MESSAGING]},
        {"mode": "duo"},
        {"external_reference": "DOSSIER-12"},
        {"external_reference": None},
        {},
    ],
    ids=str,
)
def test_what_a_draft_says_is_changed_and_the_rest_stays(people: People, change: dict[str, Any]) -> None:
    dossier = people.draft(external_reference="DOSSIER-11")
    before = dossier.read()
    amended = amend(dossier, **change)
    expected = {**before, **change, "revision": before["revision"] + 1}
    compared = expected.keys() - {"progress", "missing_counts", "remarks"}
    assert {key: amended[key] for key in compared} == {key: expected[key] for key in compared}
    assert {key: value for key, value in amended.items() if key != "changes"} == dossier.read()
    event = dossier.timeline()[-1]
    assert event["action"] == "candidature.amended"
    assert event["detail"] == {
        key: [before[key], amended[key]] for key in change if before[key] != amended[key]
    }


def test_a_profile_that_is_added_and_taken_away_brings_and_takes_its_items(people: People) -> None:
    dossier = people.draft()
    assert amend(dossier, profiles=[MESSAGING])["changes"] == [
        {"code": ORGANISATION, "before": None, "after": "required"}
    ]
    assert list(dossier.states()) == [*GENERAL[:3], ORGANISATION, *GENERAL[3:]]
    assert amend(dossier, profiles=[])["changes"] == [
        {"code": ORGANISATION, "before": "required", "after": None}
    ]
    assert list(dossier.states()) == GENERAL


def test_a_profile_stays_while_something_was_supplied_for_it_alone(people: People) -> None:
    dossier = people.draft(profiles=[MESSAGING])
    dossier.supply(ORGANISATION)
    before = dossier.read(), dossier.states()
    assert ORGANISATION in refused(dossier, 409, profiles=[])["detail"]
    assert (dossier.read(), dossier.states()) == before


def test_a_profile_stays_while_somebody_writes_about_it(people: People) -> None:
    dossier = people.draft(profiles=[MESSAGING])
    path = f"{dossier.path}/messages"
    people.editor.post(path, {"text": "Faut-il aussi…", "item": dossier.item(ORGANISATION)["id"]})
    assert "Un message" in refused(dossier, 409, profiles=[])["detail"]
    assert ORGANISATION in dossier.states()


def test_what_was_supplied_stays_when_the_draft_changes(people: People) -> None:
    dossier = people.draft()
    dossier.supply(IDENTITY)
    amend(dossier, software_version="2.0", profiles=[MESSAGING], mode="duo")
    assert dossier.item(IDENTITY)["state"] == "supplied"
    assert [dossier.item(IDENTITY)["track"], dossier.item(CNDA)["track"]] == ["duo", "async"]
    amend(dossier, mode="async")
    assert dossier.item(IDENTITY)["track"] == "async"


def test_reuse_is_resolved_again_and_what_it_changes_is_told(people: People) -> None:
    strict = {
        "label": "Même composition",
        "correspondences": RULEBOOK["correspondences"],
        "policies": [
            {"when": {"case": "component"}, "then": {"reuse": "never"}},
            {"when": {}, "then": {"reuse": "auto"}},
        ],
    }
    book = people.lead.post("/rulebooks", strict)
    people.lead.post(f"/rulebooks/{book['id']}/publication", {"accept_warnings": True}, 200)
    people.jobs()
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution)
    assert dossier.item(IDENTITY)["state"] == "covered"
    other = [{"role": "psc", "component": "Autre@1"}, {"role": "ins", "component": "Autre@1"}]
    before = dossier.states()
    changes = amend(dossier, composition=other)["changes"]
    assert {"code": IDENTITY, "before": "covered", "after": "required"} in changes
    assert before | {one["code"]: one["after"] for one in changes} == dossier.states()
    amend(dossier, composition=[])
    assert dossier.item(IDENTITY)["state"] == "covered"


def test_a_draft_that_changed_meanwhile_is_not_overwritten(people: People) -> None:
    dossier = people.draft()
    editor = people.editor
    tag = editor.send("GET", dossier.path).headers["ETag"]
    amend(dossier, software_version="2.0")
    stale: dict[str, Any] = {"headers": {"If-Match": tag}, "json": {"software_version": "3.0"}}
    editor.refused(412, "PATCH", dossier.path, **stale)
    editor.refused(428, "PATCH", dossier.path, json={"software_version": "3.0"})
    editor.refused(412, "DELETE", dossier.path, headers={"If-Match": tag})
    assert dossier.read()["software_version"] == "2.0"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"profiles": ["Inconnu"]}, "/profiles/0"),
        ({"composition": [{"role": "dmp", "component": "sans version"}]}, "/composition/0/component"),
        ({"solution": "autre"}, "/solution"),
        ({"software_version": " "}, "/software_version"),
    ],
)
def test_what_is_not_right_is_pointed_at_and_nothing_changes(
    people: People, change: dict[str, Any], pointer: str
) -> None:
    dossier = people.draft()
    before = dossier.read()
    assert [error["pointer"] for error in refused(dossier, 422, **change)["errors"]] == [pointer]
    assert dossier.read() == before


@pytest.mark.parametrize("bring", [People.submitted, People.in_review, People.referenced])
def test_only_a_draft_is_changed_or_deleted(people: People, bring: Callable[[People], Dossier]) -> None:
    dossier = bring(people)
    assert "« modifier »" in refused(dossier, 409, software_version="2.0")["detail"]
    assert "« effacer »" in people.editor.refused(409, "DELETE", dossier.path)["detail"]
    assert dossier.read()["software_version"] == "1.0"


def test_a_draft_given_up_is_found_no_more(people: People) -> None:
    dossier = people.draft()
    dossier.supply(IDENTITY)
    answer = people.editor.send("DELETE", dossier.path)
    assert (answer.status_code, answer.data) == (204, b"")
    for below in ("", "/items", "/timeline", "/equivalence", f"/items/{dossier.id}"):
        people.editor.refused(404, "GET", f"{dossier.path}{below}")
        people.lead.refused(404, "GET", f"{dossier.path}{below}")
    for below in ("/submission", "/withdrawal", "/taking-back"):
        people.editor.refused(404, "POST", f"{dossier.path}{below}")
    people.editor.refused(404, "DELETE", dossier.path)
    assert dossier.id not in [one["id"] for one in people.editor.every("/candidatures")]


def test_nothing_of_a_draft_given_up_is_read_by_its_id(people: People) -> None:
    dossier = people.draft()
    proof = dossier.supply(IDENTITY)
    message = people.editor.post(f"{dossier.path}/messages", {"text": "Est-ce le bon profil ?"})
    file = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    paths = (f"/proofs/{proof['id']}", file, f"/messages/{message['id']}")
    assert {people.editor.send("GET", path).status_code for path in paths} == {200}
    people.editor.send("DELETE", dossier.path)
    for reader in (people.editor, people.lead):
        assert {reader.send("GET", path).status_code for path in paths} == {404}
    assert message["id"] not in [one["id"] for one in people.lead.every("/messages/unread")]
    again = people.draft().supply(IDENTITY)
    assert proof["id"] not in [one["proof"] for one in again["also_in"]]


def test_a_dossier_that_a_lead_has_judged_is_not_deleted(people: People) -> None:
    dossier = people.submitted()
    dossier.judge("incomplete")
    dossier.submit()
    dossier.take_back()
    assert "mais peut être retirée" in people.editor.refused(409, "DELETE", dossier.path)["detail"]
    assert dossier.state == "draft"


def test_another_organisation_neither_changes_nor_deletes_it(people: People) -> None:
    dossier = people.draft()
    rival = people(Role.EDITOR, organisation="Logiciels Mistral")
    rival.refused(404, "DELETE", dossier.path)
    rival.refused(404, "PATCH", dossier.path, headers={"If-Match": '"1"'}, json={"mode": "duo"})


def test_a_second_draft_is_refused_with_the_address_of_the_first(people: People) -> None:
    solution = people.solution()
    first = people.draft(solution=solution)
    twin = {"dsr": "LGC-V2", "solution": solution, "software_version": "1.1"}
    problem = people.editor.refused(409, "POST", "/candidatures", json=twin)
    assert f"/api/v1/candidatures/{first.id}" in problem["detail"]
    other = people.draft(solution=solution, composition=DMP)
    assert f"/api/v1/candidatures/{first.id}" in refused(other, 409, composition=[])["detail"]
    people.draft("LGC-V1", solution)
    people.editor.send("DELETE", first.path)
    problem = people.editor.refused(409, "POST", "/candidatures", json=twin)  # no composition is said
    assert f"/api/v1/candidatures/{other.id}" in problem["detail"]
    people.draft(solution=solution, composition=[])


def test_once_the_first_is_submitted_there_may_be_another_draft(people: People) -> None:
    solution = people.solution()
    people.submitted(solution=solution)
    people.draft(solution=solution)


def test_two_drafts_do_not_feed_each_other(people: People) -> None:
    solution = people.solution()
    one, other = people.draft(solution=solution), people.draft(solution=solution, composition=DMP)
    old = people.draft("LGC-V1", solution)
    for dossier in (one, old):
        dossier.supply_all()
    amend(other, software_version="1.1")
    assert set(other.states().values()) == {"required"}
    assert old.item(OLD_IDENTITY)["state"] == "supplied"


def test_a_slip_in_a_role_is_remarked_upon_with_the_nearest_one(people: People) -> None:
    dossier = people.draft(composition=[{"role": "dpm", "component": "DMP-Box@2.1"}])
    (remark,) = dossier.read()["remarks"]
    assert "ne dépend du rôle « dpm » : vouliez-vous dire « dmp » ?" in remark
    points = people.editor.post(f"{dossier.path}/preflight", status=200)["points"]
    assert [point["detail"] for point in points if point["topic"] == "role"] == [remark]
    (unknown,) = amend(dossier, composition=[{"role": "visio", "component": "Boîte@1"}])["remarks"]
    assert unknown.endswith("vérifiez qu'il est voulu.")
    assert amend(dossier, composition=DMP)["remarks"] == []

"""Softwares, solutions and certificates over HTTP: shapes, rights, and what is pointed at."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from referencing.base.permissions import Role
from tests.builders import somebody, unheard
from tests.clients import Client

#: Which no software of another test has.
NIL = f"NIL-{unheard()}"
CERTIFICATE = {
    "kind": "DMP",
    "holder": NIL,
    "number": "2026-1",
    "valid_from": "2026-01-01",
    "valid_until": "2027-01-01",
}


@pytest.fixture
def organisation() -> str:
    return unheard()


@pytest.fixture
def editor(shared_app: Flask, organisation: str) -> Client:
    return somebody(shared_app, Role.EDITOR, organisation)


@pytest.fixture
def lead(shared_app: Flask) -> Client:
    return somebody(shared_app, Role.LEAD)


@pytest.fixture
def software(editor: Client, lead: Client) -> Iterator[str]:
    """A software whose NIL no other one has while the test runs."""
    registered = str(editor.post("/softwares", {"name": "Alizé Cabinet", "nil": NIL})["id"])
    yield registered
    lead.post(f"/softwares/{registered}/nil-refusal", {"reason": "Ce fut un essai."}, status=200)


def test_a_software_is_listed_with_its_commercial_names(editor: Client, software: str) -> None:
    solution = editor.post("/solutions", {"software": software, "commercial_name": "Alpha"})
    assert editor.get("/softwares")["items"] == [
        {
            "id": software,
            "name": "Alizé Cabinet",
            "nil": NIL,
            "nil_standing": "unconfirmed",
            "nil_refusal": None,
            "fills": [],
            "solutions": [{"id": solution["id"], "software": software, "commercial_name": "Alpha"}],
        }
    ]


def test_solutions_are_listed_page_by_page_each_with_its_software(editor: Client, software: str) -> None:
    for name in ("Alpha", "Bêta", "Gamma"):
        editor.post("/solutions", {"software": software, "commercial_name": name})
    first = editor.get("/solutions?limit=2")
    rest = editor.get(f"/solutions?cursor={first['next']}")
    assert [one["commercial_name"] for one in (*first["items"], *rest["items"])] == ["Alpha", "Bêta", "Gamma"]
    assert rest["next"] is None
    (gamma,) = rest["items"]
    assert gamma == {
        "id": gamma["id"],
        "software": software,
        "commercial_name": "Gamma",
        "software_name": "Alizé Cabinet",
        "nil": NIL,
    }


def test_a_certificate_is_answered_as_it_was_kept(lead: Client, software: str) -> None:
    entered = lead.post(f"/softwares/{software}/certificates", CERTIFICATE)
    assert entered.pop("id")
    (remark,) = entered.pop("remarks")
    assert f"« {CERTIFICATE['kind']} »" in remark, "no rules are in force"
    unchecked: dict[str, Any] = {
        "standing": "no_list",
        "confirmed": True,
        "holder_shown": True,
        "differs": [],
        "issuer": None,
        "list": None,
        "as_of": None,
    }
    assert entered == {
        **CERTIFICATE,
        "software": software,
        "held_by": "software",
        "embedded": False,
        "revoked_on": None,
        "replaced_by": None,
        "check": unchecked,
        "files": [],
        "actions": ["add_files", "correct", "embed", "withdraw"],
    }


def test_what_is_sent_twice_is_a_conflict(editor: Client, lead: Client, software: str) -> None:
    editor.refused(409, "POST", "/softwares", json={"name": "Autre", "nil": NIL})
    lead.post(f"/softwares/{software}/certificates", CERTIFICATE)
    lead.refused(409, "POST", f"/softwares/{software}/certificates", json=CERTIFICATE)


def test_another_organisation_finds_nothing(shared_app: Flask, software: str) -> None:
    name = {"software": software, "commercial_name": "Gamma"}
    other = unheard()
    stranger = somebody(shared_app, Role.EDITOR, other)
    stranger.refused(404, "POST", "/solutions", json=name)
    counter = somebody(shared_app, Role.INTEGRATION, other)
    counter.refused(404, "POST", f"/softwares/{software}/certificates", json=CERTIFICATE)
    assert stranger.get("/softwares")["items"] == stranger.get("/solutions")["items"] == []
    for path in ("/softwares", "/solutions"):
        counter.refused(403, "GET", path)


def test_fields_that_are_not_right_are_pointed_at(editor: Client, lead: Client, software: str) -> None:
    sent = [
        (editor, "/softwares", {"name": " ", "nil": "N" * 51}, ["/name", "/nil"]),
        (editor, "/softwares", {"name": "A", "nil": "N\u0000"}, ["/nil"]),
        (editor, "/solutions", {"software": "x", "commercial_name": ""}, ["/commercial_name", "/software"]),
        (lead, f"/softwares/{software}/certificates", {**CERTIFICATE, "x": 1}, ["/x"]),
        (
            lead,
            f"/softwares/{software}/certificates",
            {**CERTIFICATE, "valid_from": "01/01/2026"},
            ["/valid_from"],
        ),
        (
            lead,
            f"/softwares/{software}/certificates",
            {**CERTIFICATE, "valid_until": "2026-01-01"},
            ["/valid_until"],
        ),
    ]
    for who, path, body, pointers in sent:
        problem = who.refused(422, "POST", path, json=body)
        assert sorted(error["pointer"] for error in problem["errors"]) == pointers, body


def test_a_conflict_of_interest_closes_a_software_and_its_certificates(
    shared_app: Flask, editor: Client, lead: Client, software: str, organisation: str
) -> None:
    solution = editor.post("/solutions", {"software": software, "commercial_name": "Alpha"})["id"]
    entered = lead.post(f"/softwares/{software}/certificates", CERTIFICATE)
    verifier = somebody(shared_app, Role.VERIFIER)
    paths = [f"/certificates/{entered['id']}", f"/softwares/{software}/edc-psc-declarations"]
    assert {verifier.send("GET", path).status_code for path in paths} == {200}
    assert verifier.get(f"/certificates?software={software}")["items"]
    assert solution in {one["id"] for one in verifier.every("/solutions")}
    verifier.post("/conflicts", {"organisation": organisation})
    assert {verifier.send("GET", path).status_code for path in paths} == {403}
    assert verifier.get(f"/certificates?software={software}")["items"] == []
    assert software not in {one["id"] for one in verifier.every("/softwares")}
    assert solution not in {one["id"] for one in verifier.every("/solutions")}


def test_an_expert_who_is_asked_nothing_finds_no_software(
    shared_app: Flask, editor: Client, software: str
) -> None:
    editor.post("/solutions", {"software": software, "commercial_name": "Alpha"})
    expert = somebody(shared_app, Role.EXPERT)
    expert.refused(404, "GET", f"/softwares/{software}/edc-psc-declarations")
    assert expert.get("/softwares")["items"] == expert.get("/solutions")["items"] == []

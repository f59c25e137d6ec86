"""An issuer takes a certificate back: who may say so, and what becomes of what leaned on it."""

from collections.abc import Iterator
from typing import Any

import pytest

from referencing.base.permissions import Role
from referencing.revocations import consequences
from tests.candidatures.dossiers import CNDA, Dossier, People
from tests.candidatures.running import Running
from tests.clients import Client
from tests.revocations.worlds import revoked

REASON = {"reason": "Retiré par la CNDA."}


@pytest.fixture
def people(running: Running) -> Iterator[People]:
    with running.after() as (people, _):
        yield people


@pytest.fixture
def dossier(people: People) -> Dossier:
    return people.draft(solution=people.solution(software=people.software("NIL-A")))


@pytest.fixture
def counter(dossier: Dossier) -> Client:
    client = dossier.people.counter()
    dossier.allow(client)
    dossier.confirm_nil()
    return client


def certify(dossier: Dossier, client: Client, **changes: Any) -> str:
    """The address of a certificate that covers."""
    words = {"kind": "CNDA-DMP", "holder": "NIL-A", "number": "1", "valid_from": "2026-01-01", **changes}
    entered = client.post(f"/softwares/{dossier.read()['software']}/certificates", words)
    dossier.people.jobs()
    assert dossier.item(CNDA)["state"] == "covered"
    return f"/certificates/{entered['id']}/withdrawal"


def test_who_entered_it_withdraws_it_and_what_leaned_on_it_is_asked_again(
    dossier: Dossier, counter: Client
) -> None:
    path = certify(dossier, counter)
    asked = counter.post(f"{path}?dry_run=true", REASON, status=200)
    assert dossier.item(CNDA)["state"] == "covered"
    problem = counter.refused(409, "POST", path, json=REASON)
    assert (problem["digest"], problem["losing"]) == (asked["digest"], 1)
    done = counter.post(path, {**REASON, "digest": asked["digest"]}, status=200)
    assert done == {**asked, "dry_run": False}
    (effect,) = done["effects"]
    assert [effect[key] for key in ("candidature", "code", "fate", "state")] == [
        dossier.id,
        CNDA,
        "reopened",
        "required",
    ]
    assert dossier.item(CNDA)["state"] == "required"
    counter.refused(409, "POST", path, json=REASON)


def test_another_dossier_is_not_told_to_an_integration_and_is_to_a_lead(
    dossier: Dossier, counter: Client
) -> None:
    path = certify(dossier, counter)
    box = [{"role": "mss", "component": "Boîte@1"}]
    other = dossier.people.draft(solution=dossier.read()["solution"], composition=box)
    other.submit(incomplete=True)
    asked = {
        role: client.post(f"{path}?dry_run=true", REASON, status=200)
        for role, client in (("integration", counter), ("lead", dossier.people.lead))
    }
    told = {role: {one["candidature"] for one in impact["effects"]} for role, impact in asked.items()}
    assert told == {"integration": {dossier.id}, "lead": {other.id}}
    assert {role: impact["dossiers"] for role, impact in asked.items()} == {"integration": 1, "lead": 2}


def test_what_becomes_of_its_own_does_not_tell_how_many_others_lean(
    dossier: Dossier, counter: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certify(dossier, counter)
    box = [{"role": "mss", "component": "Boîte@1"}]
    other = dossier.people.draft(solution=dossier.read()["solution"], composition=box)
    assert other.item(CNDA)["state"] == "covered"
    monkeypatch.setattr(consequences, "AT_ONCE", 1)
    asked = counter.post(f"{path}?dry_run=true", REASON, status=200)
    problem = counter.refused(409, "POST", path, json=REASON)
    assert (problem["digest"], problem["dossiers"], problem["losing"]) == (asked["digest"], 1, 1)
    done = counter.post(path, {**REASON, "digest": asked["digest"]}, status=200)
    assert done == {**asked, "dry_run": False}
    assert [effect["fate"] for effect in done["effects"]] == ["reopened"]
    assert [one.item(CNDA)["state"] for one in (dossier, other)] == ["required", "covered"]
    dossier.people.jobs()
    assert other.item(CNDA)["state"] == "required"


def test_what_was_withdrawn_is_entered_again_by_the_agency_alone(dossier: Dossier, counter: Client) -> None:
    revoked(counter, certify(dossier, counter), REASON)
    words = {"kind": "CNDA-DMP", "holder": "NIL-A", "number": "1", "valid_from": "2026-01-01"}
    place = f"/softwares/{dossier.read()['software']}/certificates"
    problem = counter.refused(409, "POST", place, json=words)
    assert "retiré le 02/03/2026" in problem["detail"]
    certify(dossier, dossier.people.lead)


def test_a_referenced_solution_is_flagged(people: People, counter: Client, dossier: Dossier) -> None:
    path = certify(dossier, counter)
    dossier.supply_all()
    dossier.submit()
    dossier.judge()
    for code in dossier.codes("under_review"):
        dossier.find(code)
    dossier.decide("referenced")
    (effect,) = revoked(people.lead, path, REASON)["effects"]
    assert [effect["fate"], effect["state"]] == ["flagged", "covered"]
    (flag,) = people.lead.get("/flags")["items"]
    assert flag["code"] == CNDA


def test_nobody_else_withdraws_it(people: People, dossier: Dossier, counter: Client) -> None:
    path = certify(dossier, counter)
    colleague = people(Role.INTEGRATION, "Autre", "CNDA")
    dossier.allow(colleague)
    colleague.refused(404, "POST", path, json=REASON)
    people.editor.refused(403, "POST", path, json=REASON)
    people.verifier.refused(403, "POST", path, json=REASON)

"""An integration is allowed on a candidature by its editor, and on no other; what is revoked is so at once."""

from typing import Any
from uuid import uuid4

import pytest

from referencing.accounts.operations import disable_account
from referencing.base import db
from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, MAIL, Dossier, People
from tests.clients import Client, form
from tests.integrations.conftest import BENCH, Machines

REPORT = ("rapport.txt", b"le rapport")


def account(client: Client) -> str:
    return str(client.get("/me")["id"])


def revoke(dossier: Dossier, permission: Any, editor: Client | None = None) -> int:
    path = f"{dossier.path}/permissions/{permission['id']}"
    return (editor or dossier.people.editor).send("DELETE", path).status_code


# --- how an editor names an integration ---------------------------------------------------------------------


def test_an_integration_reads_who_it_is_and_gives_its_id_to_the_editor(people: People, bench: Client) -> None:
    me = bench.get("/me")
    assert [me["role"], me["organisation"]] == ["integration", BENCH]
    assert people.draft().allow(bench)["account"] == me["id"]


def test_an_id_tells_the_name_of_an_integration_to_its_own_organisation_alone(
    people: People, machine: Machines
) -> None:
    dossier = people.draft()
    own, other = (dossier.allow(machine(organisation)) for organisation in (ALIZE, BENCH))
    assert own["organisation"] == ALIZE
    assert own["name"]
    assert [other["name"], other["organisation"]] == [None, None]
    assert list(people.editor.every(f"{dossier.path}/permissions")) == [own, other]
    assert BENCH not in str(dossier.timeline())
    dossier.submit(incomplete=True)
    assert BENCH in str([*people.lead.every(f"{dossier.path}/timeline")])


def test_what_was_allowed_is_not_answered_again_once_it_is_no_longer(people: People, bench: Client) -> None:
    dossier = people.draft()
    permission = dossier.allow(bench)
    path = f"/softwares/{dossier.read()['software']}/edc-psc-declarations"
    words = {"component": "Client PSC@1", "counter": "editor", "number": "E-1", "declared_on": "2026-02-01"}
    asked: dict[str, Any] = {"json": words, "headers": {"Idempotency-Key": "k"}}
    first, again = (bench.send("POST", path, **asked) for _ in range(2))
    assert (first.status_code, again.data) == (201, first.data)
    assert revoke(dossier, permission) == 204
    bench.refused(404, "POST", path, **asked)


def test_a_dossier_that_ended_gives_no_permission_and_no_reference(people: People, bench: Client) -> None:
    dossier = people.draft()
    permission = dossier.allow(bench)
    people.editor.post(f"{dossier.path}/withdrawal", status=200)
    words = {"account": account(bench)}
    people.editor.refused(409, "POST", f"{dossier.path}/permissions", json=words)
    people.editor.refused(409, "PUT", f"{dossier.path}/references", json={"references": []})
    assert revoke(dossier, permission) == 204


@pytest.mark.parametrize("role", Role)
def test_everybody_reads_who_they_are(people: People, role: Role) -> None:
    me = people(role).get("/me")
    owner = ALIZE if role in {Role.EDITOR, Role.INTEGRATION} else None
    assert [me["name"], me["role"], me["organisation"]] == ["Camille", role.value, owner]


def test_what_is_no_open_account_of_an_integration_is_refused_in_one_sentence(
    people: People, rival: Client, machine: Machines
) -> None:
    closed = machine()
    words = closed.get("/me")
    with db.transaction(people.parts.sessions) as session:
        disable_account(session, words["name"], Role.INTEGRATION, BENCH)
    others = [str(uuid4()), words["id"], account(rival), account(people.editor), account(people.verifier)]
    path = f"{people.draft().path}/permissions"
    told = [people.editor.refused(404, "POST", path, json={"account": one}) for one in others]
    assert all(one == told[0] for one in told)
    assert "/api/v1/me" in told[0]["detail"]


# --- allowing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("organisation", [ALIZE, BENCH])
def test_what_nobody_allowed_does_not_exist_for_a_machine_whatever_its_organisation(
    people: People, machine: Machines, organisation: str
) -> None:
    dossier, stranger = people.draft(), machine(organisation)
    proof = dossier.supply(MAIL)
    none = stranger.refused(404, "GET", f"/candidatures/{uuid4()}")
    assert "ce qu'un éditeur lui a ouvert" in none["detail"]
    for method, path in (
        ("GET", dossier.path),
        ("GET", f"{dossier.path}/items"),
        ("GET", dossier.item_path(MAIL)),
        ("GET", f"{dossier.path}/references"),
        ("POST", f"{dossier.item_path(MAIL)}/proofs"),
        ("POST", f"{dossier.path}/manifests"),
    ):
        assert stranger.refused(404, method, path) == none, path
    no_proof = stranger.refused(404, "GET", f"/proofs/{uuid4()}")
    file = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    for path in (f"/proofs/{proof['id']}", file):
        assert stranger.refused(404, "GET", path) == no_proof
    assert stranger.get("/candidatures")["items"] == []


def test_what_was_allowed_is_seen_and_supplied(dossier: Dossier, bench: Client) -> None:
    assert [one["id"] for one in bench.every("/candidatures")] == [dossier.id]
    assert bench.get(dossier.path)["id"] == dossier.id
    assert bench.upload(f"{dossier.item_path(MAIL)}/proofs", REPORT)["number"] == 1


def test_a_permission_is_for_one_candidature(people: People, dossier: Dossier, bench: Client) -> None:
    box = [{"role": "mss", "component": "Boîte@1"}]
    other = people.draft(solution=dossier.read()["solution"], composition=box)
    bench.refused(404, "GET", other.path)
    bench.refused(404, "POST", f"{other.item_path(MAIL)}/proofs", data=form(REPORT))


def test_a_permission_is_for_one_machine(dossier: Dossier, machine: Machines) -> None:
    machine().refused(404, "GET", dossier.path)


def test_the_same_permission_twice_is_one(people: People, bench: Client) -> None:
    dossier, words = people.draft(), {"account": account(bench)}
    answers = [people.editor.send("POST", f"{dossier.path}/permissions", json=words) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    assert answers[0].json == answers[1].json
    assert dossier.actions().count("integration.allowed") == 1


def test_an_editor_sees_the_permissions_that_stand(people: People, machine: Machines) -> None:
    dossier = people.draft()
    granted = [dossier.allow(machine()) for _ in range(3)]
    revoke(dossier, granted[1])
    assert list(people.editor.every(f"{dossier.path}/permissions?limit=1")) == [granted[0], granted[2]]


# --- revoking -----------------------------------------------------------------------------------------------


def test_the_next_request_after_a_revocation_finds_nothing(dossier: Dossier, bench: Client) -> None:
    slot = f"{dossier.item_path(MAIL)}/proofs"
    proof = bench.upload(slot, REPORT)
    assert revoke(dossier, dossier.allow(bench)) == 204
    none = bench.refused(404, "GET", f"/candidatures/{uuid4()}")
    for path in (dossier.path, f"{dossier.path}/items", dossier.item_path(MAIL)):
        assert bench.refused(404, "GET", path) == none
    assert bench.refused(404, "POST", slot, data=form(REPORT)) == none
    bench.refused(404, "GET", f"/proofs/{proof['id']}")
    bench.refused(404, "GET", f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}")
    assert bench.get("/candidatures")["items"] == []


def test_not_even_what_was_answered_before_is_answered_again(dossier: Dossier, bench: Client) -> None:
    options: dict[str, Any] = {"headers": {"Idempotency-Key": "k"}}
    slot = f"{dossier.item_path(MAIL)}/proofs"
    bench.upload(slot, REPORT, **options)
    revoke(dossier, dossier.allow(bench))
    bench.refused(404, "POST", slot, data=form(REPORT), **options)


def test_what_it_had_supplied_stays_the_editors(dossier: Dossier, bench: Client) -> None:
    proof = bench.upload(f"{dossier.item_path(MAIL)}/proofs", REPORT)
    revoke(dossier, dossier.allow(bench))
    assert dossier.item(MAIL)["proof"]["id"] == proof["id"]


def test_revoking_twice_is_fine_and_told_once(dossier: Dossier, bench: Client) -> None:
    permission = dossier.allow(bench)
    assert [revoke(dossier, permission) for _ in range(2)] == [204, 204]
    assert dossier.actions().count("integration.revoked") == 1


def test_who_was_revoked_may_be_allowed_anew(dossier: Dossier, bench: Client) -> None:
    first = dossier.allow(bench)
    revoke(dossier, first)
    second = dossier.allow(bench)
    assert second["id"] != first["id"]
    revoke(dossier, first)
    assert bench.get(dossier.path)["id"] == dossier.id


def test_the_timeline_says_who_was_allowed_and_revoked(people: People, machine: Machines) -> None:
    dossier, own = people.draft(), machine(ALIZE)
    revoke(dossier, dossier.allow(own))
    told = [one for one in dossier.timeline() if one["action"].startswith("integration.")]
    assert [one["action"] for one in told] == ["integration.allowed", "integration.revoked"]
    assert {one["detail"]["integration"] for one in told} == {own.get("/me")["name"]}


# --- outsiders ----------------------------------------------------------------------------------------------


def test_another_organisation_learns_nothing_of_permissions(
    dossier: Dossier, bench: Client, rival: Client
) -> None:
    none = rival.refused(404, "GET", f"/candidatures/{uuid4()}/permissions")
    path = f"{dossier.path}/permissions"
    assert rival.refused(404, "GET", path) == none
    assert rival.refused(404, "POST", path, json={"account": account(bench)}) == none
    assert rival.refused(404, "POST", path, json={"account": str(uuid4())}) == none
    permission = dossier.allow(bench)
    assert rival.refused(404, "DELETE", f"{path}/{permission['id']}") == none
    assert bench.get(dossier.path)["id"] == dossier.id


def test_a_permission_of_another_dossier_is_not_revoked_through_this_one(
    people: People, dossier: Dossier, bench: Client
) -> None:
    assert revoke(people.draft(), dossier.allow(bench)) == 404
    assert bench.get(dossier.path)["id"] == dossier.id


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.EDITOR}))
def test_editors_alone_allow_see_and_revoke(people: People, dossier: Dossier, role: Role) -> None:
    client, path = people(role), f"{dossier.path}/permissions"
    client.refused(403, "GET", path)
    client.refused(403, "POST", path, json={"account": str(uuid4())})
    client.refused(403, "DELETE", f"{path}/{uuid4()}")


# --- lists --------------------------------------------------------------------------------------------------


def test_a_machines_list_goes_page_by_page_in_as_many_statements_whatever_its_length(
    people: People, bench: Client
) -> None:
    def read(path: str) -> tuple[int, int]:
        with statements(people.parts.engine) as sent:
            return len(bench.get(path)["items"]), len(sent)

    solution = people.solution()
    boxes = ([{"role": "mss", "component": f"Boîte@{number}"}] for number in range(4))
    drafts = [people.draft(solution=solution, composition=composition) for composition in boxes]
    drafts[0].allow(bench)
    few = read("/candidatures"), read(f"{drafts[0].path}/items")
    for one in drafts[1:3]:
        one.allow(bench)
    bench.upload(f"{drafts[0].item_path(MAIL)}/proofs", REPORT)
    many = read("/candidatures"), read(f"{drafts[0].path}/items")
    assert [one[0] for one in (few[0], many[0])] == [1, 3]
    assert many[0][1] == few[0][1]
    assert many[1][1] <= few[1][1] + 3  # files, findings and what makes these stale, of one proof or of all
    assert [one["id"] for one in bench.every("/candidatures?limit=2")] == [one.id for one in drafts[:3]]
    assert [one["id"] for one in bench.every("/candidatures?state=submitted")] == []

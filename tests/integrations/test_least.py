"""An integration sees what it needs, and no more: what is asked, how it stands, and what it supplied itself."""

import pytest

from tests.candidatures.dossiers import CNDA, IDENTITY, MAIL, TRAITS, Dossier, People
from tests.clients import Client
from tests.files.inspection.samples import pdf
from tests.integrations.conftest import Machines

REPORT = ("rapport.pdf", pdf("le rapport"))


def test_it_sees_what_is_asked_and_how_it_stands(dossier: Dossier, bench: Client) -> None:
    dossier.supply(IDENTITY)
    seen = {item["code"]: item["state"] for item in bench.every(f"{dossier.path}/items")}
    assert seen == dossier.states()
    assert bench.get(dossier.item_path(MAIL)) == dossier.item(MAIL)


def test_it_sees_no_proof_but_its_own(dossier: Dossier, bench: Client) -> None:
    other, own = dossier.supply(IDENTITY), bench.upload(f"{dossier.item_path(MAIL)}/proofs", REPORT)
    shown = {item["code"]: item["proof"] for item in bench.every(f"{dossier.path}/items")}
    assert {code: proof["id"] for code, proof in shown.items() if proof} == {MAIL: own["id"]}
    file = bench.send("GET", f"/proofs/{own['id']}/files/{own['files'][0]['id']}")
    assert file.data == REPORT[1]
    bench.refused(404, "GET", f"/proofs/{other['id']}")
    bench.refused(404, "GET", f"/proofs/{other['id']}/files/{other['files'][0]['id']}")


def test_what_another_machine_supplied_is_not_its_own(
    dossier: Dossier, bench: Client, machine: Machines
) -> None:
    other = machine()
    dossier.allow(other)
    proof = other.upload(f"{dossier.item_path(MAIL)}/proofs", REPORT)
    assert bench.get(dossier.item_path(MAIL))["proof"] is None
    bench.refused(404, "GET", f"/proofs/{proof['id']}")


def test_a_newer_version_of_somebody_else_is_not_shown(dossier: Dossier, bench: Client) -> None:
    own = bench.upload(f"{dossier.item_path(MAIL)}/proofs", REPORT)
    dossier.supply(MAIL)
    assert bench.get(dossier.item_path(MAIL))["proof"] is None
    assert bench.get(f"/proofs/{own['id']}")["state"] == "dropped"


def test_it_sees_neither_the_reuse_nor_the_reasons(people: People, bench: Client) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution)
    dossier.allow(bench)
    dossier.claim_not_applicable(MAIL, "Notre secret.")
    assert [dossier.item(CNDA)["reuse"] is None, dossier.item(MAIL)["reason"]] == [False, "Notre secret."]
    shown = {item["code"]: item for item in bench.every(f"{dossier.path}/items")}
    assert [shown[CNDA]["state"], shown[CNDA]["reuse"]] == ["to_confirm", None]
    assert [shown[MAIL]["state"], shown[MAIL]["reason"]] == ["supplied", None]


@pytest.mark.parametrize("below", ["/timeline", "/equivalence"])
def test_it_does_not_follow_the_instruction(dossier: Dossier, bench: Client, below: str) -> None:
    bench.refused(403, "GET", dossier.path + below)


def test_it_does_not_read_the_editors_register(dossier: Dossier, bench: Client) -> None:
    bench.refused(403, "GET", "/softwares")


def test_its_receipt_names_only_its_own_other_deposits(
    people: People, dossier: Dossier, bench: Client
) -> None:
    other = people.draft()
    people.editor.upload(f"{other.item_path(MAIL)}/proofs", REPORT)
    people.editor.upload(f"{dossier.item_path(IDENTITY)}/proofs", REPORT)
    own = bench.upload(f"{dossier.item_path(TRAITS)}/proofs", REPORT)
    receipt = bench.upload(f"{dossier.item_path(MAIL)}/proofs", REPORT)
    assert [one["proof"] for one in receipt["also_in"]] == [own["id"]]
    told = people.editor.upload(f"{dossier.item_path(CNDA)}/proofs", REPORT)["also_in"]
    assert len(told) >= 4  # the editor is told of all

"""Reviews of one item, numbered, and their history."""

from typing import Any
from uuid import UUID

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.contents import picture


def history(dossier: Dossier) -> list[Any]:
    return list(dossier.people.editor.every(f"{dossier.item_path(OLD_IDENTITY)}/history?limit=1"))


def test_the_first_review_is_the_first_round(dossier: Dossier) -> None:
    assert dossier.item(OLD_IDENTITY)["round"] == 1
    dossier.find(OLD_IDENTITY)
    item = dossier.item(OLD_IDENTITY)
    assert [item["round"], item["verdict"]["round"], item["proof"]["verifications"][0]["round"]] == [1, 1, 1]


def test_a_complement_begins_the_next_round(dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY, "complement", "La date.")
    assert dossier.item(OLD_IDENTITY)["round"] == 2
    dossier.supply(OLD_IDENTITY, b"la date")
    dossier.find(OLD_IDENTITY)
    item = dossier.item(OLD_IDENTITY)
    assert [item["round"], item["proof"]["verifications"][0]["round"]] == [2, 2]


def test_a_reopening_begins_the_next_round(dossier: Dossier) -> None:
    for code in dossier.states():
        dossier.find(code)
    dossier.decide("sent_back", OLD_IDENTITY)
    assert dossier.item(OLD_IDENTITY)["round"] == 2
    dossier.find(OLD_IDENTITY, "nonconform", "Finalement non.")
    assert [one["round"] for one in dossier.item(OLD_IDENTITY)["proof"]["verifications"]] == [1, 2]


def test_the_history_tells_each_round_with_what_it_was_tied_to(people: People, dossier: Dossier) -> None:
    first = dossier.item(OLD_IDENTITY)["proof"]
    dossier.find(OLD_IDENTITY, "complement", "La date.")
    second = dossier.supply(OLD_IDENTITY, b"la date")
    dossier.find(OLD_IDENTITY)
    told = history(dossier)
    words = ["round", "outcome", "comment", "missing", "version", "proof", "file_sha256", "dsr_version"]
    assert [[one[word] for word in words] for one in told] == [
        [1, "complement", "La date.", ["La date."], 1, first["id"], first["files"][0]["sha256"], 1],
        [2, "conform", "Vu.", [], 2, second["id"], second["files"][0]["sha256"], 1],
    ]
    (rulebook,) = people.lead.get("/rulebooks")["items"]
    assert {one["rulebook"] for one in told} == {rulebook["id"]}


def test_a_claim_has_its_round(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY, "complement", "La date.")
    dossier.claim_not_applicable(OLD_IDENTITY, "Autre scénario.")
    dossier.find(OLD_IDENTITY, "nonconform", "Montrez-le.")
    _, told = history(dossier)
    assert [told["round"], told["claim"], told["proof"]] == [2, "Autre scénario.", None]
    assert dossier.item(OLD_IDENTITY)["round"] == 3


def test_a_history_is_for_those_who_see_the_item(people: People, dossier: Dossier) -> None:
    path = f"{dossier.item_path(OLD_IDENTITY)}/history"
    dossier.find(OLD_IDENTITY)
    for reader in (people.editor, people.verifier, people.lead):
        assert len(reader.get(path)["items"]) == 1
    people(Role.EDITOR, "Sacha", "Éditions Mistral").refused(404, "GET", path)
    people(Role.INTEGRATION, "Banc").refused(404, "GET", path)
    people(Role.CATALOGUE, "Auteur").refused(403, "GET", path)
    people.editor.refused(404, "GET", f"{dossier.path}/items/{UUID(int=7)}/history")


def test_what_an_integration_supplied_it_reads_the_rounds_of(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY, "complement", "La date.")
    bench = people(Role.INTEGRATION, "Banc")
    dossier.allow(bench)
    bench.upload(f"{dossier.item_path(OLD_IDENTITY)}/proofs", ("preuve.png", picture(b"la date")))
    dossier.find(OLD_IDENTITY)
    told = bench.get(f"{dossier.item_path(OLD_IDENTITY)}/history")["items"]
    assert [one["round"] for one in told] == [2]
    assert bench.get(dossier.item_path(OLD_IDENTITY))["verdict"]["round"] == 2

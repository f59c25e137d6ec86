"""The editor's own names for items: given all at once, unique, and good wherever an item is named."""

from typing import Any
from uuid import uuid4

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import IDENTITY, MAIL, TRAITS, Dossier, People
from tests.clients import Client, escaped

REPORT = ("rapport.txt", b"le rapport")


def named(dossier: Dossier, *names: tuple[str, str]) -> Any:
    words = {"references": [{"item": item, "reference": reference} for item, reference in names]}
    return dossier.people.editor.put(f"{dossier.path}/references", words)["items"]


def refused(dossier: Dossier, *names: tuple[str, str]) -> list[tuple[str, str]]:
    words = {"references": [{"item": item, "reference": reference} for item, reference in names]}
    problem = dossier.people.editor.refused(422, "PUT", f"{dossier.path}/references", json=words)
    return [(one["pointer"], one["detail"]) for one in problem["errors"]]


def references(dossier: Dossier) -> dict[str, str]:
    items = dossier.people.editor.every(f"{dossier.path}/items")
    return {item["code"]: item["external_reference"] for item in items if item["external_reference"]}


def test_items_are_named_by_code_or_id_and_shown_with_their_names(people: People) -> None:
    dossier = people.draft()
    item = dossier.item(TRAITS)["id"]
    found = named(dossier, (MAIL, "TNR-0123"), (item, "  TNR   7 "))
    assert [(one["code"], one["reference"]) for one in found] == [(TRAITS, "TNR 7"), (MAIL, "TNR-0123")]
    assert references(dossier) == {TRAITS: "TNR 7", MAIL: "TNR-0123"}
    assert list(people.editor.every(f"{dossier.path}/references?limit=1")) == found


def test_the_list_is_replaced_whole(people: People) -> None:
    dossier = people.draft()
    named(dossier, (MAIL, "A"), (TRAITS, "B"))
    named(dossier, (TRAITS, "A"), (IDENTITY, "C"))
    assert references(dossier) == {IDENTITY: "C", TRAITS: "A"}
    assert named(dossier) == []
    assert references(dossier) == {}


def test_two_items_exchange_their_names(people: People) -> None:
    dossier = people.draft()
    named(dossier, (MAIL, "A"), (TRAITS, "B"))
    named(dossier, (MAIL, "B"), (TRAITS, "A"))
    assert references(dossier) == {MAIL: "B", TRAITS: "A"}


def test_the_same_list_twice_changes_nothing(people: People) -> None:
    dossier = people.draft()
    assert named(dossier, (MAIL, "A")) == named(dossier, (MAIL, "A"))
    told = [one for one in dossier.timeline() if one["action"] == "items.named"]
    assert [one["detail"] for one in told] == [{"references": {MAIL: "A"}}]


def test_what_is_wrong_is_pointed_at_and_nothing_changes(people: People) -> None:
    dossier = people.draft()
    named(dossier, (MAIL, "A"))
    wrong = [(TRAITS, "B"), ("LGC-V2:RIEN#1", "C"), (dossier.item(TRAITS)["id"], "D"), (IDENTITY, " B ")]
    found = refused(dossier, *wrong, (MAIL, "../X"))
    assert [pointer for pointer, _ in found] == [
        "/references/1/item",
        "/references/2/item",
        "/references/3/reference",
        "/references/4/reference",
    ]
    assert "LGC-V2:RIEN#1" in found[0][1]
    assert references(dossier) == {MAIL: "A"}


@pytest.mark.parametrize("reference", ["", " ", "x" * 201, "A\u0000"])
def test_a_reference_says_something(people: People, reference: str) -> None:
    assert [pointer for pointer, _ in refused(people.draft(), (MAIL, reference))] == [
        "/references/0/reference"
    ]


def test_two_dossiers_may_give_the_same_name(people: People) -> None:
    one, other = people.draft(), people.draft()
    named(one, (MAIL, "A"))
    named(other, (TRAITS, "A"))
    assert [references(one), references(other)] == [{MAIL: "A"}, {TRAITS: "A"}]


@pytest.mark.parametrize("reference", ["TNR-0123", "cas n° 4 / été", "ref:A", "suite/MSS#1?%"])
def test_an_item_is_read_and_supplied_by_its_name(dossier: Dossier, bench: Client, reference: str) -> None:
    named(dossier, (MAIL, reference))
    path = f"{dossier.path}/items/{escaped(f'ref:{reference}')}"
    assert bench.get(path)["code"] == MAIL
    receipt = bench.upload(f"{path}/proofs", REPORT)
    assert receipt["item"] == dossier.item(MAIL)["id"]


def test_a_name_never_stands_for_a_code_nor_a_code_for_a_name(dossier: Dossier, bench: Client) -> None:
    named(dossier, (MAIL, TRAITS), (IDENTITY, dossier.item(TRAITS)["id"]))
    assert bench.get(dossier.item_path(TRAITS))["code"] == TRAITS
    assert bench.get(f"{dossier.path}/items/{escaped(f'ref:{TRAITS}')}")["code"] == MAIL
    other = dossier.item(TRAITS)["id"]
    assert bench.get(f"{dossier.path}/items/{other}")["code"] == TRAITS
    assert bench.get(f"{dossier.path}/items/ref:{other}")["code"] == IDENTITY


def test_an_unknown_name_says_what_to_check(dossier: Dossier, bench: Client) -> None:
    problem = bench.refused(404, "GET", f"{dossier.path}/items/ref:TNR-9")
    assert "référence" in problem["detail"]
    bench.refused(404, "GET", f"{dossier.path}/items/TNR-9")


def test_no_list_of_requirements_is_called_ref(people: People) -> None:
    words = {"dispositif": "REF", "vague": 1, "couloir": "c", "title": "t"}
    people(Role.CATALOGUE).refused(422, "PUT", "/dsrs/ref", json=words)


def test_an_integration_reads_the_names_and_gives_none(dossier: Dossier, bench: Client) -> None:
    found = named(dossier, (MAIL, "A"))
    assert bench.get(f"{dossier.path}/references")["items"] == found
    bench.refused(403, "PUT", f"{dossier.path}/references", json={"references": []})


def test_another_organisation_learns_nothing_of_them(dossier: Dossier, rival: Client) -> None:
    none = rival.refused(404, "GET", f"/candidatures/{uuid4()}")
    assert rival.refused(404, "GET", f"{dossier.path}/references") == none
    words = {"references": [{"item": "rien", "reference": "A"}]}
    assert rival.refused(404, "PUT", f"{dossier.path}/references", json=words) == none

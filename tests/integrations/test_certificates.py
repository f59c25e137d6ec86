"""A counter enters certificates for the softwares of the candidatures it was allowed on, one or many."""

from typing import Any
from uuid import uuid4

import pytest

from tests.candidatures.dossiers import OLD_CNDA, Dossier, People
from tests.clients import Client
from tests.integrations.conftest import Machines

CERTIFICATE = {
    "kind": "CNDA-DMP",
    "holder": "NIL-1",
    "number": "2026-1",
    "valid_from": "2026-01-01",
    "valid_until": None,
}


@pytest.fixture
def certificates(dossier: Dossier) -> str:
    """Where those of its software go."""
    return f"/softwares/{dossier.read()['software']}/certificates"


def numbered(number: str, **changes: Any) -> dict[str, Any]:
    return {**CERTIFICATE, "number": number, **changes}


def revoke(dossier: Dossier, machine: Client) -> None:
    permission = dossier.allow(machine)
    dossier.people.editor.send("DELETE", f"{dossier.path}/permissions/{permission['id']}")


def test_a_counter_of_another_organisation_enters_one(bench: Client, certificates: str) -> None:
    entered = bench.post(certificates, CERTIFICATE)
    assert {key: entered[key] for key in CERTIFICATE} == CERTIFICATE
    assert bench.get(f"/certificates/{entered['id']}") == entered


def test_any_candidature_of_the_software_opens_it(people: People, bench: Client) -> None:
    solution = people.solution()
    first, second = people.draft("LGC-V1", solution), people.draft("LGC-V2", solution)
    assert OLD_CNDA in first.states()
    path = f"/softwares/{first.read()['software']}/certificates"
    first.allow(bench)
    second.allow(bench)
    revoke(first, bench)
    bench.post(path, CERTIFICATE)
    revoke(second, bench)
    bench.refused(404, "POST", path, json=numbered("2026-2"))


@pytest.mark.parametrize("below", ["", "/manifests"])
@pytest.mark.parametrize("organisation", ["Banc d'essai national", "Éditions Alizé"])
def test_nobody_else_knows_the_software(
    machine: Machines, certificates: str, organisation: str, below: str
) -> None:
    words: Any = {"certificates": [CERTIFICATE]} if below else CERTIFICATE
    stranger = machine(organisation)
    none = stranger.refused(404, "POST", f"/softwares/{uuid4()}/certificates{below}", json=words)
    assert stranger.refused(404, "POST", certificates + below, json=words) == none


@pytest.mark.parametrize("below", ["", "/manifests"])
def test_after_a_revocation_even_what_was_answered_is_not_answered_again(
    dossier: Dossier, bench: Client, certificates: str, below: str
) -> None:
    options: dict[str, Any] = {
        "json": {"certificates": [CERTIFICATE]} if below else CERTIFICATE,
        "headers": {"Idempotency-Key": "k"},
    }
    first, second = (bench.send("POST", certificates + below, **options) for _ in range(2))
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
    revoke(dossier, bench)
    bench.refused(404, "POST", certificates + below, **options)


def test_many_have_one_report_with_the_outcome_of_each(bench: Client, certificates: str) -> None:
    bench.post(certificates, numbered("connu"))
    sent = [
        numbered("1"),
        numbered("connu"),
        numbered("2", valid_until="2025-01-01"),
        {"number": "3"},
        numbered("4", valid_from="hier", autre=1),
        numbered("1"),
        numbered("5"),
    ]
    found = bench.post(f"{certificates}/manifests", {"certificates": sent}, status=200)
    assert [found["entered"], found["refused"]] == [2, 5]
    assert [line["number"] for line in found["lines"]] == ["1", "connu", "2", "3", "4", "1", "5"]
    statuses = [line.get("problem", {}).get("status") for line in found["lines"]]
    assert statuses == [None, 409, 422, 422, 422, 409, None]
    for words, line in zip(sent, found["lines"], strict=True):
        if line["outcome"] == "refused":
            assert line["problem"] == bench.refused(
                line["problem"]["status"], "POST", certificates, json=words
            )
        else:
            bench.refused(409, "POST", certificates, json=words)
            assert {key: line["certificate"][key] for key in words} == words


@pytest.mark.parametrize("words", [{}, {"certificates": []}, {"certificates": [CERTIFICATE] * 501}])
def test_a_list_of_another_shape_is_pointed_at(bench: Client, certificates: str, words: Any) -> None:
    problem = bench.refused(422, "POST", f"{certificates}/manifests", json=words)
    assert [one["pointer"] for one in problem["errors"]] == ["/certificates"]

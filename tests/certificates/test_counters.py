"""Who answers for a certificate beside its issuer's list: the agency, and the counter of that issuer."""

from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import ALIZE, CNDA, Dossier, People
from tests.certificates.conftest import NIL
from tests.clients import Client

CERTIFICATE = {
    "kind": "CNDA-DMP",
    "holder": NIL,
    "number": "2026-1",
    "valid_from": "2026-01-01",
    "valid_until": None,
}


@pytest.fixture
def own(people: People) -> Client:
    """A machine of the editor's."""
    return people(Role.INTEGRATION, "Chaîne")


@pytest.fixture
def dossier(people: People, dossier: Dossier) -> Dossier:
    """A draft of a software whose NIL is confirmed."""
    dossier.confirm_nil()
    return dossier


def enter(dossier: Dossier, machine: Client, **changes: Any) -> Any:
    """Enter a certificate for the software of a dossier, which then stands as it makes it stand."""
    dossier.allow(machine)
    words = {**CERTIFICATE, **changes}
    entered = machine.post(f"/softwares/{dossier.read()['software']}/certificates", words)
    dossier.people.jobs()
    return entered


def test_the_dossier_gains_what_the_counter_of_its_issuer_enters(people: People, dossier: Dossier) -> None:
    assert enter(dossier, people.counter())["check"]["confirmed"]
    assert dossier.item(CNDA)["state"] == "covered"


def test_an_editor_does_not_approve_itself(people: People, dossier: Dossier, own: Client) -> None:
    """What its own machine enters is looked at, until the agency answers for it."""
    entered = enter(dossier, own)
    assert dossier.item(CNDA)["state"] == "to_confirm"
    equivalence = people.editor.get(f"{dossier.path}/equivalence")["items"]
    explanation = next(line["explanation"] for line in equivalence if line["code"] == CNDA)
    assert "sans que son émetteur ni l'agence l'aient confirmé" in explanation[-1]
    path = f"/certificates/{entered['id']}"
    for client in (people.editor, people.counter(), people.verifier):
        client.refused(403, "POST", f"{path}/confirmation")
    assert people.lead.post(f"{path}/confirmation", status=200)["check"]["confirmed"]
    people.jobs()
    assert dossier.item(CNDA)["state"] == "covered"


def test_a_counter_answers_for_its_kinds_and_not_for_its_own_software(
    people: People, dossier: Dossier, own: Client
) -> None:
    counter = people.counter()
    assert not enter(dossier, counter, kind="DMN", number="2")["check"]["confirmed"]
    words = {"name": "CNDA", "kinds": ["CNDA-DMP"], "counter": ALIZE}
    people.lead.send("PUT", "/issuers/CNDA", json=words, headers={"If-Match": '"1"'})
    assert people.lead.get("/issuers/CNDA")["counter"] == ALIZE
    assert not enter(dossier, own, number="4", valid_from="2027-01-01")["check"]["confirmed"]


def test_what_was_confirmed_is_confirmed_anew_when_it_is_corrected(
    people: People, dossier: Dossier, own: Client
) -> None:
    entered = enter(dossier, own)
    people.lead.post(f"/certificates/{entered['id']}/confirmation", status=200)
    words = {**CERTIFICATE, "valid_until": "2030-01-01", "reason": "Sa fin manquait."}
    corrected = own.post(f"/certificates/{entered['id']}/correction", words, status=200)
    assert not corrected["check"]["confirmed"]
    people.lead.refused(409, "POST", f"/certificates/{entered['id']}/confirmation")
    people.jobs()
    assert dossier.item(CNDA)["state"] == "to_confirm"


def test_who_reads_in_spite_of_a_conflict_answers_for_no_certificate(
    people: People, dossier: Dossier, own: Client
) -> None:
    path = f"/certificates/{enter(dossier, own)['id']}"
    lead, reason = people.lead, {"reason": "Parent."}
    declared = lead.post("/conflicts", {"verifier": lead.get("/me")["id"], "organisation": ALIZE, **reason})
    lead.post(f"/conflicts/{declared['id']}/reading", reason, status=200)
    words = {**CERTIFICATE, "number": "2026-2"}
    software = dossier.read()["software"]
    for act, said in (
        (f"/softwares/{software}/certificates", words),
        (f"{path}/correction", {**words, **reason}),
        (f"{path}/confirmation", None),
        (f"{path}/embeddings", {"software": software, "component": "F@1"}),
        (f"{path}/withdrawal?dry_run=true", reason),
    ):
        assert "un collègue en juge" in lead.refused(403, "POST", act, json=said)["detail"], act

"""Whose a NIL is: what the second editor sees, what a lead sees and says, and what certificates then count."""

from collections.abc import Iterator

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import ALIZE, CNDA, Dossier, People
from tests.candidatures.running import Running
from tests.clients import Client

NIL, ALIKE = "NIL-ALIZÉ", "nil‐alizé"
MISTRAL = "Logiciels Mistral"
REASON = {"reason": "Vu au catalogue du GIE."}
WORDS = {"kind": "CNDA-DMP", "holder": NIL, "number": "2026-1", "valid_from": "2026-01-01"}


@pytest.fixture
def people(running: Running) -> Iterator[People]:
    with running.after() as (people, _):
        yield people


@pytest.fixture
def dossier(people: People) -> Dossier:
    return people.draft(solution=people.solution(software=people.software(NIL)))


@pytest.fixture
def rival(people: People) -> Client:
    return people(Role.EDITOR, organisation=MISTRAL)


def software_of(dossier: Dossier) -> str:
    return f"/softwares/{dossier.read()['software']}"


def claim(people: People, address: str) -> tuple[str, list[str]]:
    """How the NIL of a software stands for a lead, and whose softwares look like it."""
    claims = {one["software"]["id"]: one for one in people.lead.every("/nil-claims")}
    shown = claims[address.rpartition("/")[2]]
    return shown["software"]["nil_standing"], [one["organisation"] for one in shown["alike"]]


def contested(people: People) -> set[str]:
    return {one["software"]["organisation"] for one in people.lead.every("/nil-claims?contested=true")}


def test_the_second_editor_and_the_first_learn_nothing_of_each_other(
    people: People, dossier: Dossier, rival: Client
) -> None:
    (before,) = people.editor.get("/softwares")["items"]
    registered = rival.post("/softwares", {"name": "Mistral", "nil": ALIKE})
    assert [registered["nil"], registered["nil_standing"]] == ["nil-alizé", "unconfirmed"]
    assert people.editor.get("/softwares")["items"] == [before]
    rival.refused(409, "POST", "/softwares", json={"name": "Encore", "nil": NIL})
    for client in (people.editor, rival, people.verifier):
        client.refused(403, "GET", "/nil-claims")


def test_what_two_softwares_have_waits_for_a_lead(people: People, dossier: Dossier, rival: Client) -> None:
    assert contested(people) == set()
    theirs = f"/softwares/{rival.post('/softwares', {'name': 'Mistral', 'nil': ALIKE})['id']}"
    own = software_of(dossier)
    assert len(contested(people)) == 2
    assert claim(people, theirs)[0] == "unconfirmed"
    assert (
        "dites d'abord duquel"
        in people.lead.refused(409, "POST", f"{own}/certificates", json=WORDS)["detail"]
    )
    assert people.lead.post(f"{own}/nil-confirmation", REASON, status=200)["nil_standing"] == "confirmed"
    problem = people.lead.refused(409, "POST", f"{theirs}/nil-confirmation", json=REASON)
    assert "refusez-le d'abord" in problem["detail"]
    assert contested(people) == {MISTRAL}
    people.lead.post(f"{theirs}/nil-refusal", {"reason": "Ce NIL est d'un autre."}, status=200)
    assert contested(people) == set()
    (refused,) = rival.get("/softwares")["items"]
    assert [refused["nil_standing"], refused["nil_refusal"]] == ["refused", "Ce NIL est d'un autre."]
    corrected = rival.put(f"{theirs}/nil", {"nil": "NIL-MISTRAL"})
    assert [corrected["nil"], corrected["nil_standing"]] == ["NIL-MISTRAL", "unconfirmed"]
    people.editor.refused(409, "PUT", f"{own}/nil", json={"nil": "NIL-2"})
    rival.refused(404, "PUT", f"{own}/nil", json={"nil": "NIL-2"})


@pytest.mark.parametrize("whose", [ALIZE, MISTRAL])
def test_who_is_in_conflict_with_either_side_judges_no_nil(
    people: People, dossier: Dossier, rival: Client, whose: str
) -> None:
    """Nor who reads for a day in spite of it: the other side was not shown to them, and was decided against."""
    theirs = f"/softwares/{rival.post('/softwares', {'name': 'Mistral', 'nil': ALIKE})['id']}"
    partial, me = people.lead, people.lead.get("/me")["id"]
    conflict = partial.post("/conflicts", {"verifier": me, "organisation": whose, "reason": "Parent."})
    own = software_of(dossier)
    mine = theirs if whose == ALIZE else own
    assert claim(people, mine)[1] == [], "the other side is closed to them"
    for act in ("nil-confirmation", "nil-refusal"):
        partial.refused(403, "POST", f"{mine}/{act}", json=REASON)
    partial.post(f"/conflicts/{conflict['id']}/reading", {"reason": "Personne d'autre."}, status=200)
    for path in (own, theirs):
        assert (
            "un collègue en juge"
            in partial.refused(403, "POST", f"{path}/nil-refusal", json=REASON)["detail"]
        )
    people(Role.LEAD, "Charlie").post(f"{theirs}/nil-refusal", REASON, status=200)


def test_no_certificate_of_a_nil_that_is_not_confirmed_counts(people: People, dossier: Dossier) -> None:
    """Whoever answers for the certificate: the counter of its issuer may have been led to the wrong software."""
    counter = people.counter()
    dossier.allow(counter)
    entered = counter.post(f"{software_of(dossier)}/certificates", WORDS)
    people.jobs()
    assert [entered["check"]["confirmed"], entered["check"]["holder_shown"]] == [True, False]
    assert dossier.item(CNDA)["state"] == "required"
    told = people.editor.get(f"{dossier.path}/equivalence")["items"]
    assert (
        "pas encore confirmé que son NIL"
        in next(one for one in told if one["code"] == CNDA)["explanation"][-1]
    )
    assert entered["id"] in {one["id"] for one in people.lead.every("/certificates?in_doubt=true")}
    people.lead.post(f"{software_of(dossier)}/nil-confirmation", REASON, status=200)
    people.jobs()
    assert dossier.item(CNDA)["state"] == "covered"
    people.lead.post(f"{software_of(dossier)}/nil-refusal", REASON, status=200)
    people.jobs()
    assert dossier.item(CNDA)["state"] == "required"


@pytest.mark.parametrize(("siren", "state"), [("732829320", "covered"), ("443061841", "required")])
def test_the_list_of_an_issuer_shows_it_by_the_siren_of_the_organisation(
    people: People, dossier: Dossier, siren: str, state: str
) -> None:
    own = people(Role.INTEGRATION, "Chaîne")
    dossier.allow(own)
    own.post(f"{software_of(dossier)}/certificates", WORDS)
    (alize,) = (one for one in people.lead.every("/organisations") if one["name"] == "Éditions Alizé")
    people.lead.send("PUT", f"/organisations/{alize['id']}/siren", json={"siren": "732829320"})
    people.lead.put("/issuers/CNDA", {"name": "CNDA", "kinds": ["CNDA-DMP"]}, status=201)
    rows = f"type;numero;titulaire;debut;dernier_jour;siren\nCNDA-DMP;2026-1;{NIL};;;{siren}"
    people.lead.upload("/issuers/CNDA/list", ("liste.csv", rows.encode()), method="PUT", status=200)
    people.jobs()
    assert dossier.item(CNDA)["state"] == state


def test_a_name_that_looks_like_another_is_shown_to_leads_and_is_one_name(
    people: People, dossier: Dossier, rival: Client
) -> None:
    software = rival.post("/softwares", {"name": "Mistral", "nil": "NIL-9"})["id"]
    people.editor.post("/solutions", {"software": dossier.read()["software"], "commercial_name": "Héron"})
    rival.post("/solutions", {"software": software, "commercial_name": "\u041déron"})  # Cyrillic
    assert "Éditions Alizé" in claim(people, f"/softwares/{software}")[1]
    again = {"software": software, "commercial_name": "héron"}
    rival.refused(409, "POST", "/solutions", json=again)

"""The records of rules over HTTP and in the console, as an audit and a revocation make them."""

import csv
import io
from typing import Any

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.console.rulebooks import safeguard_routes
from tests.audits.inquiry import Inquiry
from tests.candidatures.dossiers import CNDA, IDENTITY, TRAITS, People
from tests.console.conftest import SignIn
from tests.equivalence.records.kept import assert_kept


def in_force(people: People) -> str:
    return next(
        str(one["id"]) for one in people.lead.get("/rulebooks")["items"] if one["state"] == "published"
    )


def records(people: People, narrowing: str = "") -> dict[str, Any]:
    """By the code of each rule."""
    listed = people.lead.every(f"/rulebooks/{in_force(people)}/records{narrowing}")
    return {record["code"]: record for record in listed}


def look_again(inquiry: Inquiry, **findings: str) -> None:
    for sampled in inquiry.sample():
        finding = findings.get(sampled["code"])
        if finding:
            inquiry.find(sampled, finding)


def test_what_an_audit_finds_is_counted_for_each_rule_of_the_derivation(
    people: People, inquiry: Inquiry
) -> None:
    before = records(people)
    assert list(before) == ["1", "2", "3", "identité", "traits, en partie", "traits", "CNDA"]
    assert (before["CNDA"]["proposed"], before["CNDA"]["confirmed"], before["CNDA"]["granted"]) == (1, 1, 0)
    assert (before["3"]["granted"], before["3"]["verified_again"], before["3"]["upper_bound"]) == (2, 0, 1)
    assert before["3"]["sentence"].startswith("Rien ne le dit encore")
    look_again(inquiry, **{IDENTITY: "conform", TRAITS: "nonconform", CNDA: "conform"})
    after = records(people)
    assert (after["traits"]["false_by_audit"], after["traits"]["found_false"]) == (1, 1)
    assert (after["identité"]["upheld"], round(after["identité"]["upper_bound"], 6)) == (1, 0.95)
    assert (after["3"]["verified_again"], after["3"]["found_false"]) == (2, 1)
    assert round(after["3"]["upper_bound"], 3) == 0.975
    assert list(records(people, "?found_false=true")) == ["3", "traits"]
    assert list(records(people, "?limit=2")) == list(after)
    look_again(inquiry, **{TRAITS: "conform"})  # the auditor thinks better of it
    assert records(people, "?found_false=true") == {}
    with db.transaction(people.parts.sessions) as session:
        assert_kept(session)


def test_a_revocation_counts_by_its_cause(people: People, inquiry: Inquiry) -> None:
    facts = {
        sampled["code"]: sampled["facts"][0]["verification"] or sampled["facts"][0]["certificate"]
        for sampled in inquiry.sample()
        if sampled["reused"]
    }
    for code, words in ((IDENTITY, {"audit": inquiry.id}), (TRAITS, {})):
        path = f"/verifications/{facts[code]}/revocation"
        said = {"reason": "Faux.", **words}
        foreseen = inquiry.auditor.post(f"{path}?dry_run=true", said, 200)
        inquiry.auditor.post(path, said | {"digest": foreseen["digest"]}, 200)
    after = records(people)
    assert (after["identité"]["false_by_audit"], after["identité"]["false_by_revocation"]) == (1, 0)
    assert (after["traits"]["false_by_audit"], after["traits"]["false_by_revocation"]) == (0, 1)
    assert after["3"]["found_false"] == 2


def test_records_leave_as_a_sheet(people: People, inquiry: Inquiry) -> None:
    look_again(inquiry, **{TRAITS: "nonconform"})
    written = people.lead.send("GET", f"/rulebooks/{in_force(people)}/records?format=csv").get_data(
        as_text=True
    )
    rows = list(csv.DictReader(io.StringIO(written)))
    told = {row["Règle"]: row for row in rows}
    assert [*told] == [*records(people)]
    assert (told["traits"]["Trouvés faux"], told["traits"]["dont par un audit"]) == ("1", "1")
    assert told["traits"]["Part de faux au plus (%), à 95 %"] == "100.0"


def test_the_console_shows_them_to_the_agency(people: People, inquiry: Inquiry, signed_in: SignIn) -> None:
    look_again(inquiry, **{TRAITS: "nonconform", IDENTITY: "conform"})
    browser = signed_in(Role.LEAD)
    page = browser.open(f"/regles/{in_force(people)}/bilans")
    assert "rien ne le dit encore" in page
    assert "97,5 %" in page
    assert "1 par audit" in page
    assert "CNDA" not in browser.open(f"/regles/{in_force(people)}/bilans?faux=1")
    name = records(people)["traits"]["rule_name"]
    assert list(records(people, f"?rule_name={name}")) == ["traits"]
    assert "son bilan, règle traits" in browser.open(f"/regles/{in_force(people)}")
    alone = browser.open(f"/regles/{in_force(people)}/bilans?regle={name}")
    assert "LGC-V1:INS.03" in alone
    assert "LGC-V1:INS.01" not in alone
    assert "Bilans" not in signed_in(Role.EDITOR).open(f"/regles/{in_force(people)}")


def test_a_lead_sets_what_is_tolerated_and_has_a_rule_confirmed(
    people: People, inquiry: Inquiry, signed_in: SignIn
) -> None:
    people.lead.refused(404, "GET", "/safety-threshold")
    look_again(inquiry, **{TRAITS: "nonconform"})
    browser = signed_in(Role.LEAD)
    browser.open("/regles/surete")
    page = browser.press("Fixer ce seuil", share="20", rate="15", reason="Un audit sur cinq, pas plus.")
    assert "Le seuil est fixé." in page
    told = people.lead.get("/safety-threshold")
    assert (told["share"], told["rate"], told["reason"]) == (20, 15, "Un audit sur cinq, pas plus.")
    beyond = [record for record in records(people).values() if record["beyond_threshold"]]
    assert [record["code"] for record in beyond] == ["3", "traits"]
    browser.press("pour traits")
    (proposed,) = people.lead.get("/safeguards?state=proposed")["items"]
    assert (proposed["code"], proposed["found_false"], proposed["verified_again"]) == ("traits", 1, 1)
    assert set(proposed["actions"]) == {"accept", "refuse"}
    path = f"/safeguards/{proposed['id']}"
    dry = people.lead.post(f"{path}/acceptance?dry_run=true", {}, 200)
    assert dry["dry_run"] is True
    people.lead.post(f"{path}/acceptance", {"accept_warnings": True, "digest": dry["impact"]["digest"]}, 200)
    assert people.lead.get(path)["state"] == "accepted"
    rates = people.lead.get("/second-reading-rates")["items"]
    assert {rate["chapter"]: rate["rate"] for rate in rates} == {"INS": 15}
    assert "acceptée" in browser.open("/regles/surete")
    (traits,) = [
        link
        for link in people.lead.get(f"/rulebooks/{in_force(people)}")["correspondences"]
        if link["id"] == "traits"
    ]
    assert traits["relation"] == "subset"


def test_the_console_goes_on_to_the_proposals_of_before(
    people: People, inquiry: Inquiry, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.lead.put("/safety-threshold", {"share": 20, "rate": 0, "reason": "Prudence."})
    look_again(inquiry, **{TRAITS: "nonconform"})
    for code in ("3", "traits"):
        people.lead.post("/safeguards", {"rule_name": records(people)[code]["rule_name"]})
    monkeypatch.setattr(safeguard_routes, "MOST", 1)
    browser = signed_in(Role.LEAD)
    assert "Politique « 3 »" not in browser.open("/regles/surete")
    assert "Politique « 3 »" in browser.follow("Suivantes")


def test_the_console_accepts_or_refuses_what_is_proposed(
    people: People, inquiry: Inquiry, signed_in: SignIn
) -> None:
    people.lead.put("/safety-threshold", {"share": 20, "rate": 0, "reason": "Prudence."})
    look_again(inquiry, **{TRAITS: "nonconform"})
    browser = signed_in(Role.LEAD)
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("Refuser cette précaution", {"reason": "Le fait, pas la règle."}, "La précaution est refusée"),
        ("Publier ces règles", {"accept_warnings": "1"}, "La précaution est acceptée"),
    ]
    for press, words, said in steps:
        browser.open("/regles/surete")
        assert "1 réemploi trouvé faux sur 1" in browser.press("pour traits")
        assert said in browser.press(press, **words)
    told = browser.press("Fixer ce seuil", share="150", rate="", reason="", status=422)
    assert "De 1 à 99." in told

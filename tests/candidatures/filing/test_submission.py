"""Filing a dossier, and the agency's answer: is it complete enough to be instructed?"""

import pytest

from referencing.base.french import counted
from tests.candidatures.dossiers import CNDA, GENERAL, IDENTITY, MAIL, OLD_CNDA, People
from tests.conftest import Time


def test_a_filed_dossier_is_with_the_agency_from_that_day(people: People) -> None:
    dossier = people.draft()
    filed = dossier.submit(incomplete=True)
    assert [filed["state"], filed["holder"], filed["deposited_on"]] == ["submitted", "agency", "2026-03-02"]
    assert {key: value for key, value in filed.items() if key != "receipt"} == dossier.read()


def test_the_day_of_filing_is_that_of_paris(people: People, time: Time) -> None:
    time.now = time.now.replace(hour=23, minute=30)
    assert people.draft().submit(incomplete=True)["deposited_on"] == "2026-03-03"


def test_a_filed_dossier_waits_for_a_lead(people: People) -> None:
    dossier = people.submitted()
    (task,) = dossier.tasks("admissibility")
    assert [task["code"], task["item"], task["claimed_by"]] == [None, None, None]
    assert dossier.tasks("proof_review") == []


def test_filing_twice_is_refused_with_what_is_possible(people: People) -> None:
    dossier = people.submitted()
    problem = people.editor.refused(409, "POST", f"{dossier.path}/submission")
    assert "La candidature est déposée" in problem["detail"]
    assert problem["detail"].endswith("Ce que vous pouvez faire : reprendre, retirer.")


def test_an_admissible_dossier_is_examined_item_by_item(people: People) -> None:
    dossier = people.submitted()
    judged = dossier.judge("admissible")
    assert [judged["state"], judged["holder"]] == ["in_review", "agency"]
    assert dossier.states() == dict.fromkeys(GENERAL, "under_review")
    assert [task["code"] for task in dossier.tasks("proof_review")] == GENERAL
    assert dossier.tasks("admissibility") == []


def test_an_incomplete_dossier_goes_back_to_the_editor(people: People) -> None:
    dossier = people.submitted()
    untold = {"outcome": "incomplete", "comment": " "}
    refused = people.lead.refused(422, "POST", f"{dossier.path}/admissibility", json=untold)
    assert [error["pointer"] for error in refused["errors"]] == ["/comment"]
    judged = dossier.judge("incomplete", "Il manque un rapport lisible.")
    assert [judged["state"], judged["holder"]] == ["incomplete", "editor"]
    assert dossier.tasks("admissibility") == []
    assert dossier.timeline()[-1]["detail"] == {"comment": "Il manque un rapport lisible."}


def test_a_completed_dossier_keeps_the_day_of_its_first_filing(people: People, time: Time) -> None:
    dossier = people.draft()
    dossier.supply_all(but=[MAIL])
    dossier.submit(incomplete=True)
    dossier.judge("incomplete")
    time.pass_days(10)
    dossier.supply(MAIL)
    filed = dossier.submit()
    assert [filed["state"], filed["deposited_on"]] == ["submitted", "2026-03-02"]
    assert dossier.judge("admissible")["state"] == "in_review"


@pytest.mark.parametrize("missing", [{"ANS": [IDENTITY, MAIL], "CNDA": [CNDA]}, {"CNDA": [CNDA]}])
def test_what_misses_at_the_admission_is_confirmed_and_may_come_during_the_review(
    people: People, missing: dict[str, list[str]]
) -> None:
    dossier = people.draft()
    codes = [code for of_guichet in missing.values() for code in of_guichet]
    dossier.supply_all(but=codes)
    dossier.submit(incomplete=True)
    words = {"outcome": "admissible"}
    problem = people.lead.refused(409, "POST", f"{dossier.path}/admissibility", json=words)
    assert [problem["missing"], problem["errors"][0]["pointer"]] == [missing, "/incomplete"]
    assert counted(len(codes), "preuve manque", "preuves manquent") in problem["detail"]
    assert (dossier.state, len(dossier.tasks("admissibility"))) == ("submitted", 1)
    assert dossier.judge("admissible", incomplete=True)["progress"]["required"] == len(codes)
    for code in codes:
        assert dossier.item(code)["may_be_supplied"]
        dossier.supply(code)
        assert dossier.item(code)["state"] == "under_review"
        assert code in [task["code"] for task in dossier.tasks("proof_review")]


def test_in_review_the_editor_holds_a_dossier_that_waits_for_the_cnda_alone(people: People) -> None:
    dossier = people.draft("LGC-V1")
    dossier.supply_all(but=[OLD_CNDA])
    dossier.submit(incomplete=True)
    dossier.judge("admissible", incomplete=True)
    for code in dossier.codes("under_review"):
        dossier.find(code)
    assert [dossier.state, dossier.read()["holder"]] == ["in_review", "editor"]


def test_what_misses_is_told_by_guichet_and_the_pieces_to_come_at_the_admission(people: People) -> None:
    dossier = people.draft()
    assert dossier.read()["missing_counts"] == {"ANS": 5, "CNDA": 1}
    dossier.supply_all(but=[CNDA])
    dossier.submit(incomplete=True)
    assert dossier.judge("admissible", incomplete=True)["missing_counts"] == {"CNDA": 1}
    assert people.editor.get("/candidatures")["items"][-1]["missing_counts"] == {"CNDA": 1}
    (admitted,) = [one for one in dossier.timeline() if one["action"] == "candidature.admitted"]
    assert admitted["detail"]["missing"] == {"CNDA": [CNDA]}


def test_the_deliberation_waits_for_what_the_cnda_delivers(people: People) -> None:
    nil = "NIL-QUI-ATTEND"
    dossier = people.draft(solution=people.solution(software=people.software(nil)))
    dossier.supply_all(but=[CNDA])
    dossier.submit(incomplete=True)
    dossier.judge("admissible", incomplete=True)
    for code in dossier.codes("under_review"):
        dossier.find(code)
    assert [dossier.state, dossier.read()["due_on"]] == ["in_review", None]
    words = {"kind": "CNDA-DMP", "holder": nil, "number": "1", "valid_from": "2026-01-01"}
    people.lead.post(f"/softwares/{dossier.read()['software']}/certificates", words)
    people.jobs()
    assert [dossier.item(CNDA)["state"], dossier.state] == ["covered", "deliberation"]
    assert dossier.read()["missing_counts"] == {}


def test_a_claim_that_an_item_does_not_apply_is_not_a_missing_proof(people: People) -> None:
    dossier = people.draft()
    dossier.supply_all(but=[MAIL])
    dossier.claim_not_applicable(MAIL)
    dossier.submit()
    assert dossier.judge("admissible")["state"] == "in_review"


def test_a_dossier_that_is_wholly_covered_goes_straight_to_deliberation(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    again = people.draft("LGC-V1", solution)
    assert again.read()["progress"]["covered"] == 4
    again.submit()
    judged = again.judge("admissible")
    assert [judged["state"], judged["holder"]] == ["deliberation", "agency"]
    assert again.tasks("proof_review") == again.tasks("equivalence") == []


@pytest.mark.parametrize("outcome", ["admissible", "incomplete"])
def test_only_a_filed_dossier_is_judged(people: People, outcome: str) -> None:
    dossier = people.draft()
    people.lead.refused(404, "POST", f"{dossier.path}/admissibility", json={"outcome": outcome})
    dossier.submit(incomplete=True)
    dossier.judge("incomplete", "Il manque tout.")
    problem = people.lead.refused(409, "POST", f"{dossier.path}/admissibility", json={"outcome": outcome})
    assert "n'est pas possible" in problem["detail"]


def test_an_answer_that_is_neither_yes_nor_no_is_pointed_at(people: People) -> None:
    dossier = people.submitted("LGC-V1")
    problem = people.lead.refused(422, "POST", f"{dossier.path}/admissibility", json={"outcome": "perhaps"})
    assert [error["pointer"] for error in problem["errors"]] == ["/outcome"]
    assert "admissible, incomplete" in problem["errors"][0]["detail"]

"""A submitted dossier is a draft again until a lead has judged it, and every refusal says what may still be done."""

from collections.abc import Callable

import pytest

from tests.candidatures.dossiers import GENERAL, IDENTITY, MAIL, OLD_IDENTITY, Dossier, People
from tests.clients import form
from tests.conftest import Time


def test_a_dossier_taken_back_is_a_draft_with_all_that_was_supplied(people: People) -> None:
    dossier = people.draft()
    dossier.supply_all(but=[MAIL])
    before = dossier.states()
    dossier.submit(incomplete=True)
    taken = dossier.take_back()
    assert [taken["state"], taken["holder"], taken["deposited_on"]] == ["draft", "editor", None]
    assert dossier.states() == before
    assert dossier.tasks("admissibility") == []
    assert dossier.actions()[-1] == "candidature.taken_back"


def test_what_was_forgotten_is_supplied_and_the_dossier_filed_again_on_its_day(
    people: People, time: Time
) -> None:
    dossier = people.draft()
    dossier.supply_all(but=[MAIL])
    dossier.submit(incomplete=True)
    time.pass_days(1)
    dossier.take_back()
    dossier.supply(MAIL)
    filed = dossier.submit()
    assert [filed["deposited_on"], filed["missing_counts"]] == ["2026-03-03", {}]
    dossier.judge()
    assert dossier.states() == dict.fromkeys(GENERAL, "under_review")


def test_the_day_of_the_first_filing_stays_once_a_lead_has_judged(people: People, time: Time) -> None:
    dossier = people.submitted()
    dossier.judge("incomplete")
    time.pass_days(3)
    dossier.submit()
    assert dossier.take_back()["deposited_on"] == "2026-03-02"


def test_what_a_dossier_taken_back_holds_helps_no_other(people: People) -> None:
    solution = people.solution()
    first = people.submitted("LGC-V1", solution)
    waiting = people.draft("LGC-V2", solution)
    assert waiting.item(IDENTITY)["state"] == "awaiting"
    first.take_back()
    assert waiting.item(IDENTITY)["state"] == "required"
    first.submit()
    assert waiting.item(IDENTITY)["state"] == "awaiting"


def test_a_dossier_is_not_taken_back_beside_a_draft_that_says_the_same(people: People) -> None:
    solution = people.solution()
    first = people.submitted("LGC-V1", solution)
    second = people.draft("LGC-V1", solution)
    before = first.read()
    problem = people.editor.refused(409, "POST", f"{first.path}/taking-back")
    assert f"/api/v1{second.path}" in problem["detail"]
    assert first.read() == before
    people.editor.expect(204, people.editor.send("DELETE", second.path))
    assert first.take_back()["state"] == "draft"


@pytest.mark.parametrize("bring", [People.draft, People.in_review, People.in_deliberation, People.referenced])
def test_only_a_dossier_that_waits_for_its_admission_is_taken_back(
    people: People, bring: Callable[[People], Dossier]
) -> None:
    dossier = bring(people)
    before = dossier.read()
    problem = people.editor.refused(409, "POST", f"{dossier.path}/taking-back")
    assert "« reprendre » n'est pas possible" in problem["detail"]
    assert dossier.read() == before


def test_filing_a_dossier_that_lacks_proofs_is_refused_with_what_misses_by_guichet(people: People) -> None:
    dossier = people.draft("LGC-V1")
    dossier.supply(OLD_IDENTITY)
    problem = people.editor.refused(409, "POST", f"{dossier.path}/submission")
    gaps = dossier.codes("required")
    assert sorted(code for codes in problem["missing"].values() for code in codes) == sorted(gaps)
    assert {guichet: len(codes) for guichet, codes in problem["missing"].items()} == {"ANS": 2, "CNDA": 1}
    assert [error["pointer"] for error in problem["errors"]] == ["/incomplete"]
    assert "3 preuves manquent (ANS : 2, CNDA : 1)" in problem["detail"]
    assert dossier.state == "draft"
    assert dossier.submit(incomplete=True)["state"] == "submitted"
    assert dossier.timeline()[-1]["detail"]["missing"] == problem["missing"]


@pytest.mark.parametrize("body", [{}, {"incomplete": False}])
def test_only_a_body_that_says_so_means_it(people: People, body: dict[str, bool]) -> None:
    dossier = people.draft("LGC-V1")
    people.editor.refused(409, "POST", f"{dossier.path}/submission", json=body)


@pytest.mark.parametrize(
    ("bring", "advice"),
    [
        (People.submitted, "l'éditeur la reprend"),
        (People.in_deliberation, "avant la décision"),
        (People.referenced, "ne reçoit plus de preuve"),
    ],
)
def test_an_item_says_why_nothing_is_supplied_as_the_refusal_does(
    people: People, bring: Callable[..., Dossier], advice: str
) -> None:
    dossier = bring(people, "LGC-V1")
    refuses_as_it_says(dossier, OLD_IDENTITY, advice)


def test_an_item_under_review_says_so_and_one_that_waits_is_open(people: People) -> None:
    dossier = people.in_review("LGC-V1")
    people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    refuses_as_it_says(dossier, OLD_IDENTITY, "son examen a commencé")
    dossier.find(OLD_IDENTITY, "complement", "Montrez la date.")
    item = dossier.item(OLD_IDENTITY)
    assert [item["may_be_supplied"], item["not_supplied_because"]] == [True, None]
    dossier.supply(OLD_IDENTITY, b"avec la date")


def refuses_as_it_says(dossier: Dossier, code: str, advice: str) -> None:
    item = dossier.item(code)
    assert item["may_be_supplied"] is False
    assert advice in item["not_supplied_because"]
    for below, body in (
        ("proofs", {"data": form(("a.txt", b"a"))}),
        ("not-applicable", {"json": {"reason": "x"}}),
    ):
        problem = dossier.people.editor.refused(409, "POST", f"{dossier.item_path(code)}/{below}", **body)
        assert problem["detail"] == item["not_supplied_because"]

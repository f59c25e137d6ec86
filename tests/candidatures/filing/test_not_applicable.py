"""Saying that an item does not apply, for instance because another scenario is shown, and the agency's answer."""

from collections.abc import Callable, Iterator

import pytest

from tests.candidatures.dossiers import BROWSER, CNDA, DESKTOP, IDENTITY, MAIL, Dossier, People
from tests.candidatures.running import Running

REASON = "Le client lourd est montré par l'autre scénario."


def claim_in_review(people: People) -> list[Dossier]:
    """In review, with the claim that one of the two scenarios does not apply."""
    dossier = people.draft()
    dossier.supply_all(but=[DESKTOP])
    dossier.claim_not_applicable(DESKTOP, REASON)
    dossier.submit()
    dossier.judge()
    return [dossier]


@pytest.fixture
def claimed(running: Running) -> Iterator[Dossier]:
    with running.after(claim_in_review) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def people(running: Running) -> Iterator[People]:
    with running.after() as (people, _):
        yield people


def test_a_claim_stands_in_the_place_of_a_proof(people: People) -> None:
    dossier = people.draft()
    item = dossier.claim_not_applicable(DESKTOP, REASON)
    assert [item["state"], item["reason"], item["proof"]] == ["supplied", REASON, None]
    assert item == dossier.item(DESKTOP)


@pytest.mark.parametrize("words", [{}, {"reason": ""}, {"reason": " \n"}, {"reason": None}])
def test_a_claim_has_a_reason(people: People, words: dict[str, object]) -> None:
    dossier = people.draft()
    path = f"{dossier.item_path(DESKTOP)}/not-applicable"
    problem = people.editor.refused(422, "POST", path, json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/reason"]
    assert dossier.item(DESKTOP)["state"] == "required"


def test_a_claim_takes_the_place_of_files_that_nobody_has_read(people: People) -> None:
    dossier = people.draft()
    proof = dossier.supply(DESKTOP)
    dossier.claim_not_applicable(DESKTOP)
    assert people.editor.get(f"/proofs/{proof['id']}")["state"] == "dropped"


def test_files_take_the_place_of_a_claim(people: People) -> None:
    dossier = people.draft()
    dossier.claim_not_applicable(DESKTOP)
    proof = dossier.supply(DESKTOP)
    item = dossier.item(DESKTOP)
    assert [item["state"], item["reason"], item["proof"]["id"]] == ["supplied", None, proof["id"]]


def test_a_verifier_reads_the_reason(claimed: Dossier) -> None:
    task = claimed.people.verifier.get(f"/tasks/{claimed.task(DESKTOP)}")
    assert [task["queue"], task["subject"]["reason"]] == ["proof_review", REASON]


def test_an_accepted_claim_settles_the_item(claimed: Dossier) -> None:
    claimed.find(DESKTOP, "conform")
    assert [claimed.item(DESKTOP)["state"], claimed.item(DESKTOP)["reason"]] == ["not_applicable", REASON]


def test_a_refused_claim_asks_for_the_proof(claimed: Dossier) -> None:
    claimed.find(DESKTOP, "nonconform", "Votre logiciel a un client lourd.")
    assert [claimed.item(DESKTOP)["state"], claimed.item(DESKTOP)["reason"]] == ["required", None]
    claimed.supply(DESKTOP)
    assert claimed.item(DESKTOP)["state"] == "under_review"


def test_a_claim_can_be_asked_to_be_made_clearer(claimed: Dossier) -> None:
    claimed.find(DESKTOP, "complement", "De quel scénario parlez-vous ?")
    assert claimed.item(DESKTOP)["state"] == "complement"
    claimed.claim_not_applicable(DESKTOP, "Du scénario 01.")
    assert [claimed.item(DESKTOP)["state"], claimed.item(DESKTOP)["reason"]] == [
        "under_review",
        "Du scénario 01.",
    ]


def test_an_item_can_be_claimed_during_the_review(people: People) -> None:
    dossier = people.in_review()
    dossier.find(DESKTOP, "complement", "On ne voit rien.")
    dossier.claim_not_applicable(DESKTOP)
    assert dossier.item(DESKTOP)["state"] == "under_review"
    dossier.find(DESKTOP, "conform")
    assert dossier.item(DESKTOP)["state"] == "not_applicable"


def test_an_accepted_claim_is_no_fact_for_another_dossier(claimed: Dossier) -> None:
    claimed.find(DESKTOP, "conform")
    claimed.find(BROWSER, "conform")
    again = claimed.people.draft("LGC-V2", claimed.read()["solution"])
    assert [again.item(BROWSER)["state"], again.item(DESKTOP)["state"]] == ["covered", "required"]


def test_a_claim_can_be_taken_back_before_the_filing(people: People) -> None:
    dossier = people.draft()
    dossier.claim_not_applicable(DESKTOP)
    item = dossier.take_claim_back(DESKTOP)
    assert [item["state"], item["reason"]] == ["required", None]


def test_a_claim_that_is_taken_back_leaves_the_reuse_that_it_replaced(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution)
    before = dossier.item(CNDA)
    dossier.claim_not_applicable(CNDA)
    dossier.take_claim_back(CNDA)
    assert dossier.item(CNDA) == before


@pytest.mark.parametrize(
    "bring",
    [
        lambda dossier: dossier.submit(),
        lambda dossier: dossier.withdraw(),
        lambda dossier: [dossier.submit(), dossier.judge()],
    ],
    ids=["filed", "withdrawn", "in review"],
)
def test_a_claim_is_not_taken_back_once_it_is_before_the_agency_or_the_dossier_closed(
    people: People, bring: Callable[[Dossier], object]
) -> None:
    dossier = people.draft()
    dossier.supply_all(but=[DESKTOP])
    dossier.claim_not_applicable(DESKTOP)
    bring(dossier)
    before = dossier.item(DESKTOP)
    people.editor.refused(409, "DELETE", f"{dossier.item_path(DESKTOP)}/not-applicable")
    assert dossier.item(DESKTOP) == before


@pytest.mark.parametrize("code", [IDENTITY, MAIL])
def test_where_nothing_is_claimed_there_is_nothing_to_take_back(people: People, code: str) -> None:
    dossier = people.draft()
    dossier.supply(MAIL)
    path = f"{dossier.item_path(code)}/not-applicable"
    assert "Rien à reprendre" in people.editor.refused(409, "DELETE", path)["detail"]


def test_a_covered_item_is_not_claimed(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution)
    path = f"{dossier.item_path(IDENTITY)}/not-applicable"
    problem = people.editor.refused(409, "POST", path, json={"reason": REASON})
    assert "« couverte par équivalence »" in problem["detail"]

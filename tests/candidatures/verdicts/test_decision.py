"""The end of the deliberation: referenced, refused, or sent back with what is to be looked at again."""

from collections.abc import Iterator

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import (
    CNDA,
    IDENTITY,
    MAIL,
    OLD_IDENTITY,
    OLD_PART,
    OLD_TRAITS,
    TRAITS,
    Dossier,
    People,
)
from tests.candidatures.running import Running
from tests.revocations.worlds import revoked


def deliberated(people: People) -> list[Dossier]:
    """In deliberation, with an item that was found not conform and one that does not apply."""
    dossier = people.draft("LGC-V1")
    dossier.supply_all(but=[OLD_TRAITS])
    dossier.claim_not_applicable(OLD_TRAITS)
    dossier.submit()
    dossier.judge()
    for code in dossier.codes("under_review"):
        dossier.find(code, "nonconform" if code == OLD_PART else "conform")
    return [dossier]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(deliberated) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def people(dossier: Dossier) -> People:
    return dossier.people


def test_a_dossier_is_deliberated_once_nothing_is_expected_of_anybody(dossier: Dossier) -> None:
    assert [dossier.state, dossier.read()["holder"]] == ["deliberation", "agency"]


def test_a_decision_that_comes_too_early_says_what_is_left(people: People) -> None:
    dossier = people.in_review("LGC-V1")
    words = {"outcome": "referenced", "comment": "Vu."}
    problem = people.lead.refused(409, "POST", f"{dossier.path}/decision", json=words)
    assert "quand rien n'y reste à fournir ni à juger (en cours d'examen : 4)" in problem["detail"]


@pytest.mark.parametrize("outcome", ["referenced", "refused"])
def test_a_decision_closes_the_dossier(dossier: Dossier, outcome: str) -> None:
    decided = dossier.decide(outcome, nonconform=outcome == "referenced")
    assert [decided["state"], decided["holder"]] == [outcome, None]
    assert {key: value for key, value in decided.items() if key != "receipt"} == dossier.read()


@pytest.mark.parametrize("outcome", ["referenced", "refused", "sent_back"])
def test_nothing_is_decided_twice(dossier: Dossier, outcome: str) -> None:
    dossier.decide("refused")
    words = {"outcome": outcome, "comment": "Encore.", "items": [OLD_PART]}
    problem = dossier.people.lead.refused(409, "POST", f"{dossier.path}/decision", json=words)
    assert "La candidature est refusée" in problem["detail"]
    assert problem["detail"].endswith("n'est pas possible.")


@pytest.mark.parametrize("outcome", ["referenced", "refused", "sent_back"])
def test_nothing_is_decided_before_the_deliberation(dossier: Dossier, outcome: str) -> None:
    dossier.decide("sent_back", OLD_PART)
    words = {"outcome": outcome, "comment": "Déjà.", "items": [OLD_IDENTITY]}
    problem = dossier.people.lead.refused(409, "POST", f"{dossier.path}/decision", json=words)
    assert "La candidature est en instruction" in problem["detail"]


@pytest.mark.parametrize("outcome", ["refused", "sent_back"])
@pytest.mark.parametrize("comment", [{}, {"comment": " "}], ids=["no comment", "blank comment"])
def test_what_is_not_good_news_is_explained(dossier: Dossier, outcome: str, comment: dict[str, str]) -> None:
    words = {"outcome": outcome, "items": [OLD_PART], **comment}
    problem = dossier.people.lead.refused(422, "POST", f"{dossier.path}/decision", json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/comment"]
    assert dossier.state == "deliberation"


def test_a_solution_with_a_nonconform_item_is_referenced_on_purpose_only(
    dossier: Dossier, people: People
) -> None:
    decision, words = f"{dossier.path}/decision", {"outcome": "referenced", "comment": "Écart mineur."}
    problem = people.lead.refused(409, "POST", decision, json=words)
    assert problem["nonconform_items"] == [OLD_PART]
    assert OLD_PART in problem["detail"]
    unexplained = {"outcome": "referenced", "nonconform": True}
    assert people.lead.refused(422, "POST", decision, json=unexplained)["errors"][0]["pointer"] == "/comment"
    assert dossier.state == "deliberation"
    decided = people.lead.post(decision, words | {"nonconform": True}, status=200)
    assert decided["state"] == "referenced"
    assert decided["receipt"]["detail"]["nonconform_items"] == [OLD_PART]


def test_sending_back_says_what_is_to_be_looked_at_again(dossier: Dossier) -> None:
    words = {"outcome": "sent_back", "comment": "À revoir."}
    problem = dossier.people.lead.refused(422, "POST", f"{dossier.path}/decision", json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/items"]
    assert dossier.state == "deliberation"


def test_sending_back_reopens_the_items_that_are_named_and_no_other(dossier: Dossier) -> None:
    before = dossier.states()
    sent = dossier.decide("sent_back", OLD_IDENTITY, OLD_PART, OLD_TRAITS)
    after = dossier.states()
    assert [sent["state"], sent["holder"]] == ["in_review", "agency"]
    assert {code: state for code, state in after.items() if state != before[code]} == {
        OLD_IDENTITY: "under_review",
        OLD_PART: "complement",
        OLD_TRAITS: "required",
    }


def test_an_item_to_reopen_can_be_named_by_its_id_and_more_than_once(dossier: Dossier) -> None:
    dossier.decide("sent_back", dossier.item(OLD_PART)["id"], OLD_PART, OLD_PART)
    assert dossier.item(OLD_PART)["state"] == "complement"


def test_a_conform_proof_is_read_again_as_it_is(dossier: Dossier) -> None:
    dossier.decide("sent_back", OLD_IDENTITY)
    assert [task["code"] for task in dossier.tasks("proof_review")] == [OLD_IDENTITY]
    dossier.find(OLD_IDENTITY, "nonconform", "L'image est d'une autre version.")
    first, second = dossier.item(OLD_IDENTITY)["proof"]["verifications"]
    assert [first["outcome"], first["revoked_on"]] == ["conform", "2026-03-02"]
    assert [second["outcome"], second["revoked_on"]] == ["nonconform", None]
    assert dossier.state == "deliberation"


def test_what_is_sent_back_comes_to_the_deliberation_again(dossier: Dossier) -> None:
    dossier.decide("sent_back", OLD_PART)
    assert dossier.read()["holder"] == "editor"
    dossier.supply(OLD_PART, b"le bon rapport")
    dossier.find(OLD_PART)
    assert dossier.state == "deliberation"
    assert dossier.decide("referenced")["state"] == "referenced"


def test_a_covered_item_is_not_reopened_here(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.in_review("LGC-V2", solution)
    for code in [CNDA, *dossier.codes("under_review")]:
        dossier.find(code)
    words = {"outcome": "sent_back", "comment": "À revoir.", "items": [MAIL, TRAITS]}
    problem = people.lead.refused(409, "POST", f"{dossier.path}/decision", json=words)
    assert f"« {TRAITS} » est couverte par équivalence" in problem["detail"]
    assert [dossier.state, dossier.item(MAIL)["state"]] == ["deliberation", "conform"]


def test_an_item_that_the_dossier_does_not_have_is_not_reopened(dossier: Dossier) -> None:
    words = {"outcome": "sent_back", "comment": "À revoir.", "items": [IDENTITY]}
    dossier.people.lead.refused(404, "POST", f"{dossier.path}/decision", json=words)
    assert dossier.state == "deliberation"


def test_a_decision_that_nobody_can_take_is_pointed_at(dossier: Dossier) -> None:
    words = {"outcome": "postponed"}
    problem = dossier.people.lead.refused(422, "POST", f"{dossier.path}/decision", json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/outcome"]


def test_an_item_of_a_referenced_solution_says_that_its_verification_was_revoked(
    dossier: Dossier, people: People
) -> None:
    dossier.decide("referenced", nonconform=True)
    item = dossier.item(OLD_IDENTITY)
    assert item["remarks"] == []
    (verification,) = item["proof"]["verifications"]
    path = f"/verifications/{verification['id']}/revocation"
    revoked(people(Role.AUDITOR, "Ada"), path, {"reason": "Faux."})
    after = dossier.item(OLD_IDENTITY)
    assert after["state"] == "conform"
    (said,) = after["remarks"]
    assert "a été révoquée le 2 mars 2026" in said

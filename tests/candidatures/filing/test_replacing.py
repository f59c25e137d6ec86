"""A wrong file is replaced as long as nobody has begun to read it: its task stays where it was in the queue."""

from collections.abc import Callable
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, Dossier, People, sha256, verdict
from tests.clients import form
from tests.conftest import Time
from tests.contents import picture

RIGHT = b"le bon fichier"


@pytest.fixture
def dossier(people: People) -> Dossier:
    """In review: every proof waits for a verifier."""
    return people.in_review("LGC-V1")


def task_of(dossier: Dossier, code: str = OLD_IDENTITY) -> Any:
    return dossier.people.verifier.get(f"/tasks/{dossier.task(code)}")


def refusal(dossier: Dossier, code: str = OLD_IDENTITY) -> str:
    options = {"data": form(("preuve.png", picture(RIGHT)))}
    problem = dossier.people.editor.refused(409, "POST", f"{dossier.item_path(code)}/proofs", **options)
    return str(problem["detail"])


def test_the_new_version_is_the_one_that_is_examined(dossier: Dossier) -> None:
    wrong = dossier.item(OLD_IDENTITY)["proof"]
    right = dossier.supply(OLD_IDENTITY, RIGHT)
    item = dossier.item(OLD_IDENTITY)
    assert (item["state"], item["proof"]["id"], item["proof"]["state"]) == (
        "under_review",
        right["id"],
        "submitted",
    )
    assert dossier.people.editor.get(f"/proofs/{wrong['id']}")["state"] == "dropped"
    dossier.find(OLD_IDENTITY)
    (found,) = dossier.item(OLD_IDENTITY)["proof"]["verifications"]
    assert found["file_sha256"] == sha256(picture(RIGHT))


def test_its_task_keeps_its_place_and_its_due_date(dossier: Dossier, time: Time) -> None:
    before, queue = task_of(dossier), [task["id"] for task in dossier.tasks("proof_review")]
    time.pass_days(3)
    dossier.supply(OLD_IDENTITY, RIGHT)
    after = task_of(dossier)
    assert [task["id"] for task in dossier.tasks("proof_review")] == queue
    assert {key: after[key] for key in ("id", "due_on", "opened_at")} == {
        key: before[key] for key in ("id", "due_on", "opened_at")
    }


def test_the_timeline_says_what_it_took_the_place_of(dossier: Dossier) -> None:
    dossier.supply(OLD_IDENTITY, RIGHT)
    event = dossier.timeline()[-1]
    assert (event["action"], event["detail"]["version"]) == ("proof.supplied", 2)
    assert event["detail"]["replaces"] == {"version": 1}


def test_the_item_says_beforehand_whether_it_may_be_replaced(dossier: Dossier) -> None:
    assert dossier.item(OLD_IDENTITY)["may_be_supplied"]
    dossier.people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", {"another": True}, status=200)
    item = dossier.item(OLD_IDENTITY)
    assert not item["may_be_supplied"]
    assert item["not_supplied_because"] == refusal(dossier)


def claimed(dossier: Dossier) -> None:
    dossier.people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", {"another": True}, status=200)


def an_expert_asked(dossier: Dossier) -> None:
    claimed(dossier)
    expert = dossier.people(Role.EXPERT, "Expert").get("/me")["id"]
    words = {"experts": [expert], "question": "Est-ce lisible ?", "due_on": "2026-03-20"}
    task = dossier.task(OLD_IDENTITY)
    dossier.people.verifier.post(f"/tasks/{task}/opinions", words)
    dossier.people.verifier.send("DELETE", f"/tasks/{task}/claim")


def found_and_taken_back(dossier: Dossier) -> None:
    task = dossier.task(OLD_IDENTITY)
    dossier.find(OLD_IDENTITY)
    again = dossier.people.verifier.post(f"/tasks/{task}/verdict/undo", {"reason": "Mauvaise page."}, 200)
    dossier.people.verifier.send("DELETE", f"/tasks/{again['id']}/claim")


def read_once(dossier: Dossier) -> None:
    """A second reader is awaited, and nobody reads."""
    dossier.people.lead.put("/second-reading-rates", {"rate": 100})
    dossier.find(OLD_IDENTITY)


@pytest.mark.parametrize("begin", [claimed, an_expert_asked, found_and_taken_back, read_once])
def test_it_is_refused_once_somebody_has_begun_to_read(
    dossier: Dossier, begin: Callable[[Dossier], None]
) -> None:
    begin(dossier)
    assert "son examen a commencé" in refusal(dossier)
    assert dossier.item(OLD_IDENTITY)["proof"]["number"] == 1


def test_what_was_given_back_unread_may_be_replaced(dossier: Dossier) -> None:
    claimed(dossier)
    dossier.people.verifier.send("DELETE", f"/tasks/{dossier.task(OLD_IDENTITY)}/claim")
    assert dossier.supply(OLD_IDENTITY, RIGHT)["number"] == 2


def test_a_claim_that_has_run_out_holds_nothing(dossier: Dossier, time: Time) -> None:
    claimed(dossier)
    time.pass_days(1)
    assert dossier.supply(OLD_IDENTITY, RIGHT)["number"] == 2


def test_a_file_takes_the_place_of_a_claim_and_a_claim_that_of_a_file(dossier: Dossier) -> None:
    task = task_of(dossier, OLD_PART)["id"]
    dossier.claim_not_applicable(OLD_PART)
    item = dossier.item(OLD_PART)
    assert (item["state"], item["proof"]["state"]) == ("under_review", "dropped")
    assert dossier.timeline()[-1]["detail"]["replaces"] == {"version": 1}
    dossier.supply(OLD_PART, RIGHT)
    item = dossier.item(OLD_PART)
    assert (item["reason"], item["proof"]["state"], dossier.task(OLD_PART)) == (None, "submitted", task)


def test_who_read_the_file_before_it_was_replaced_is_told_at_the_verdict(dossier: Dossier) -> None:
    seen = verdict(task_of(dossier))
    dossier.supply(OLD_IDENTITY, RIGHT)
    claimed(dossier)
    path = f"/tasks/{dossier.task(OLD_IDENTITY)}/verdict"
    assert "relisez la tâche" in dossier.people.verifier.refused(409, "POST", path, json=seen)["detail"]


def test_what_answers_a_complement_is_replaced_until_somebody_reads_the_answer(dossier: Dossier) -> None:
    """What was asked, found and read in the round before is of the version before."""
    an_expert_asked(dossier)
    dossier.find(OLD_IDENTITY, "complement", "La page 2 manque.")
    dossier.supply(OLD_IDENTITY, b"wrong")
    assert dossier.item(OLD_IDENTITY)["may_be_supplied"]
    assert dossier.supply(OLD_IDENTITY, RIGHT)["number"] == 3
    claimed(dossier)
    assert "son examen a commencé" in refusal(dossier)

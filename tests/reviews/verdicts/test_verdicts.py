"""A verdict: of who has the task, on the file that was read, explained when it is not good news."""

from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, Dossier, People, sha256, verdict
from tests.clients import Client, form
from tests.contents import picture

READ = sha256(picture(OLD_IDENTITY.encode()))


@pytest.fixture
def task(dossier: Dossier) -> Any:
    """The verifier has it."""
    return dossier.people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)


def refused(who: Client, status: int, task: Any, words: dict[str, Any]) -> Any:
    return who.refused(status, "POST", f"/tasks/{task['id']}/verdict", json=words)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("conform", "conform"), ("nonconform", "nonconform"), ("complement", "complement")],
)
def test_a_verdict_settles_the_item_and_is_kept_with_the_version(
    people: People, dossier: Dossier, task: Any, outcome: str, state: str
) -> None:
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task, outcome, "Vu page 3."), status=200)
    item = dossier.item(OLD_IDENTITY)
    assert [item["state"], item["proof"]["state"]] == [state, "decided"]
    (found,) = item["proof"]["verifications"]
    assert [found["outcome"], found["comment"], found["found_on"], found["revoked_on"]] == [
        outcome,
        "Vu page 3.",
        "2026-03-02",
        None,
    ]


def test_a_verdict_closes_the_task(people: People, task: Any) -> None:
    closed = people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    assert [closed["outcome"], closed["closed_at"]] == ["conform", "2026-03-02T09:00:00Z"]
    listed = people.verifier.get("/queues/proof_review/tasks")["items"]
    assert task["id"] not in [one["id"] for one in listed]


def test_the_last_verdict_brings_the_dossier_to_deliberation(people: People, dossier: Dossier) -> None:
    *first, last = dossier.states()
    for code in first:
        dossier.find(code)
    assert dossier.state == "in_review"
    dossier.find(last)
    assert dossier.state == "deliberation"


def test_no_verdict_without_having_the_task(people: People, dossier: Dossier) -> None:
    task = people.verifier.get(f"/tasks/{dossier.task(OLD_IDENTITY)}")
    assert "prenez-la d'abord" in refused(people.verifier, 409, task, verdict(task))["detail"]
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_no_verdict_on_another_s_task(people: People, dossier: Dossier, task: Any) -> None:
    refused(people(Role.VERIFIER, "Colin"), 409, task, verdict(task))
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_no_verdict_on_what_was_given_back(people: People, task: Any) -> None:
    people.verifier.send("DELETE", f"/tasks/{task['id']}/claim")
    refused(people.verifier, 409, task, verdict(task))


def test_no_second_verdict(people: People, dossier: Dossier, task: Any) -> None:
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    problem = refused(people.verifier, 409, task, verdict(task, "nonconform", "Non, finalement."))
    assert "terminée" in problem["detail"]
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


@pytest.mark.parametrize("outcome", ["nonconform", "complement"])
@pytest.mark.parametrize("comment", [{}, {"comment": " \n"}], ids=["no comment", "blank comment"])
def test_what_is_not_good_news_is_explained(
    people: People, dossier: Dossier, task: Any, outcome: str, comment: dict[str, str]
) -> None:
    problem = refused(people.verifier, 422, task, {"outcome": outcome, "file_sha256": READ, **comment})
    assert [error["pointer"] for error in problem["errors"]] == ["/comment"]
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_good_news_needs_no_comment(people: People, dossier: Dossier, task: Any) -> None:
    words = {"outcome": "conform", "file_sha256": READ}
    people.verifier.post(f"/tasks/{task['id']}/verdict", words, status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_a_verdict_may_name_the_file_in_capitals(people: People, dossier: Dossier, task: Any) -> None:
    people.verifier.post(
        f"/tasks/{task['id']}/verdict", verdict(task) | {"file_sha256": READ.upper()}, status=200
    )
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_a_verdict_that_names_no_sha256_is_told_to_correct_it(people: People, task: Any) -> None:
    problem = refused(people.verifier, 422, task, {"outcome": "conform", "file_sha256": READ[:-1]})
    assert [error["pointer"] for error in problem["errors"]] == ["/file_sha256"]


def test_a_verdict_names_the_file_that_was_read(people: People, task: Any) -> None:
    problem = refused(people.verifier, 422, task, {"outcome": "conform"})
    assert [error["pointer"] for error in problem["errors"]] == ["/file_sha256"]


def test_any_file_of_the_version_will_do(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY, "complement", "Montrez la suite.")
    files = [("un.png", picture(b"un")), ("deux.png", picture(b"deux"))]
    people.editor.upload(f"{dossier.item_path(OLD_IDENTITY)}/proofs", *files)
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    words = {"outcome": "conform", "file_sha256": sha256(picture(b"deux"))}
    people.verifier.post(f"/tasks/{task['id']}/verdict", words, status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_a_verdict_on_the_file_of_an_older_version_is_void(
    people: People, dossier: Dossier, task: Any
) -> None:
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task, "complement"), status=200)
    dossier.supply(OLD_IDENTITY, b"une autre version")
    again = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    problem = refused(people.verifier, 409, again, {"outcome": "conform", "file_sha256": READ})
    assert "relisez la tâche" in problem["detail"]
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again), status=200)


def test_a_verdict_on_a_file_of_another_item_is_void(people: People, task: Any) -> None:
    other = sha256(picture(OLD_PART.encode()))
    refused(people.verifier, 409, task, {"outcome": "conform", "file_sha256": other})


def test_what_is_under_review_does_not_change_under_the_verifier_s_eyes(
    people: People, dossier: Dossier, task: Any
) -> None:
    file = form(("preuve.txt", b"plus joli"))
    people.editor.refused(409, "POST", f"{dossier.item_path(OLD_IDENTITY)}/proofs", data=file)
    assert people.verifier.get(f"/tasks/{task['id']}")["subject"] == task["subject"]


def test_a_verdict_that_nobody_can_give_is_pointed_at(people: People, task: Any) -> None:
    problem = refused(people.verifier, 422, task, {"outcome": "maybe", "file_sha256": READ})
    assert [error["pointer"] for error in problem["errors"]] == ["/outcome"]
    assert "conform, nonconform, complement" in problem["errors"][0]["detail"]


def test_a_task_that_does_not_exist_gets_no_verdict(people: People) -> None:
    refused(people.verifier, 404, {"id": UUID(int=7)}, {"outcome": "conform"})


def test_who_names_no_file_is_told_which_there_are(people: People, dossier: Dossier, task: Any) -> None:
    (file,) = task["subject"]["proof"]["files"]
    problem = refused(people.verifier, 422, task, {"outcome": "conform"})
    (error,) = problem["errors"]
    assert error["pointer"] == "/file_sha256"
    assert file["filename"] in error["detail"]
    assert file["sha256"] in error["detail"]

"""Taking work: the oldest that is free, one verifier at a time, and given back when one cannot go on."""

from uuid import UUID

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, Dossier, People, sha256, verdict
from tests.clients import Client
from tests.contents import picture

ANOTHER = {"another": True}


@pytest.fixture
def colleague(people: People) -> Client:
    return people(Role.VERIFIER, "Colin")


def test_the_next_task_comes_whole(people: People, dossier: Dossier) -> None:
    task = people.verifier.post("/queues/proof_review/claims")
    assert [task["queue"], task["code"], task["candidature"]] == ["proof_review", OLD_IDENTITY, dossier.id]
    assert [task["claimed_by"], task["claimed_at"]] == ["Vasseur", "2026-03-02T09:00:00Z"]
    assert [task["explanation"], task["earlier"]] == [[], []]
    subject = task["subject"]
    assert subject == dossier.item(OLD_IDENTITY)
    assert [subject["requirement"], subject["text"]] == ["INS.01", "Une vidéo du logiciel."]
    (file,) = subject["proof"]["files"]
    assert [file["filename"], file["sha256"]] == ["preuve.png", sha256(picture(OLD_IDENTITY.encode()))]


def test_a_verifier_reads_the_files_of_a_task(people: People) -> None:
    proof = people.verifier.post("/queues/proof_review/claims")["subject"]["proof"]
    response = people.verifier.send("GET", f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}")
    assert response.data == picture(OLD_IDENTITY.encode())
    response.close()


def test_when_nothing_waits_there_is_nothing_to_take(people: People) -> None:
    response = people.verifier.send("POST", "/queues/equivalence/claims")
    assert [response.status_code, response.data] == [204, b""]


def test_tasks_are_taken_oldest_first_until_there_are_none(people: People, dossier: Dossier) -> None:
    taken = [people.verifier.post("/queues/proof_review/claims", ANOTHER)["code"] for _ in range(4)]
    assert taken == list(dossier.states())
    assert people.verifier.send("POST", "/queues/proof_review/claims", json=ANOTHER).status_code == 204


@pytest.mark.parametrize("path", ["/queues/proof_review/claims", "/claims", None])
def test_who_has_one_in_hand_is_told_before_they_take_another(
    people: People, dossier: Dossier, path: str | None
) -> None:
    mine = people.verifier.post("/claims")
    path, status = (path, 201) if path else (f"/tasks/{dossier.task(OLD_PART)}/claim", 200)
    problem = people.verifier.refused(409, "POST", path)
    assert mine["code"] in problem["detail"]
    assert [(one["task"], one["code"]) for one in problem["in_hand"]] == [(mine["id"], mine["code"])]
    assert people.verifier.post(path, ANOTHER, status)["id"] != mine["id"]


def test_who_has_judged_the_last_takes_the_next_without_a_word(people: People) -> None:
    for _ in range(2):
        task = people.verifier.post("/claims")
        people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), 200)
    assert people.verifier.post("/claims")["id"]


def test_a_task_tells_where_its_files_are_and_what_may_be_done_with_it(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    path = f"/tasks/{dossier.task(OLD_IDENTITY)}"
    assert people.verifier.get(path)["actions"] == ["claim"]
    assert people.lead.get(path)["actions"] == ["take_over"]
    task = people.verifier.post(f"{path}/claim", status=200)
    assert task["actions"] == ["ask_experts", "await_third_party", "give_back", "give_verdict"]
    assert colleague.get(path)["actions"] == []
    (file,) = task["subject"]["proof"]["files"]
    response = people.verifier.send("GET", file["address"].removeprefix("/api/v1"))
    assert response.data == picture(OLD_IDENTITY.encode())
    response.close()
    closed = people.verifier.post(f"{path}/verdict", verdict(task), 200)
    assert closed["actions"] == []


def test_two_verifiers_get_two_tasks(people: People, colleague: Client) -> None:
    mine = people.verifier.post("/queues/proof_review/claims")
    theirs = colleague.post("/queues/proof_review/claims")
    assert [mine["code"], theirs["code"]] == [OLD_IDENTITY, OLD_PART]


def test_one_can_take_the_task_that_one_wants(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_PART)}/claim", status=200)
    assert [task["code"], task["claimed_by"]] == [OLD_PART, "Vasseur"]
    assert task == people.verifier.get(f"/tasks/{task['id']}")


def test_taking_a_task_twice_is_taking_it(people: People, dossier: Dossier) -> None:
    path = f"/tasks/{dossier.task(OLD_PART)}/claim"
    assert people.verifier.post(path, status=200) == people.verifier.post(path, status=200)
    assert dossier.actions().count("task.claimed") == 1


def test_another_s_task_is_not_taken(people: People, dossier: Dossier, colleague: Client) -> None:
    path = f"/tasks/{dossier.task(OLD_PART)}/claim"
    colleague.post(path, status=200)
    assert "Colin a déjà cette tâche" in people.verifier.refused(409, "POST", path)["detail"]
    people.verifier.post("/queues/proof_review/claims")  # with one in hand, that is not asked about in vain
    assert "Colin a déjà cette tâche" in people.verifier.refused(409, "POST", path)["detail"]


def test_a_task_that_is_given_back_is_the_next_again(people: People, colleague: Client) -> None:
    mine = people.verifier.post("/queues/proof_review/claims")
    assert people.verifier.send("DELETE", f"/tasks/{mine['id']}/claim").status_code == 204
    assert people.verifier.get(f"/tasks/{mine['id']}")["claimed_by"] is None
    assert colleague.post("/queues/proof_review/claims")["id"] == mine["id"]


def test_one_gives_back_only_what_one_has(people: People, dossier: Dossier, colleague: Client) -> None:
    path = f"/tasks/{dossier.task(OLD_PART)}/claim"
    people.verifier.refused(409, "DELETE", path)
    people.verifier.post(path, status=200)
    problem = colleague.refused(409, "DELETE", path)
    assert "prenez-la d'abord" in problem["detail"]
    assert people.verifier.get(f"/tasks/{dossier.task(OLD_PART)}")["claimed_by"] == "Vasseur"


def test_taking_and_giving_back_are_told(people: People, dossier: Dossier) -> None:
    path = f"/tasks/{dossier.task(OLD_PART)}/claim"
    people.verifier.post(path, status=200)
    people.verifier.send("DELETE", path)
    events = [(event["action"], event["by"]) for event in dossier.timeline(people.lead)]
    assert events[-2:] == [("task.claimed", "Vasseur"), ("task.given_back", "Vasseur")]


def test_a_closed_task_is_not_taken(people: People, dossier: Dossier, colleague: Client) -> None:
    task = dossier.task(OLD_PART)
    dossier.find(OLD_PART)
    assert "terminée" in colleague.refused(409, "POST", f"/tasks/{task}/claim")["detail"]


def test_whether_a_dossier_is_complete_is_not_a_verifier_s_work(people: People) -> None:
    dossier = people.draft("LGC-V1")
    dossier.submit(incomplete=True)
    (task,) = dossier.tasks("admissibility")
    for path in ("/queues/admissibility/claims", f"/tasks/{task['id']}/claim"):
        problem = people.verifier.refused(409, "POST", path)
        assert "par un responsable" in problem["detail"]


def test_an_expert_s_queue_is_not_a_verifier_s_work(people: People) -> None:
    problem = people.verifier.refused(409, "POST", "/queues/expert_opinion/claims")
    assert "« expertise »" in problem["detail"]


@pytest.mark.parametrize("queue", ["second_reading", "duo_follow_up"])
def test_nothing_waits_in_the_queues_that_have_no_source_yet(people: People, queue: str) -> None:
    assert people.verifier.send("POST", f"/queues/{queue}/claims").status_code == 204


def test_a_task_that_does_not_exist_is_not_taken(people: People) -> None:
    people.verifier.refused(404, "POST", f"/tasks/{UUID(int=7)}/claim")


def test_a_dossier_that_is_withdrawn_leaves_nothing_to_take(people: People, dossier: Dossier) -> None:
    dossier.withdraw()
    assert people.verifier.send("POST", "/queues/proof_review/claims").status_code == 204

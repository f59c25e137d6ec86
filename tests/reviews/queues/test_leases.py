"""A claim is a lease: renewed by who has it, nobody's once it has run out, and taken over by a lead with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, Dossier, People, verdict
from tests.clients import Client
from tests.conftest import Time


@pytest.fixture
def colleague(people: People) -> Client:
    return people(Role.VERIFIER, "Colin")


@pytest.fixture
def task(people: People, dossier: Dossier) -> Any:
    """The verifier has it until 13:00."""
    return people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)


def pass_hours(time: Time, hours: float) -> None:
    time.now += timedelta(hours=hours)


def account(people: People, name: str) -> str:
    return next(str(one["id"]) for one in people.lead.get("/verifiers")["items"] if one["name"] == name)


def test_a_claim_lasts_four_hours(people: People, task: Any, time: Time) -> None:
    assert task["claim_expires_at"] == "2026-03-02T13:00:00Z"
    pass_hours(time, 3.9)
    assert people.verifier.get(f"/tasks/{task['id']}")["claimed_by"] == "Vasseur"
    pass_hours(time, 0.1)
    after = people.verifier.get(f"/tasks/{task['id']}")
    assert [after["claimed_by"], after["claimed_at"], after["claim_expires_at"]] == [None, None, None]


def test_an_expired_claim_counts_as_none(people: People, task: Any, time: Time, colleague: Client) -> None:
    pass_hours(time, 4)
    counts = {queue["name"]: queue for queue in people.lead.get("/queues")["items"]}["proof_review"]
    assert [counts["waiting"], counts["in_hand"]] == [4, 0]
    listed = colleague.get("/queues/proof_review/tasks")["items"][0]
    assert [listed["id"], listed["claimed_by"], listed["claimable"]] == [task["id"], None, True]
    assert colleague.post("/queues/proof_review/claims")["id"] == task["id"]


def test_claiming_again_holds_it_longer(people: People, task: Any, time: Time, colleague: Client) -> None:
    pass_hours(time, 3)
    again = people.verifier.post(f"/tasks/{task['id']}/claim", status=200)
    assert again["claim_expires_at"] == "2026-03-02T16:00:00Z"
    assert again["claimed_at"] == task["claimed_at"]
    pass_hours(time, 2)
    colleague.refused(409, "POST", f"/tasks/{task['id']}/claim")


def test_who_comes_back_late_goes_on_when_nobody_took_it(
    people: People, dossier: Dossier, task: Any, time: Time
) -> None:
    pass_hours(time, 20)
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_who_comes_back_late_is_told_that_somebody_took_it(
    people: People, dossier: Dossier, task: Any, time: Time, colleague: Client
) -> None:
    pass_hours(time, 4)
    colleague.post(f"/tasks/{task['id']}/claim", status=200)
    problem = people.verifier.refused(409, "POST", f"/tasks/{task['id']}/verdict", json=verdict(task))
    assert "votre réservation a expiré" in problem["detail"]
    colleague.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_a_lead_gives_a_task_to_another(
    people: People, dossier: Dossier, task: Any, colleague: Client
) -> None:
    colleague.get("/queues")
    words = {"verifier": account(people, "Colin"), "reason": "Vasseur est malade."}
    taken = people.lead.post(f"/tasks/{task['id']}/takeover", words, status=200)
    assert taken["claimed_by"] == "Colin"
    people.verifier.refused(409, "POST", f"/tasks/{task['id']}/verdict", json=verdict(task))
    told = dossier.timeline(people.lead)[-1]
    assert told["action"] == "task.taken_over"
    assert told["detail"] == {
        "task": task["id"],
        "internal": {"from": "Vasseur", "to": "Colin", "reason": "Vasseur est malade."},
    }
    seen = dossier.timeline()[-1]
    assert (seen["by"], seen["detail"]) == ("agence", {"task": task["id"]})


def test_a_lead_gives_a_task_back_to_the_queue(people: People, task: Any, colleague: Client) -> None:
    people.lead.post(f"/tasks/{task['id']}/takeover", {"reason": "Trop long."}, status=200)
    assert colleague.post("/queues/proof_review/claims")["id"] == task["id"]


def test_a_lead_assigns_a_task_that_nobody_has(people: People, dossier: Dossier) -> None:
    people.verifier.get("/queues")
    words = {"verifier": account(people, "Vasseur"), "reason": "Elle connaît ce logiciel."}
    path = f"/tasks/{dossier.task(OLD_PART)}/takeover"
    assert people.lead.post(path, words, status=200)["claimed_by"] == "Vasseur"
    assert "déjà ainsi" in people.lead.refused(409, "POST", path, json=words)["detail"]


def test_taking_over_asks_for_a_reason_and_a_verifier(people: People, task: Any) -> None:
    path = f"/tasks/{task['id']}/takeover"
    people.lead.refused(422, "POST", path, json={})
    people.lead.refused(404, "POST", path, json={"verifier": str(UUID(int=7)), "reason": "Urgent."})
    assert people.verifier.get(f"/tasks/{task['id']}")["claimed_by"] == "Vasseur"


def test_a_task_that_is_closed_or_of_a_lead_is_not_taken_over(people: People, dossier: Dossier) -> None:
    people.verifier.get("/queues")
    words = {"verifier": account(people, "Vasseur"), "reason": "Urgent."}
    closed = dossier.task(OLD_PART)
    dossier.find(OLD_PART)
    filed = people.draft("LGC-V1")
    filed.submit(incomplete=True)
    (admissibility,) = filed.tasks("admissibility")
    for task in (closed, admissibility["id"]):
        people.lead.refused(409, "POST", f"/tasks/{task}/takeover", json=words)

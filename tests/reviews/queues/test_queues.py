"""What waits in the queues: counted, in order, page by page, and seen by the agency only."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.candidatures.dossiers import GENERAL, OLD_IDENTITY, OLD_PART, Dossier, People
from tests.candidatures.running import Running
from tests.conftest import Time

QUEUES = [
    "admissibility",
    "proof_review",
    "equivalence",
    "second_reading",
    "expert_opinion",
    "duo_follow_up",
]


def counted(people: People) -> dict[str, tuple[int, int]]:
    """How much waits in each queue, and how much is in somebody's hands; queues without either are left out."""
    queues = people.lead.get("/queues")["items"]
    assert [queue["name"] for queue in queues] == QUEUES
    found = {queue["name"]: (queue["waiting"], queue["in_hand"]) for queue in queues}
    return {name: amount for name, amount in found.items() if amount != (0, 0)}


@pytest.fixture
def alone(running: Running) -> Iterator[People]:
    """Without any dossier."""
    with running.after() as (people, _):
        yield people


def test_without_dossier_every_queue_is_empty(alone: People) -> None:
    assert counted(alone) == {}


def test_a_filed_dossier_is_one_piece_of_work(alone: People) -> None:
    alone.draft().submit(incomplete=True)
    assert counted(alone) == {"admissibility": (1, 0)}


def test_an_admitted_dossier_is_one_piece_of_work_for_each_proof_or_reuse_to_look_at(alone: People) -> None:
    solution = alone.solution()
    alone.referenced("LGC-V1", solution)
    alone.in_review("LGC-V2", solution)
    assert counted(alone) == {"proof_review": (3, 0), "equivalence": (1, 0)}


def test_what_somebody_has_taken_is_in_hand_until_the_verdict(people: People, dossier: Dossier) -> None:
    people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    assert counted(people)["proof_review"] == (3, 1)
    dossier.find(OLD_IDENTITY)
    assert counted(people)["proof_review"] == (3, 0)


def test_tasks_are_listed_by_days_left_whatever_the_dossier(
    people: People, dossier: Dossier, time: Time
) -> None:
    first = dossier
    time.pass_days(1)
    second = people.in_review("LGC-V2")
    first.find(OLD_IDENTITY, "complement", "Montrez la date.")
    first.supply(OLD_IDENTITY, b"avec la date")
    tasks = people.verifier.get("/queues/proof_review/tasks")["items"]
    assert [(task["candidature"], task["code"]) for task in tasks] == [
        *((first.id, code) for code in list(first.states())[1:]),
        (first.id, OLD_IDENTITY),  # the day that it waited for a verdict counts
        *((second.id, code) for code in GENERAL),
    ]
    assert [task["working_days_left"] for task in tasks] == [14] * 4 + [15] * len(GENERAL)


def test_tasks_come_in_pages(people: People) -> None:
    first = people.verifier.get("/queues/proof_review/tasks?limit=3")
    second = people.verifier.get(f"/queues/proof_review/tasks?limit=3&cursor={first['next']}")
    assert [len(first["items"]), len(second["items"]), second["next"]] == [3, 1, None]
    whole = people.verifier.get("/queues/proof_review/tasks")["items"]
    assert first["items"] + second["items"] == whole


def test_a_listed_task_says_what_it_is_about_and_who_has_it(people: People, dossier: Dossier) -> None:
    people.verifier.post(f"/tasks/{dossier.task(OLD_PART)}/claim", status=200)
    _, task, *_ = people.lead.get("/queues/proof_review/tasks")["items"]
    said = {
        "id": dossier.task(OLD_PART),
        "queue": "proof_review",
        "candidature": dossier.id,
        "dsr": "LGC-V1",
        "organisation": "Éditions Alizé",
        "commercial_name": "Alpha",
        "item": dossier.item(OLD_PART)["id"],
        "code": OLD_PART,
        "chapter": "INS",
        "guichet": "ANS",
        "opened_at": "2026-03-02T09:00:00Z",
        "third_party_since": None,
        "due_on": "2026-03-23",
        "working_days_left": 15,
        "warning": None,
        "order": "15 jours ouvrés restants",
        "closed_at": None,
        "outcome": None,
        "claimed_by": "Vasseur",
        "claimed_at": "2026-03-02T09:00:00Z",
        "claim_expires_at": "2026-03-02T13:00:00Z",
        "claimable": False,
        "awaits_second_reading": False,
        "actions": ["take_over"],
    }
    assert task == said


def test_a_task_can_be_read_before_it_is_taken(people: People, dossier: Dossier) -> None:
    task = people.verifier.get(f"/tasks/{dossier.task(OLD_PART)}")
    assert [task["code"], task["claimed_by"]] == [OLD_PART, None]
    assert task["subject"] == people.verifier.get(dossier.item_path(OLD_PART))


@pytest.mark.parametrize(("method", "below"), [("GET", "tasks"), ("POST", "claims")])
def test_a_queue_that_does_not_exist_is_not_found(people: People, method: str, below: str) -> None:
    problem = people.verifier.refused(404, method, f"/queues/proof-reviews/{below}")
    assert "/api/v1/queues" in problem["detail"]


def test_a_task_that_does_not_exist_is_not_found(people: People) -> None:
    people.verifier.refused(404, "GET", f"/tasks/{UUID(int=7)}")

"""Many at once: each line is done, or refused with its reason, and prevents no other."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import Role
from referencing.reviews.steering.schemas import MOST_LINES
from tests.candidatures.dossiers import ALIZE, Dossier, People
from tests.clients import Client

NOBODY = str(UUID(int=7))
LAST = "2026-03-31"


@pytest.fixture
def colin(people: People) -> Client:
    verifier = people(Role.VERIFIER, "Colin")
    verifier.get("/queues")
    return verifier


@pytest.fixture
def tasks(dossier: Dossier) -> list[str]:
    return [task["id"] for task in dossier.tasks("proof_review")]


def id_of(people: People, name: str = "Colin") -> str:
    (one,) = [one for one in people.lead.get("/verifiers")["items"] if one["name"] == name]
    return str(one["id"])


def assign(people: People, tasks: list[str], verifier: str = "", key: str | None = None) -> Any:
    words = {"tasks": tasks, "verifier": verifier or id_of(people)}
    headers = {"Idempotency-Key": key} if key else None
    return people.lead.post("/bulk/assignments", words, status=200, headers=headers)


def statuses(report: Any) -> list[int | str]:
    """`done`, or the status of why not."""
    return [line["problem"]["status"] if "problem" in line else line["outcome"] for line in report["lines"]]


# --- assignments ---------------------------------------------------------------------------------------------


def test_tasks_are_given_as_if_claimed(
    people: People, dossier: Dossier, colin: Client, tasks: list[str]
) -> None:
    report = assign(people, tasks)
    assert report == {
        "done": 4,
        "refused": 0,
        "lines": [{"task": task, "outcome": "done"} for task in tasks],
    }
    assert {one["claimed_by"] for one in dossier.tasks("proof_review")} == {"Colin"}
    for reader, to in ((people.lead, {"to": "Colin"}), (people.editor, None)):
        told = [one["detail"] for one in dossier.timeline(reader) if one["action"] == "task.assigned"]
        assert sorted(one["task"] for one in told) == sorted(tasks)
        assert [one.get("internal") for one in told] == [to] * len(tasks)


def test_each_line_has_its_outcome_in_its_place(
    people: People, dossier: Dossier, colin: Client, tasks: list[str]
) -> None:
    people.verifier.post(f"/tasks/{tasks[1]}/claim", status=200)
    report = assign(people, [tasks[3], NOBODY, tasks[1], tasks[0]])
    assert statuses(report) == ["done", 404, 409, "done"]
    assert [report["done"], report["refused"]] == [2, 2]
    assert "Vasseur a déjà cette tâche" in report["lines"][2]["problem"]["detail"]
    assert [one["claimed_by"] for one in dossier.tasks("proof_review")] == ["Colin", "Vasseur", None, "Colin"]


def test_a_limit_holds_within_one_request(people: People, colin: Client, tasks: list[str]) -> None:
    people.lead.put(f"/verifiers/{id_of(people)}/skills", {"most_in_hand": 3})
    report = assign(people, tasks)
    assert sorted(map(str, statuses(report))) == ["409", "done", "done", "done"]
    assert "pour une limite de 3" in str(report)


def test_who_declared_a_conflict_is_given_nothing(people: People, colin: Client, tasks: list[str]) -> None:
    colin.post("/conflicts", {"organisation": ALIZE})
    assert statuses(assign(people, tasks)) == [403] * 4


def test_who_is_away_is_given_nothing(people: People, colin: Client, tasks: list[str]) -> None:
    colin.post("/absences", {"starts_on": "2026-03-02", "ends_on": "2026-03-06"})
    report = assign(people, tasks[:1])
    assert statuses(report) == [409]
    assert "en congé" in report["lines"][0]["problem"]["detail"]


def test_who_is_no_verifier_is_given_nothing(people: People, tasks: list[str]) -> None:
    assert statuses(assign(people, tasks[:1], NOBODY)) == [404]


def test_what_is_closed_or_no_verifier_s_is_not_given(
    people: People, dossier: Dossier, colin: Client
) -> None:
    code = next(iter(dossier.states()))
    closed = dossier.task(code)
    dossier.find(code)
    (waiting,) = people.submitted("LGC-V1").tasks("admissibility")
    assert statuses(assign(people, [closed, waiting["id"]])) == [409, 409]


def test_two_leads_at_once_share_the_tasks(people: People, dossier: Dossier, tasks: list[str]) -> None:
    for name in ("Colin", "Colette"):
        people(Role.VERIFIER, name).get("/queues")
    ids = [id_of(people, name) for name in ("Colin", "Colette")]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda one: assign(people, tasks[:: 1 if one else -1], ids[one]), [0, 1]))
    assert sum(one["done"] for one in reports) == len(tasks)
    assert {one["claimed_by"] for one in dossier.tasks("proof_review")} <= {"Colin", "Colette"}


# --- boosts --------------------------------------------------------------------------------------------------


def boosts(people: People, *wanted: dict[str, Any]) -> Any:
    lines = [{"reason": "Comité", "ends_on": LAST, **one} for one in wanted]
    return people.lead.post("/bulk/boosts", {"boosts": lines}, status=200)


def test_many_boosts_are_made_and_put_in_force(people: People, dossier: Dossier) -> None:
    report = boosts(
        people, {"chapter": "DMP", "weight": 5}, {"vague": 1}, {}, {"vague": 2, "ends_on": "2026-03-01"}
    )
    assert statuses(report) == ["done", "done", 422, 422]
    made = [line["boost"] for line in report["lines"] if "boost" in line]
    assert people.lead.get("/boosts")["items"] == made
    first, second = (one["chapter"] for one in dossier.tasks("proof_review")[:2])
    assert [first, second] == ["DMP", "INS"]


def test_a_line_that_is_not_a_boost_is_pointed_at(people: People) -> None:
    words = {"boosts": [{"vague": 1, "reason": "Comité", "ends_on": LAST}, {"vague": 1, "reason": "Comité"}]}
    problem = people.lead.refused(422, "POST", "/bulk/boosts", json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/boosts/1/ends_on"]
    assert people.lead.get("/boosts")["items"] == []


# --- admissibility -------------------------------------------------------------------------------------------


def judge(
    people: People, *candidatures: str, outcome: str = "admissible", incomplete: bool = False, **options: Any
) -> Any:
    words = {
        "candidatures": list(candidatures),
        "outcome": outcome,
        "comment": "Vu ensemble.",
        "incomplete": incomplete,
    }
    return people.lead.post("/bulk/admissibility", words, status=200, **options)


def test_many_dossiers_are_admitted_and_one_with_gaps_is_not(people: People, dossier: Dossier) -> None:
    complete, other = people.submitted("LGC-V1"), people.submitted("LGC-V2")
    gaps = people.draft("LGC-V1")
    gaps.submit(incomplete=True)
    report = judge(people, gaps.id, other.id, NOBODY, complete.id, dossier.id, complete.id)
    assert statuses(report) == [409, "done", 404, "done", 409, 409]
    assert [one.state for one in (complete, other, gaps)] == ["in_review", "in_review", "submitted"]
    assert len(complete.tasks("proof_review")) == 4
    assert [line["candidature"] for line in report["lines"]][:2] == [gaps.id, other.id]
    (told,) = [one for one in complete.timeline() if one["action"] == "candidature.admitted"]
    assert told["detail"] == {"comment": "Vu ensemble."}
    receipt = report["lines"][3]["receipt"]
    assert people.lead.get(f"/candidatures/{complete.id}/receipts/{receipt['number']}") == {
        **receipt,
        "intact": True,
    }
    assert ["receipt" in line for line in report["lines"]] == [False, True, False, True, False, False]
    assert "preuves manquent" in report["lines"][0]["problem"]["detail"]
    assert statuses(judge(people, gaps.id, incomplete=True)) == ["done"]
    assert gaps.state == "in_review"


def test_many_dossiers_are_given_back(people: People) -> None:
    found = [people.submitted("LGC-V1"), people.submitted("LGC-V1")]
    assert judge(people, *(one.id for one in found), outcome="incomplete")["done"] == 2
    assert [one.state for one in found] == ["incomplete", "incomplete"]


# --- all of them ---------------------------------------------------------------------------------------------


def test_a_request_sent_twice_is_done_once(
    people: People, dossier: Dossier, colin: Client, tasks: list[str]
) -> None:
    first = assign(people, tasks, key="lot-1")
    assert assign(people, tasks, key="lot-1") == first
    assert [one["action"] for one in dossier.timeline()].count("task.assigned") == 4
    waiting = people.submitted("LGC-V1")
    done = judge(people, waiting.id, headers={"Idempotency-Key": "lot-2"})
    assert judge(people, waiting.id, headers={"Idempotency-Key": "lot-2"}) == done


@pytest.mark.parametrize("lines", [[], [NOBODY] * (MOST_LINES + 1)], ids=["none", "too many"])
@pytest.mark.parametrize(("path", "name"), [("assignments", "tasks"), ("admissibility", "candidatures")])
def test_a_request_has_from_one_to_five_hundred_lines(
    people: People, path: str, name: str, lines: list[str]
) -> None:
    others = {"verifier": NOBODY} if path == "assignments" else {"outcome": "admissible"}
    problem = people.lead.refused(422, "POST", f"/bulk/{path}", json={name: lines, **others})
    assert [error["pointer"] for error in problem["errors"]] == [f"/{name}"]

"""The clock of each task: its budget, its pauses, when it is due, and the warnings before that."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.tasks.models import Task
from tests.candidatures.dossiers import OLD_CNDA, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People
from tests.conftest import Time


def clock(people: People, dossier: Dossier, code: str) -> tuple[str, int]:
    """When the open task about an item is due, and how many working days are left."""
    task = people.verifier.get(f"/tasks/{dossier.task(code)}")
    return task["due_on"], task["working_days_left"]


def codes(people: People, query: str = "") -> list[str]:
    return [task["code"] for task in people.verifier.get(f"/queues/proof_review/tasks{query}")["items"]]


def set_budget(people: People, days: int, queue: str = "proof_review", **words: Any) -> Any:
    return people.lead.put(f"/budgets/{queue}", {"days": days, **words})


def test_a_task_is_due_when_its_fifteen_working_days_are_used_up(people: People, dossier: Dossier) -> None:
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-23", 15)


def test_days_pass_while_a_task_waits_or_is_in_hand(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(7)  # Monday to Monday
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-23", 10)
    people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    time.pass_days(1)
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-23", 9)


def test_the_answer_to_a_complement_restarts_the_clock_where_it_was(
    people: People, dossier: Dossier, time: Time
) -> None:
    time.pass_days(4)  # Friday: 4 days used
    dossier.find(OLD_IDENTITY, "complement", "Montrez la date.")
    time.pass_days(30)  # with the editor
    dossier.supply(OLD_IDENTITY, b"avec la date")  # Sunday 5 April; the 6th is Easter Monday
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-04-21", 11)
    time.pass_days(3)  # Tuesday and Wednesday
    dossier.find(OLD_IDENTITY, "complement", "Et l'heure.")
    dossier.supply(OLD_IDENTITY, b"avec la date et l'heure")
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-04-21", 9)


def test_the_clock_of_one_item_is_not_that_of_another(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(4)
    dossier.find(OLD_IDENTITY, "complement", "Montrez la date.")
    time.pass_days(3)
    dossier.supply(OLD_IDENTITY, b"avec la date")
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-24", 11)
    assert clock(people, dossier, OLD_PART) == ("2026-03-23", 10)


def test_filing_again_restarts_the_clock_of_admissibility(people: People, time: Time) -> None:
    dossier = people.draft("LGC-V1")
    dossier.submit(incomplete=True)
    time.pass_days(4)
    dossier.judge("incomplete", "Il manque tout.")
    time.pass_days(10)
    dossier.submit(incomplete=True)
    (task,) = dossier.tasks("admissibility")
    assert [task["due_on"], task["working_days_left"]] == ["2026-03-31", 11]
    assert task["due_on"] == dossier.read()["due_on"]


def test_a_budget_overrun_before_the_answer_came_was_due_then(
    people: People, dossier: Dossier, time: Time
) -> None:
    """And comes before what is less late, though its due date is the earlier one by far."""
    time.pass_days(22)  # Tuesday 24 March: a day late
    dossier.find(OLD_IDENTITY, "complement", "Montrez la date.")
    time.pass_days(15)  # Wednesday 8 April; Easter Monday in between
    dossier.supply(OLD_IDENTITY, b"avec la date")
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-23", -1)
    assert clock(people, dossier, OLD_PART) == ("2026-03-23", -11)
    assert codes(people)[-1] == OLD_IDENTITY


def test_nothing_is_due_of_a_closed_task(people: People, dossier: Dossier) -> None:
    task = dossier.task(OLD_IDENTITY)
    dossier.find(OLD_IDENTITY)
    closed = people.verifier.get(f"/tasks/{task}")
    assert [closed[key] for key in ("due_on", "working_days_left", "warning", "order")] == [None] * 4


def test_a_budget_is_set_for_a_queue_and_open_tasks_follow(people: People, dossier: Dossier) -> None:
    said = set_budget(people, 5)
    assert said == {"queue": "proof_review", "guichet": None, "days": 5}
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-09", 5)
    assert set_budget(people, 20)["days"] == 20
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-30", 20)
    assert people.verifier.get("/budgets")["items"] == [said | {"days": 20}]


def test_a_guichet_may_have_a_budget_of_its_own(people: People, dossier: Dossier) -> None:
    set_budget(people, 20)
    set_budget(people, 3, guichet="CNDA")
    assert [clock(people, dossier, code)[1] for code in (OLD_IDENTITY, OLD_CNDA)] == [20, 3]
    assert codes(people)[0] == OLD_CNDA
    found = people.lead.get("/budgets")["items"]
    assert [(one["guichet"], one["days"]) for one in found] == [(None, 20), ("CNDA", 3)]


def test_a_new_budget_counts_what_was_used_before(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(4)
    dossier.find(OLD_IDENTITY, "complement", "Montrez la date.")
    dossier.supply(OLD_IDENTITY, b"avec la date")
    set_budget(people, 6)
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-10", 2)


def test_the_clocks_of_two_servers_may_differ_by_a_moment(
    people: People, dossier: Dossier, time: Time
) -> None:
    """A task that was closed, by one clock, after its successor had opened by another."""
    time.pass_days(4)
    closed = dossier.task(OLD_IDENTITY)
    dossier.find(OLD_IDENTITY, "complement", "Montrez la date.")
    dossier.supply(OLD_IDENTITY, b"avec la date")
    with db.transaction(people.parts.sessions) as session:
        late = time.now + timedelta(seconds=1)
        session.execute(sa.update(Task).where(Task.id == closed).values(closed_at=late))
    set_budget(people, 20)
    assert clock(people, dossier, OLD_IDENTITY) == ("2026-03-30", 16)


def test_a_new_task_has_the_budget_of_the_day(people: People) -> None:
    set_budget(people, 3, queue="admissibility")
    dossier = people.draft("LGC-V1")
    dossier.submit(incomplete=True)
    assert [task["working_days_left"] for task in dossier.tasks("admissibility")] == [3]


@pytest.mark.parametrize(
    "words", [{"days": 0}, {"days": 101}, {"days": "5"}, {"days": 5, "guichet": "POSTE"}, {}]
)
def test_a_budget_that_makes_no_sense_is_refused(people: People, words: dict[str, Any]) -> None:
    people.lead.refused(422, "PUT", "/budgets/proof_review", json=words)


def test_a_queue_that_does_not_exist_has_no_budget(people: People) -> None:
    people.lead.refused(404, "PUT", "/budgets/reviews", json={"days": 5})


def test_warnings_come_with_the_days_and_lists_are_narrowed_down_to_them(
    people: People, dossier: Dossier, time: Time
) -> None:
    set_budget(people, 6)
    set_budget(people, 3, guichet="CNDA")
    seen = []
    for days in (0, 1, 3, 3, 2):  # Monday 2 March, Tuesday, Friday, Monday, Wednesday
        time.pass_days(days)
        tasks = people.verifier.get("/queues/proof_review/tasks")["items"]
        alerts = {task["code"]: task["warning"] for task in tasks}
        narrowed = [len(codes(people, f"?due={due}")) for due in ("5", "2", "overdue")]
        seen.append((alerts[OLD_CNDA], alerts[OLD_TRAITS], narrowed))
    assert seen == [
        ("soon", None, [1, 0, 0]),
        ("urgent", "soon", [4, 1, 0]),
        ("overdue", "urgent", [4, 4, 1]),
        ("overdue", "urgent", [4, 4, 1]),
        ("overdue", "overdue", [4, 4, 4]),
    ]


def test_an_overdue_list_comes_in_pages(people: People, time: Time) -> None:
    time.pass_days(60)
    first = people.lead.get("/queues/proof_review/tasks?due=overdue&limit=3")
    second = people.lead.get(f"/queues/proof_review/tasks?due=overdue&limit=3&cursor={first['next']}")
    assert [len(first["items"]), len(second["items"]), second["next"]] == [3, 1, None]


def test_a_list_is_not_narrowed_down_to_just_anything(people: People) -> None:
    people.lead.refused(422, "GET", "/queues/proof_review/tasks?due=tomorrow")


def test_the_admissibility_of_a_dossier_has_no_budget_by_guichet(people: People) -> None:
    words = {"guichet": "CNDA", "days": 10}
    (error,) = people.lead.refused(422, "PUT", "/budgets/admissibility", json=words)["errors"]
    assert error["pointer"] == "/guichet"
